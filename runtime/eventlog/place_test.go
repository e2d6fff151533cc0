package eventlog

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// placed is a commit of a DCB log, as its item is in the stream of a further tag.
func placed() Commit {
	c := testCommit
	c.ID, c.Position = "categoryId#A=c1", 17
	c.Places = []Place{
		{Tag: "productId", ID: "p1", Number: 5, Index: 0, Tags: map[string][]string{"productId": {"p1"}, "categoryId": {"c1", "c2"}}},
		{Tag: "productId", ID: "p2", Number: 1, Index: 2, Tags: map[string][]string{"productId": {"p2"}}},
	}
	return c
}

func TestPlacesRoundTrip(t *testing.T) {
	t.Parallel()
	want := placed()
	got, err := DecodeItem(EncodeItem(want))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	recorded := got.Recorded("anything")
	assert.Equal(t, "productId", recorded[1].Component)
	assert.Equal(t, "p2", recorded[1].ID)
	assert.Equal(t, int64(1), recorded[1].Number)
	assert.Equal(t, int64(17), recorded[1].Position)
	assert.Equal(t, want.Places[0].Tags, recorded[0].Tags)
}

func TestItemsOfAggregatesHaveNoPlaces(t *testing.T) {
	t.Parallel()
	item := EncodeItem(testCommit)
	assert.NotContains(t, item, "position")
	event := item["events"].(*types.AttributeValueMemberL).Value[0].(*types.AttributeValueMemberM).Value
	assert.Len(t, event, 2)
}

func TestDecodeItemNamesDamagedPlaces(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(event map[string]types.AttributeValue){
		"no home":     func(e map[string]types.AttributeValue) { delete(e, "home") },
		"no index":    func(e map[string]types.AttributeValue) { delete(e, "index") },
		"no tags":     func(e map[string]types.AttributeValue) { delete(e, "tags") },
		"home a text": func(e map[string]types.AttributeValue) { e["home"] = text("p2") },
		"home empty":  func(e map[string]types.AttributeValue) { clear(e["home"].(*types.AttributeValueMemberM).Value) },
		"tag a text": func(e map[string]types.AttributeValue) {
			e["tags"].(*types.AttributeValueMemberM).Value["productId"] = text("p2")
		},
		"tag of number": func(e map[string]types.AttributeValue) {
			e["tags"].(*types.AttributeValueMemberM).Value["productId"].(*types.AttributeValueMemberL).Value[0] = number(1)
		},
	} {
		item := EncodeItem(placed())
		change(item["events"].(*types.AttributeValueMemberL).Value[1].(*types.AttributeValueMemberM).Value)
		_, err := DecodeItem(item)
		assert.ErrorContains(t, err, `"events[1]" must be a map with a home`, name)
	}
	item := EncodeItem(placed())
	item["position"] = text("17")
	_, err := DecodeItem(item)
	assert.ErrorContains(t, err, `"position"`)
}
