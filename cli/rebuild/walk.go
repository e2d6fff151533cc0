package rebuild

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// scan is a table in which the keys of rows are looked for.
type scan struct {
	table string
	// first says that it is an event log, in which each stream has one first commit.
	first bool
	// prefixes are what the hash keys begin with whose remainder is the key of a row, none
	// when hash keys are the keys of rows.
	prefixes []string
	// missing says that only the rows are looked for that are not in the fresh table.
	missing bool
}

// logScans find all rows that events lead to.
func (r *run) logScans() (scans []scan) {
	for _, log := range r.described.Logs {
		scans = append(scans, scan{table: log.Table, first: true, prefixes: log.Prefixes})
	}
	return scans
}

// rowScans find the rows of a phase.
func (r *run) rowScans(phase string) []scan {
	if phase == phaseSwitch {
		return []scan{{table: r.described.Fresh}}
	}
	return []scan{{table: r.described.Table, missing: true}}
}

// errRowsFailed says that a step failed for some rows.
var errRowsFailed = errors.New("some rows failed")

// walk takes a step with all rows that scans find, segment by segment in parallel. In a
// phase a segment goes on where the state says; the state goes forward with each page of
// which no row failed, as long as none failed before.
func (r *run) walk(ctx context.Context, phase string, scans []scan, step protocol.RebuildStep) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var segments sync.WaitGroup
	for i, s := range scans {
		for n := range r.state.segments {
			segments.Go(func() {
				place := ""
				if phase != "" {
					place = fmt.Sprintf("%s-%d-%d", phase, i, n)
				}
				if err := r.segment(ctx, s, n, place, step); err != nil {
					cancel(err)
				}
			})
		}
	}
	segments.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if failed := r.counts.failed(); failed > 0 {
		return fmt.Errorf("%w: %d", errRowsFailed, failed)
	}
	return nil
}

// segment takes a step with the rows of one segment of a table.
func (r *run) segment(ctx context.Context, s scan, n int, place string, step protocol.RebuildStep) error {
	start, begun := r.placeOf(place)
	for !begun || len(start) > 0 {
		page, err := r.page(ctx, s, n, start)
		if err != nil {
			return err
		}
		ids, err := r.idsOf(ctx, s, page.Items)
		if err != nil {
			return err
		}
		failed, err := r.work(ctx, step, ids)
		if err != nil {
			return err
		}
		if start, begun = page.LastEvaluatedKey, true; failed {
			place = ""
		}
		if place == "" {
			continue
		}
		if err := r.set(ctx, item{place: &types.AttributeValueMemberM{Value: item(start)}}); err != nil {
			return err
		}
	}
	return nil
}

// placeOf is where a segment goes on, and whether it was begun; it was at its end when the
// place is empty.
func (r *run) placeOf(place string) (start item, begun bool) {
	kept, ok := r.state.places[place].(*types.AttributeValueMemberM)
	if !ok {
		return nil, false
	}
	return kept.Value, true
}

// page reads keys from one segment of a table.
func (r *run) page(ctx context.Context, s scan, n int, start item) (*dynamodb.ScanOutput, error) {
	in := &dynamodb.ScanInput{
		TableName: &s.table, ProjectionExpression: aws.String(attrID), ExclusiveStartKey: start,
		Segment: aws.Int32(int32(n)), TotalSegments: aws.Int32(int32(r.state.segments)), ConsistentRead: aws.Bool(true),
	}
	if s.first {
		in.FilterExpression = aws.String("seq = :first")
		in.ExpressionAttributeValues = item{":first": &types.AttributeValueMemberN{Value: strconv.Itoa(1)}}
	}
	var page *dynamodb.ScanOutput
	err := r.patiently(ctx, func() (err error) {
		page, err = r.DynamoDB.Scan(ctx, in)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("scan the table %s: %w", s.table, err)
	}
	return page, nil
}

// idsOf are the keys of the rows that a page leads to, each once.
func (r *run) idsOf(ctx context.Context, s scan, items []map[string]types.AttributeValue) ([]string, error) {
	found := map[string]bool{}
	for _, i := range items {
		if id, ok := s.id(textOf(i[attrID])); ok {
			found[id] = true
		}
	}
	ids := slices.Sorted(maps.Keys(found))
	if !s.missing {
		return ids, nil
	}
	return r.notInFresh(ctx, ids)
}

// id is the key of the row that a hash key leads to, false when it leads to none.
func (s scan) id(key string) (string, bool) {
	if len(s.prefixes) == 0 {
		return key, s.first || key != protocol.RebuildStateID
	}
	for _, prefix := range s.prefixes {
		if id, ok := strings.CutPrefix(key, prefix); ok {
			return id, true
		}
	}
	return "", false
}

// maxKeys is how many keys a BatchGetItem has at most (API reference).
const maxKeys = 100

// notInFresh are those of some rows that are not in the fresh table.
func (r *run) notInFresh(ctx context.Context, ids []string) (missing []string, err error) {
	for some := range slices.Chunk(ids, maxKeys) {
		there, err := r.inFresh(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("look for rows in the table %s: %w", r.described.Fresh, err)
		}
		missing = slices.AppendSeq(missing, func(yield func(string) bool) {
			for _, id := range some {
				if !there[id] && !yield(id) {
					return
				}
			}
		})
	}
	return missing, nil
}

// inFresh says which of some rows are in the fresh table.
func (r *run) inFresh(ctx context.Context, ids []string) (map[string]bool, error) {
	keys := make([]map[string]types.AttributeValue, len(ids))
	for i, id := range ids {
		keys[i] = item{attrID: text(id)}
	}
	there := map[string]bool{}
	asked := map[string]types.KeysAndAttributes{r.described.Fresh: {Keys: keys, ProjectionExpression: aws.String(attrID), ConsistentRead: aws.Bool(true)}}
	for round := 1; len(asked) > 0; round++ {
		if round > 1 {
			if err := r.Retry.Wait(ctx, round-1); err != nil {
				return nil, err
			}
		}
		var out *dynamodb.BatchGetItemOutput
		err := r.patiently(ctx, func() (err error) {
			out, err = r.DynamoDB.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: asked})
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, i := range out.Responses[r.described.Fresh] {
			there[textOf(i[attrID])] = true
		}
		asked = out.UnprocessedKeys
	}
	return there, nil
}
