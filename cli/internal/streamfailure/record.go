package streamfailure

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Limits of one invocation.
const (
	// maxRecords is the batch size of the event source mappings.
	maxRecords = 100
	// maxBytes leaves room below the 6 MB that Lambda takes in one invocation.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxBytes = 5 << 20
)

// record is a stream record as Lambda hands it to functions.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
type record struct {
	EventID        string `json:"eventID"`
	EventName      string `json:"eventName"`
	EventVersion   string `json:"eventVersion"`
	EventSource    string `json:"eventSource"`
	AWSRegion      string `json:"awsRegion"`
	Change         change `json:"dynamodb"`
	EventSourceARN string `json:"eventSourceARN"`
}

type change struct {
	Created        int64           `json:"ApproximateCreationDateTime"`
	Keys           json.RawMessage `json:"Keys"`
	NewImage       json.RawMessage `json:"NewImage"`
	SequenceNumber string          `json:"SequenceNumber"`
	SizeBytes      int             `json:"SizeBytes"`
	StreamViewType string          `json:"StreamViewType"`
}

// inserted is the name of the event of a new item.
const inserted = "INSERT"

// keyNames are the key attributes of event logs and tables of rows; the latter have the
// first one only.
var keyNames = []string{"id", "seq"}

// newRecord makes a record of an item.
func (f Failure) newRecord(name, sequence string, created int64, item map[string]types.AttributeValue) (record, error) {
	keys := map[string]types.AttributeValue{}
	for _, key := range keyNames {
		if value, ok := item[key]; ok {
			keys[key] = value
		}
	}
	image, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return record{}, fmt.Errorf("write the record %s of table %s: %w", sequence, f.Table(), err)
	}
	key, err := attributevalue.MarshalMapJSON(keys)
	if err != nil {
		return record{}, fmt.Errorf("write the key of the record %s of table %s: %w", sequence, f.Table(), err)
	}
	return record{
		EventID: sequence, EventName: name, EventVersion: "1.1", EventSource: "aws:dynamodb", AWSRegion: f.Region(), EventSourceARN: f.StreamARN,
		Change: change{Created: created, Keys: key, NewImage: image, SequenceNumber: sequence, SizeBytes: len(image), StreamViewType: "NEW_IMAGE"},
	}, nil
}

// batches splits records into invocations, in their order.
func batches(records []record) [][]record {
	var split [][]record
	size := 0
	for _, r := range records {
		bytes := len(r.Change.NewImage) + len(r.Change.Keys) + 1024
		last := len(split) - 1
		if last < 0 || len(split[last]) == maxRecords || size+bytes > maxBytes {
			split, size, last = append(split, nil), 0, last+1
		}
		split[last] = append(split[last], r)
		size += bytes
	}
	return split
}
