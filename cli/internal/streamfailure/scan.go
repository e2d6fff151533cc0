package streamfailure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// DynamoDB is the part of the DynamoDB client that is needed.
type DynamoDB interface {
	Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

const (
	// before is how much older than its stream record a commit may be: it has its time
	// before it is written, in an invocation of at most a quarter of an hour.
	before = 15 * time.Minute
	// after is how far the clocks of AWS may disagree.
	after = 5 * time.Minute
)

// Attributes of items: the time of a commit, and what tells to-do rows that were begun
// with and those that were deleted.
const (
	commitTime = "time"
	rowAttempt = "_attempt"
	rowDeleted = "_deleted"
)

// window is a time from which commits are taken.
type window struct{ from, to string }

// windows are the times of failures.
func windows(failures []Failure) []window {
	times := make([]window, len(failures))
	for i, f := range failures {
		times[i] = window{eventlog.FormatTime(f.FirstArrival.Add(-before)), eventlog.FormatTime(f.LastArrival.Add(after))}
	}
	return times
}

// scan asks for the items that stand for records which are no longer in the stream. All
// failures are of one function and table. An error says that nothing does.
func (r *Repeater) scan(failures []Failure) (*dynamodb.ScanInput, func(map[string]types.AttributeValue) bool, error) {
	f := failures[0]
	table := f.Table()
	in := &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)}
	switch part := r.part(f.Function()); {
	case slices.Contains(slices.Collect(maps.Values(r.Plugin.EventLogs)), table):
		times := windows(failures)
		in.FilterExpression = aws.String("#time BETWEEN :from AND :to")
		in.ExpressionAttributeNames = map[string]string{"#time": commitTime}
		in.ExpressionAttributeValues = map[string]types.AttributeValue{
			":from": &types.AttributeValueMemberS{Value: slices.MinFunc(times, func(a, b window) int { return strings.Compare(a.from, b.from) }).from},
			":to":   &types.AttributeValueMemberS{Value: slices.MaxFunc(times, func(a, b window) int { return strings.Compare(a.to, b.to) }).to},
		}
		return in, within(times), nil
	case part == definition.FunctionFeeds:
		return nil, nil, errors.New("the changed rows are no longer in the stream, and those who were subscribed to them have not waited; the rows themselves are right. Remove the messages with 'dlq purge'")
	case part == definition.FunctionAutomations || strings.HasPrefix(part, definition.FunctionAutomations+"-"):
		in.FilterExpression = aws.String("attribute_not_exists(#attempt) AND attribute_not_exists(#deleted)")
		in.ExpressionAttributeNames = map[string]string{"#attempt": rowAttempt, "#deleted": rowDeleted}
		return in, func(map[string]types.AttributeValue) bool { return true }, nil
	}
	return nil, nil, fmt.Errorf("the plugin %s no longer has the table %s or the function %s; if nothing has to be made up for, remove the messages with 'dlq purge'", r.Plugin.Name, table, f.Function())
}

// within says whether a commit is of one of the times.
func within(times []window) func(map[string]types.AttributeValue) bool {
	return func(item map[string]types.AttributeValue) bool {
		at, ok := item[commitTime].(*types.AttributeValueMemberS)
		return ok && slices.ContainsFunc(times, func(w window) bool { return w.from <= at.Value && at.Value <= w.to })
	}
}

// part is the part of the plugin that a function is, "" for another plugin's.
func (r *Repeater) part(function string) string {
	for part, name := range r.Plugin.Functions {
		if name == function {
			return part
		}
	}
	return ""
}

// fromTable makes records of a table's items and hands them on page by page. Items with
// the same hash key come in the order of their range keys.
func (r *Repeater) fromTable(ctx context.Context, failures []Failure, use func([]record) error) error {
	in, wanted, err := r.scan(failures)
	if err != nil {
		return err
	}
	number := 0
	var problems []error
	for pages := dynamodb.NewScanPaginator(r.DynamoDB, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return errors.Join(append(problems, fmt.Errorf("read the table %s: %w", *in.TableName, err))...)
		}
		var records []record
		for _, item := range page.Items {
			if !wanted(item) {
				continue
			}
			number++
			made, err := failures[0].newRecord(inserted, fmt.Sprintf("%021d", number), failures[0].FirstArrival.Unix(), item)
			if err != nil {
				return err
			}
			records = append(records, made)
		}
		problems = append(problems, use(records))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(problems...)
}
