package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commit is the item of a log.
func commit(id string, seq int) Item {
	return Item{"id": &types.AttributeValueMemberS{Value: id}, "seq": &types.AttributeValueMemberN{Value: fmt.Sprint(seq)}}
}

// environment is an environment without an engine.
func environment(c *Cloud) *Environment { return &Environment{cloud: c, dice: c.newDice("test")} }

// appends puts an item of a log that must not be there.
func appends(ctx context.Context, e *Environment, id string, seq int) error {
	_, err := e.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("log"), Item: commit(id, seq), ConditionExpression: aws.String("attribute_not_exists(id)")})
	return err
}

func TestRecordsOfAPartitionKeepTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(1, Faults{})
		c.AddLog("log")
		e := environment(c)
		for seq := range 300 {
			require.NoError(t, appends(t.Context(), e, "a", seq+1))
		}
		var all []string
		for _, s := range c.tables["log"].stream.shards {
			reader, _ := s.join()
			for {
				batch := s.read(reader, streamBatch)
				if len(batch) == 0 {
					break
				}
				for _, r := range batch {
					_, image, _ := strings.Cut(string(r.image), `{"N":"`)
					number, _, _ := strings.Cut(image, `"`)
					all = append(all, number)
				}
				s.advance(reader, len(batch))
				assert.LessOrEqual(t, len(s.records), 300)
			}
			assert.Zero(t, s.behind(reader))
		}
		require.Len(t, all, 300)
		for i, number := range all {
			assert.Equal(t, fmt.Sprint(i+1), number)
		}
	})
}

func TestTransactionsAreAllOrNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(1, Faults{})
		c.AddLog("log")
		e := environment(c)
		require.NoError(t, appends(t.Context(), e, "a", 1))
		item := func(id string) types.TransactWriteItem {
			return types.TransactWriteItem{Put: &types.Put{TableName: aws.String("log"), Item: commit(id, 1), ConditionExpression: aws.String("attribute_not_exists(id)")}}
		}
		_, err := e.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{item("b"), item("a")}})
		var cancelled *types.TransactionCanceledException
		require.ErrorAs(t, err, &cancelled)
		assert.Equal(t, "None", *cancelled.CancellationReasons[0].Code)
		assert.Equal(t, "ConditionalCheckFailed", *cancelled.CancellationReasons[1].Code)
		assert.Empty(t, c.tables["log"].read("b").entries)
	})
}

// The SDK repeats a request whose answer was lost, and DynamoDB refuses the repetition of
// a write because of its own first effect; a transaction has a token against that.
func TestLostAnswersAndThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(1, Faults{LostAnswers: 0.5})
		c.AddLog("log")
		e := environment(c)
		refused := 0
		for seq := range 50 {
			var lost *types.ConditionalCheckFailedException
			if err := appends(t.Context(), e, "a", seq+1); errors.As(err, &lost) {
				refused++
			}
			_, err := e.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: aws.String("log"), Item: commit("b", seq), ConditionExpression: aws.String("attribute_not_exists(id)")}},
			}})
			var cancelled *types.TransactionCanceledException
			assert.False(t, errors.As(err, &cancelled))
		}
		assert.Positive(t, refused)
		assert.Len(t, c.tables["log"].read("a").entries, 50)
		c.Faults = Faults{Throttled: 1}
		var code smithy.APIError
		assert.ErrorAs(t, appends(t.Context(), e, "a", 51), &code)
		assert.Len(t, c.tables["log"].read("a").entries, 50)
	})
}

func TestNoLineRunsAfterACrash(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(1, Faults{Crashes: 1})
		c.AddLog("log")
		e := environment(c)
		ran := false
		var working sync.WaitGroup
		for range 2 {
			working.Go(func() {
				_ = appends(t.Context(), e, "a", 1)
				ran = true
			})
		}
		working.Wait()
		assert.False(t, ran)
		assert.EqualValues(t, 1, c.Figures.Crashes.Load())
	})
}
