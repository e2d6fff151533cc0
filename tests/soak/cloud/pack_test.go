package cloud

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// sample has each sort of value.
var sample = Item{
	"id": &types.AttributeValueMemberS{Value: "a \"quoted\" \\ text, and ü"}, "seq": &types.AttributeValueMemberN{Value: "-12.5"},
	"yes": &types.AttributeValueMemberBOOL{Value: true}, "no": &types.AttributeValueMemberBOOL{}, "nothing": &types.AttributeValueMemberNULL{Value: true},
	"map": &types.AttributeValueMemberM{Value: Item{"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{
		&types.AttributeValueMemberS{}, &types.AttributeValueMemberM{Value: Item{}}, &types.AttributeValueMemberN{Value: "1"},
	}}}},
}

func TestItemsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	assert.Equal(t, sample, (&unpacker{pack(nil, sample)}).item())
	p := partition{entries: []entry{{seq: 1, item: sample}, {seq: 2, item: Item{}}}, used: true}
	p.pack()
	assert.False(t, p.packed, "it was in use since the last time")
	p.pack()
	assert.True(t, p.packed)
	assert.Nil(t, p.entries[0].item)
	p.unpack()
	assert.Equal(t, sample, p.entries[0].item)
}

func TestImagesAreThoseOfLambda(t *testing.T) {
	t.Parallel()
	var value events.DynamoDBAttributeValue
	require.NoError(t, value.UnmarshalJSON(appendValue(nil, &types.AttributeValueMemberM{Value: sample})))
	item, err := eventlog.FromStream(value.Map())
	require.NoError(t, err)
	assert.Equal(t, sample, item)
}
