package dcb

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	attrID    = "id"
	attrSeq   = "seq"
	attrGuard = "guard"
	// guardSeq is the range key of guards. Events are numbered from 1.
	guardSeq = 0
)

// guardItem is a guard as an item.
type guardItem struct {
	ID            string        `dynamodbav:"id"`
	Seq           int64         `dynamodbav:"seq"`
	Guard         bool          `dynamodbav:"guard"`
	CommandID     string        `dynamodbav:"commandId"`
	CorrelationID string        `dynamodbav:"correlationId,omitempty"`
	Time          string        `dynamodbav:"time"`
	About         guardAbout    `dynamodbav:"about"`
	Streams       []guardStream `dynamodbav:"streams"`
}

// guardAbout is the home stream that the command's result is about.
type guardAbout struct {
	Tag     string `dynamodbav:"tag"`
	ID      string `dynamodbav:"id"`
	Version int64  `dynamodbav:"version"`
}

// guardStream is a stream that the command wrote to.
type guardStream struct {
	ID      string `dynamodbav:"id"`
	Seq     int64  `dynamodbav:"seq"`
	Version int64  `dynamodbav:"version"`
}

// encodeGuard writes a guard as a DynamoDB item.
func encodeGuard(g Guard) map[string]types.AttributeValue {
	streams := make([]guardStream, len(g.Streams))
	for i, w := range g.Streams {
		streams[i] = guardStream{ID: w.Stream, Seq: w.Seq, Version: w.Version}
	}
	item, err := attributevalue.MarshalMap(guardItem{
		ID: g.Key, Seq: guardSeq, Guard: true, CommandID: g.CommandID, CorrelationID: g.CorrelationID, Time: g.Time,
		About: guardAbout{Tag: g.Tag, ID: g.ID, Version: g.Version}, Streams: streams,
	})
	if err != nil {
		panic("dcb: strings, integers and booleans cannot be written: " + err.Error())
	}
	return item
}

// decodeGuard reads a guard from a DynamoDB item.
func decodeGuard(item map[string]types.AttributeValue) (Guard, error) {
	var read guardItem
	if err := attributevalue.UnmarshalMap(item, &read); err != nil {
		return Guard{}, fmt.Errorf("the item is no guard of a DCB log: %w", err)
	}
	if !read.Guard || read.CommandID == "" || len(read.Streams) == 0 {
		return Guard{}, fmt.Errorf("the item %q is no guard of a DCB log", read.ID)
	}
	g := Guard{Key: read.ID, CommandID: read.CommandID, CorrelationID: read.CorrelationID, Time: read.Time,
		Tag: read.About.Tag, ID: read.About.ID, Version: read.About.Version}
	for _, s := range read.Streams {
		g.Streams = append(g.Streams, Written{Stream: s.ID, Seq: s.Seq, Version: s.Version})
	}
	return g, nil
}

// itemKey is the primary key of an item.
func itemKey(id string, seq int64) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		attrID:  &types.AttributeValueMemberS{Value: id},
		attrSeq: &types.AttributeValueMemberN{Value: strconv.FormatInt(seq, 10)},
	}
}
