package dcb_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// emit is a handler that answers with one ProductAdded of the command's data.
func emit(data string) dcb.Decide {
	return func(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
		return []turn.Event{{Type: "ProductAdded", Data: json.RawMessage(data)}}, nil, nil
	}
}

// addProduct is a command with its data.
func addProduct(id, data string) dcb.Command {
	return dcb.Command{Slice: "AddProduct", Type: "AddProduct", Data: json.RawMessage(data),
		Origin: eventlog.Origin{CommandID: id, CorrelationID: "k", CausationID: "m", Actor: json.RawMessage(`{"sub":"u"}`)}}
}

func TestStreamsAreThoseOfEventLogs(t *testing.T) {
	t.Parallel()
	db := eventlogtest.New(eventlogtest.Table{Name: table, Log: true})
	log := dcb.New(dcb.NewDynamoDB(db, table), shop)
	for i, product := range []string{"p1", "p2", "p1"} {
		data := `{"productId":"` + product + `","categoryId":"c=1"}`
		_, err := log.Execute(t.Context(), addProduct(string(rune('a'+i)), data), emit(data))
		require.NoError(t, err)
	}
	home := eventlog.New(db, table, "productId", eventlog.WithPrefix(dcb.FamilyPrefix(dcb.HomeFamily("productId"))))
	stream, err := home.Read(t.Context(), "p1", 0)
	require.NoError(t, err)
	assert.Equal(t, int64(2), stream.Version)
	assert.Equal(t, "p1", stream.Commits[0].ID)
	family, _ := dcb.Family(shop, "ProductAdded", "categoryId")
	byCategory := eventlog.New(db, table, "categoryId", eventlog.WithPrefix(dcb.FamilyPrefix(family)))
	page, more, err := byCategory.ReadPage(t.Context(), "c=1", 1)
	require.NoError(t, err)
	assert.False(t, more)
	assert.Equal(t, int64(3), page.Version, "numbered by itself")
	assert.Equal(t, []string{"p2", "p1"}, []string{page.Events[0].ID, page.Events[1].ID})
	assert.Equal(t, stream.Events[1], page.Events[1], "the same event")
	assert.Equal(t, map[string][]string{"productId": {"p1"}, "categoryId": {"c=1"}}, page.Events[1].Tags)

	var keys []string
	for _, record := range db.Records(table) {
		if dcb.IsGuard(record.Change.NewImage) {
			continue
		}
		commit, err := eventlog.DecodeImage(record.Change.NewImage)
		require.NoError(t, err)
		keys = append(keys, commit.ID)
		if commit.ID == "productId=p1" && commit.Seq == 2 {
			assert.Equal(t, stream.Events[1:], commit.Recorded("anything"))
			commit.ID = "p1"
			assert.Equal(t, stream.Commits[1], commit)
		}
	}
	assert.Equal(t, []string{"productId=p1", "categoryId#ProductAdded=c=1", "productId=p2", "categoryId#ProductAdded=c=1", "productId=p1", "categoryId#ProductAdded=c=1"}, keys)
}

// failing is a client all of whose requests fail.
type failing struct{ err error }

func (f failing) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, f.err
}

func (f failing) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, f.err
}

func (f failing) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, f.err
}

func TestErrorsOfDynamoDB(t *testing.T) {
	t.Parallel()
	other := errors.New("connection reset")
	for name, c := range map[string]struct{ err, want error }{
		"throttled":   {&types.ThrottlingException{}, dcb.ErrThrottled},
		"provisioned": {&types.ProvisionedThroughputExceededException{}, dcb.ErrThrottled},
		"limit":       {&types.RequestLimitExceeded{}, dcb.ErrThrottled},
		"in progress": {&types.TransactionInProgressException{}, dcb.ErrThrottled},
		"validation":  {&smithy.GenericAPIError{Code: "ValidationException"}, nil},
		"other":       {other, other},
	} {
		store := dcb.NewDynamoDB(failing{c.err}, table)
		_, _, readErr := store.Read(t.Context(), "productId=p", 0, 0)
		_, lastErr := store.Last(t.Context(), "productId=p")
		_, _, guardErr := store.Guard(t.Context(), dcb.GuardKey("s", "1"))
		for _, err := range []error{readErr, lastErr, guardErr, store.Append(t.Context(), dcb.Transaction{})} {
			require.Error(t, err, name)
			assert.ErrorContains(t, err, "table "+table, name)
			assert.ErrorIs(t, err, c.err, name)
			assert.Equal(t, c.want == dcb.ErrThrottled, errors.Is(err, dcb.ErrThrottled), name)
		}
	}
}

func TestReasonsComeInOrder(t *testing.T) {
	t.Parallel()
	store := dcb.NewDynamoDB(failing{&types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
		{Code: aws.String("None")}, {}, {Code: aws.String("ConditionalCheckFailed")}, {Code: aws.String("TransactionConflict")},
	}}}, table)
	err := store.Append(t.Context(), dcb.Transaction{})
	var cancelled *dcb.CancelledError
	require.ErrorAs(t, err, &cancelled)
	assert.Equal(t, []string{dcb.ReasonNone, dcb.ReasonNone, dcb.ReasonConditionFailed, dcb.ReasonConflict}, cancelled.Reasons)
}

func TestDamagedItemsAreErrors(t *testing.T) {
	t.Parallel()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	db := eventlogtest.New(eventlogtest.Table{Name: table, Log: true})
	for _, item := range []eventlogtest.Item{
		{"id": text("productId=damaged"), "seq": &types.AttributeValueMemberN{Value: "1"}},
		{"id": text(dcb.GuardKey("AddProduct", "1")), "seq": &types.AttributeValueMemberN{Value: "0"}},
		{"id": text(dcb.GuardKey("AddProduct", "2")), "seq": &types.AttributeValueMemberN{Value: "0"}, "guard": text("x")},
	} {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item})
		require.NoError(t, err)
	}
	_, err := eventlog.New(db, table, "productId", eventlog.WithPrefix("productId=")).
		Append(t.Context(), "gap", 1, eventlog.Origin{CommandID: "1"}, []turn.Event{{Type: "ProductAdded", Data: json.RawMessage(`{}`)}})
	require.NoError(t, err)
	store := dcb.NewDynamoDB(db, table)
	log := dcb.New(store, shop)
	for product, want := range map[string]string{"damaged": "no commit of an event log", "gap": "event 1 is missing"} {
		_, err := log.Execute(t.Context(), addProduct("3", `{"productId":"`+product+`"}`), emit(`{"productId":"x"}`))
		assert.ErrorContains(t, err, want)
		assert.NotErrorIs(t, err, dcb.ErrConflict)
	}
	_, err = store.Last(t.Context(), "productId=damaged")
	assert.ErrorContains(t, err, "no commit")
	for _, id := range []string{"1", "2"} {
		_, err := log.Execute(t.Context(), addProduct(id, `{}`), emit(`{"productId":"x"}`))
		assert.ErrorContains(t, err, "no guard of a DCB log")
	}
}
