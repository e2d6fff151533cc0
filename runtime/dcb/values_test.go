package dcb_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
)

func TestValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"text":            {`{"productId":"p"}`, []string{"p"}},
		"integer":         {`{"productId":-12345678901234567890}`, []string{"-12345678901234567890"}},
		"zero":            {`{"productId":0}`, []string{"0"}},
		"array":           {`{"productId":["p","q","p"]}`, []string{"p", "q"}},
		"through arrays":  {`{"items":[{"productId":"p"},{"productId":["q",[3]]},{},null]}`, []string{"p", "q", "3"}},
		"several paths":   {`{"items":{"productId":"q"},"productId":"p"}`, []string{"p", "q"}},
		"equal in both":   {`{"items":{"productId":"p"},"productId":"p"}`, []string{"p"}},
		"missing":         {`{"other":1}`, nil},
		"null and empty":  {`{"productId":[null,""],"items":null}`, nil},
		"spaces are kept": {`{"productId":" p "}`, []string{" p "}},
	} {
		values, err := dcb.Values(shop, json.RawMessage(c.data), "productId")
		require.NoError(t, err, name)
		assert.Equal(t, c.want, values, name)
	}
}

func TestValuesThatCannotBeFoundAgain(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"productId":1.0}`:                `tag "productId" at "productId": 1.0 is no integer`,
		`{"productId":1e3}`:                "1e3 is no integer",
		`{"productId":-0}`:                 "-0 is no integer",
		`{"productId":true}`:               "true is a boolean",
		`{"productId":{"a":1}}`:            "there is an object",
		`{"items":["p"]}`:                  `tag "productId" at "items.productId": "productId" is looked for in something that is no object`,
		`{"items":[{"productId":[1,{}]}]}`: "there is an object",
		`[]`:                               "no JSON object",
		`null`:                             "no JSON object",
		``:                                 "no JSON object",
		`{} {}`:                            "more than one",
	} {
		_, err := dcb.Values(shop, json.RawMessage(data), "productId")
		assert.ErrorContains(t, err, want, data)
	}
	_, err := dcb.Values(shop, json.RawMessage(`{}`), "unknown")
	assert.ErrorContains(t, err, `the tag "unknown" is not declared`)
}
