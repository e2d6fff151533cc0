package cloud

import (
	"encoding/json"
	"hash/fnv"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// shardCount is how many shards the stream of each table has.
const shardCount = 32

// trimAt is how many records that all readers are done with a shard keeps at most.
const trimAt = 100

// record is a record of a stream. image is the new image as Lambda's event has it.
type record struct {
	number   int64
	modified bool
	image    []byte
}

// sequence is the record's sequence number.
func (r record) sequence() string { return strconv.FormatInt(100_000_000_000_000_000+r.number, 10) }

// stream is the stream of a table. Records of one partition are in one shard, in the
// order of the writes; nothing orders the records of different shards.
type stream struct {
	figures *Figures
	shards  [shardCount]*shard
}

// shard is a shard with the positions of its readers.
type shard struct {
	mu      sync.Mutex
	records []record
	// first counts the records that were trimmed, next all there ever were.
	first, next int64
	// positions are the numbers of the records that readers want next, woken their
	// signals that there are further ones.
	positions []int64
	woken     []chan struct{}
}

// newStream returns an empty stream.
func (c *Cloud) newStream() *stream {
	s := &stream{figures: &c.Figures}
	for i := range s.shards {
		s.shards[i] = &shard{}
	}
	return s
}

// add appends the record of a write.
func (s *stream) add(id string, modified bool, item Item) {
	digest := fnv.New32a()
	_, _ = digest.Write([]byte(id))
	s.shards[digest.Sum32()%shardCount].add(record{modified: modified, image: appendImage(nil, item)})
	s.figures.Records.Add(1)
}

// add appends a record and wakes the readers.
func (s *shard) add(r record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.number = s.next
	s.next++
	s.records = append(s.records, r)
	for _, woken := range s.woken {
		select {
		case woken <- struct{}{}:
		default:
		}
	}
}

// join adds a reader, at the beginning.
func (s *shard) join() (reader int, woken <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.positions = append(s.positions, 0)
	s.woken = append(s.woken, make(chan struct{}, 1))
	return len(s.positions) - 1, s.woken[len(s.woken)-1]
}

// read gives the next records of a reader.
func (s *shard) read(reader, most int) []record {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := int(s.positions[reader] - s.first)
	to := min(from+most, len(s.records))
	return s.records[from:to:to]
}

// advance moves a reader on and trims what all readers are done with.
func (s *shard) advance(reader, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.positions[reader] += int64(count)
	least := s.next
	for _, position := range s.positions {
		least = min(least, position)
	}
	if least-s.first > trimAt {
		s.records = append([]record(nil), s.records[least-s.first:]...)
		s.first = least
	}
}

// behind is how many records a reader still has to come to.
func (s *shard) behind(reader int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(s.next - s.positions[reader])
}

// payload is the Lambda event of a batch.
func payload(arn string, records []record) []byte {
	buffer := append(make([]byte, 0, 1024*len(records)), `{"Records":[`...)
	for i, r := range records {
		if i > 0 {
			buffer = append(buffer, ',')
		}
		name := "INSERT"
		if r.modified {
			name = "MODIFY"
		}
		buffer = append(buffer, `{"eventName":"`+name+`","eventSource":"aws:dynamodb","awsRegion":"`+region+`","eventSourceARN":"`+arn+
			`","dynamodb":{"StreamViewType":"NEW_IMAGE","SequenceNumber":"`+r.sequence()+`","NewImage":`...)
		buffer = append(append(buffer, r.image...), "}}"...)
	}
	return append(buffer, "]}"...)
}

// appendImage appends an item as an event has it.
func appendImage(buffer []byte, item Item) []byte {
	buffer = append(buffer, '{')
	first := true
	for name, value := range item {
		if !first {
			buffer = append(buffer, ',')
		}
		first = false
		buffer = appendValue(append(appendText(buffer, name), ':'), value)
	}
	return append(buffer, '}')
}

// appendValue appends an attribute of the types that the engine writes.
func appendValue(buffer []byte, value types.AttributeValue) []byte {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		buffer = appendText(append(buffer, `{"S":`...), v.Value)
	case *types.AttributeValueMemberN:
		buffer = appendText(append(buffer, `{"N":`...), v.Value)
	case *types.AttributeValueMemberBOOL:
		buffer = strconv.AppendBool(append(buffer, `{"BOOL":`...), v.Value)
	case *types.AttributeValueMemberM:
		buffer = appendImage(append(buffer, `{"M":`...), v.Value)
	case *types.AttributeValueMemberL:
		buffer = append(buffer, `{"L":[`...)
		for i, element := range v.Value {
			if i > 0 {
				buffer = append(buffer, ',')
			}
			buffer = appendValue(buffer, element)
		}
		buffer = append(buffer, ']')
	default:
		buffer = append(buffer, `{"NULL":true`...)
	}
	return append(buffer, '}')
}

// appendText appends a text as JSON.
func appendText(buffer []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			encoded, _ := json.Marshal(text) // a text can always be encoded
			return append(buffer, encoded...)
		}
	}
	return strconv.AppendQuote(buffer, text)
}
