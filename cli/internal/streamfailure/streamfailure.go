// Package streamfailure makes happen again what a function that reads a table's stream has
// given up.
//
//  1. Lambda sends a [Failure] to a dead-letter queue: which function, and where in which
//     stream the records are. The records are not in it, and are in the stream for 24
//     hours only.
//  2. [Repeater.Repeat] reads them from the stream as long as they are there. Later it
//     takes the items from the table instead: the commits of an event log from the time of
//     the failure and somewhat around it, or the to-do rows that nobody has begun with.
//     These may be more than the ones that failed, never fewer.
//  3. It invokes the function with them, as Lambda does, until none is reported as failed.
//     All functions tell what they have done already by its id or number, so a
//     repetition, of what was done as well, has no second effect.
//  4. A failure counts as done only then; whoever calls deletes its message. A crash before
//     that leads to a repetition.
package streamfailure

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Failure says which records a function has given up.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
type Failure struct {
	FunctionARN string `json:"functionArn"`
	// Condition is why they were given up, such as RetryAttemptsExhausted; FunctionError
	// is "Unhandled" when the invocation itself failed.
	Condition     string `json:"condition"`
	FunctionError string `json:"functionError,omitempty"`
	Invocations   int    `json:"invocations"`
	// RequestID is that of the last invocation, by which its log lines are found.
	RequestID string `json:"requestId"`
	StreamARN string `json:"streamArn"`
	ShardID   string `json:"shardId"`
	// First and Last are the sequence numbers of the first and last record.
	First string `json:"firstSequenceNumber"`
	Last  string `json:"lastSequenceNumber"`
	// FirstArrival and LastArrival are about when these were written.
	FirstArrival time.Time `json:"firstArrival"`
	LastArrival  time.Time `json:"lastArrival"`
	Records      int       `json:"records"`
	Timestamp    string    `json:"timestamp"`
}

// message is the failure as Lambda writes it.
type message struct {
	Request struct {
		RequestID   string `json:"requestId"`
		FunctionARN string `json:"functionArn"`
		Condition   string `json:"condition"`
		Invocations int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	Response struct {
		FunctionError string `json:"functionError"`
	} `json:"responseContext"`
	Timestamp string `json:"timestamp"`
	Batch     struct {
		ShardID      string    `json:"shardId"`
		First        string    `json:"startSequenceNumber"`
		Last         string    `json:"endSequenceNumber"`
		FirstArrival time.Time `json:"approximateArrivalOfFirstRecord"`
		LastArrival  time.Time `json:"approximateArrivalOfLastRecord"`
		Records      int       `json:"batchSize"`
		StreamARN    string    `json:"streamArn"`
	} `json:"DDBStreamBatchInfo"`
}

// Parse reads the message of a failure.
func Parse(body string) (Failure, error) {
	var m message
	err := json.Unmarshal([]byte(body), &m)
	if b := m.Batch; err == nil && (m.Request.FunctionARN == "" || b.StreamARN == "" || b.ShardID == "" || b.First == "" || b.Last == "" || b.FirstArrival.IsZero() || b.LastArrival.IsZero()) {
		err = errors.New("it does not name the function, the stream, the shard, both sequence numbers and both times")
	}
	if err != nil {
		return Failure{}, fmt.Errorf("the message is no failure of a stream's reader: %w", err)
	}
	return Failure{
		FunctionARN: m.Request.FunctionARN, Condition: m.Request.Condition, FunctionError: m.Response.FunctionError,
		Invocations: m.Request.Invocations, RequestID: m.Request.RequestID,
		StreamARN: m.Batch.StreamARN, ShardID: m.Batch.ShardID, First: m.Batch.First, Last: m.Batch.Last,
		FirstArrival: m.Batch.FirstArrival, LastArrival: m.Batch.LastArrival, Records: m.Batch.Records, Timestamp: m.Timestamp,
	}, nil
}

// Table is the name of the stream's table, from an ARN of
// arn:aws:dynamodb:region:account:table/NAME/stream/LABEL.
func (f Failure) Table() string {
	parts := strings.Split(f.StreamARN, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

// Region is the region of the stream.
func (f Failure) Region() string {
	parts := strings.Split(f.StreamARN, ":")
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}

// Function is the function's name, from an ARN of
// arn:aws:lambda:region:account:function:NAME, maybe with a version.
func (f Failure) Function() string {
	parts := strings.Split(f.FunctionARN, ":")
	if len(parts) < 7 {
		return f.FunctionARN
	}
	return parts[6]
}
