package dcb_test

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// shop is a small model.
var shop = definition.DCB{
	Tags: map[string]definition.Tag{"productId": {Fields: []string{"productId", "items.productId"}}, "categoryId": {}},
	Events: map[string][]string{
		"ProductAdded": {"productId", "categoryId"}, "CategoryOpened": {"categoryId"},
	},
	Slices: map[string]definition.Slice{
		"AddProduct": {Reads: []definition.Criterion{
			{Events: []string{"ProductAdded"}, Tags: []string{"productId"}}, {Events: []string{"CategoryOpened"}, Tags: []string{"categoryId"}},
		}},
		"Open": {},
	},
}

func TestFamilies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		eventType, tag, family string
		ok                     bool
	}{
		"home":             {"ProductAdded", "productId", "productId", true},
		"further":          {"ProductAdded", "categoryId", "categoryId#ProductAdded", true},
		"home of another":  {"CategoryOpened", "categoryId", "categoryId", true},
		"not carried":      {"CategoryOpened", "productId", "", false},
		"not declared":     {"Unknown", "productId", "", false},
		"tag not declared": {"ProductAdded", "unknown", "", false},
	} {
		family, ok := dcb.Family(shop, c.eventType, c.tag)
		assert.Equal(t, c.family, family, name)
		assert.Equal(t, c.ok, ok, name)
	}
	tag, ok := dcb.HomeTag(shop, "ProductAdded")
	assert.Equal(t, "productId", tag)
	assert.True(t, ok)
	_, ok = dcb.HomeTag(shop, "Unknown")
	assert.False(t, ok)
}

func TestStreamKeys(t *testing.T) {
	t.Parallel()
	for key, want := range map[string][]string{
		"productId=p1":                {"productId", "p1", "productId", ""},
		"categoryId#ProductAdded=c1":  {"categoryId#ProductAdded", "c1", "categoryId", "ProductAdded"},
		"productId=a=b#c":             {"productId", "a=b#c", "productId", ""},
		"command=AddProduct/1":        {"command", "AddProduct/1", "command", ""},
		"productId= ":                 {"productId", " ", "productId", ""},
		dcb.StreamKey("a#B", "=\x00"): {"a#B", "=\x00", "a", "B"},
	} {
		family, value, ok := dcb.ParseStreamKey(key)
		assert.True(t, ok, key)
		tag, eventType := dcb.ParseFamily(family)
		assert.Equal(t, want, []string{family, value, tag, eventType}, key)
		assert.Equal(t, key, dcb.StreamKey(family, value))
	}
	for _, key := range []string{"", "p1", "=p1", "productId=", "a#=v", "a#b#c=v", dcb.GuardKey("AddProduct", "1"), dcb.GuardKey("AddProduct", "a=b")} {
		_, _, ok := dcb.ParseStreamKey(key)
		assert.False(t, ok, key)
	}
}

func TestIsGuard(t *testing.T) {
	t.Parallel()
	assert.True(t, dcb.IsGuard(map[string]events.DynamoDBAttributeValue{"guard": events.NewBooleanAttribute(true)}))
	assert.False(t, dcb.IsGuard(map[string]events.DynamoDBAttributeValue{"guard": events.NewBooleanAttribute(false)}))
	assert.False(t, dcb.IsGuard(map[string]events.DynamoDBAttributeValue{"guard": events.NewStringAttribute("true")}))
	assert.False(t, dcb.IsGuard(nil))
}
