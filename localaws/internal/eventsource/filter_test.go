package eventsource

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	const stream = `{"eventName":"INSERT","dynamodb":{"NewImage":{"type":{"S":"Added"},"n":{"N":"5"}},"Keys":{"id":{"S":"a"}}}}`
	const message = `{"body":"{\"kind\":\"order\",\"total\":15,\"tags\":[\"a\",\"b\"],\"gone\":null,\"ok\":true,\"items\":[{\"sku\":1},{\"sku\":2}]}","attributes":{"MessageGroupId":"g1"}}`
	const text = `{"body":"plain text"}`
	tests := map[string]struct {
		record, pattern string
		want            bool
	}{
		"value":                    {stream, `{"eventName":["INSERT"]}`, true},
		"other value":              {stream, `{"eventName":["MODIFY","REMOVE"]}`, false},
		"one of":                   {stream, `{"eventName":["MODIFY","INSERT"]}`, true},
		"nested":                   {stream, `{"dynamodb":{"NewImage":{"type":{"S":["Added"]}}}}`, true},
		"nested absent":            {stream, `{"dynamodb":{"OldImage":{"type":{"S":["Added"]}}}}`, false},
		"all fields":               {stream, `{"eventName":["INSERT"],"dynamodb":{"Keys":{"id":{"S":["b"]}}}}`, false},
		"exists":                   {stream, `{"dynamodb":{"NewImage":{"n":{"N":[{"exists":true}]}}}}`, true},
		"exists not":               {stream, `{"dynamodb":{"OldImage":{"n":{"N":[{"exists":false}]}}}}`, true},
		"prefix":                   {stream, `{"eventName":[{"prefix":"INS"}]}`, true},
		"prefix, no case":          {stream, `{"eventName":[{"prefix":{"equals-ignore-case":"ins"}}]}`, true},
		"suffix":                   {stream, `{"eventName":[{"suffix":"X"}]}`, false},
		"no case":                  {stream, `{"eventName":[{"equals-ignore-case":"insert"}]}`, true},
		"wildcard":                 {stream, `{"eventName":[{"wildcard":"I*S*T"}]}`, true},
		"wildcard not":             {stream, `{"eventName":[{"wildcard":"I*X*"}]}`, false},
		"anything but":             {stream, `{"eventName":[{"anything-but":"REMOVE"}]}`, true},
		"anything but list":        {stream, `{"eventName":[{"anything-but":["REMOVE","INSERT"]}]}`, false},
		"anything but prefix":      {stream, `{"eventName":[{"anything-but":{"prefix":"IN"}}]}`, false},
		"anything but of absent":   {stream, `{"nope":[{"anything-but":"x"}]}`, false},
		"or":                       {stream, `{"$or":[{"eventName":["REMOVE"]},{"dynamodb":{"Keys":{"id":{"S":["a"]}}}}]}`, true},
		"or not":                   {stream, `{"$or":[{"eventName":["REMOVE"]},{"eventName":["MODIFY"]}]}`, false},
		"body field":               {message, `{"body":{"kind":["order"]}}`, true},
		"body number":              {message, `{"body":{"total":[15]}}`, true},
		"body numeric":             {message, `{"body":{"total":[{"numeric":[">",10,"<=",15]}]}}`, true},
		"body numeric not":         {message, `{"body":{"total":[{"numeric":["<",15]}]}}`, false},
		"body equal number":        {message, `{"body":{"total":[{"numeric":["=",15]}]}}`, true},
		"body array":               {message, `{"body":{"tags":["b"]}}`, true},
		"body null":                {message, `{"body":{"gone":[null]}}`, true},
		"body boolean":             {message, `{"body":{"ok":[true]}}`, true},
		"body array of objects":    {message, `{"body":{"items":{"sku":[2]}}}`, true},
		"body array of others":     {message, `{"body":{"items":{"sku":[3]}}}`, false},
		"attributes":               {message, `{"attributes":{"MessageGroupId":["g1"]}}`, true},
		"text body":                {text, `{"body":["plain text"]}`, true},
		"text body, other":         {text, `{"body":["other"]}`, false},
		"text body has no fields":  {text, `{"body":{"kind":["order"]}}`, false},
		"value is object, no rule": {stream, `{"dynamodb":["x"]}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := parseFilters(&filterCriteria{Filters: []filterText{{Pattern: test.pattern}}})
			require.NoError(t, err)
			var record map[string]any
			require.NoError(t, json.Unmarshal([]byte(test.record), &record))
			assert.Equal(t, test.want, parsed.match(record))
		})
	}
}

func TestFiltersAreAlternatives(t *testing.T) {
	t.Parallel()
	parsed, err := parseFilters(&filterCriteria{Filters: []filterText{{`{"a":[1]}`}, {`{"b":[2]}`}}})
	require.NoError(t, err)
	assert.True(t, parsed.match(map[string]any{"b": 2.0}))
	assert.False(t, parsed.match(map[string]any{"b": 1.0}))
	assert.True(t, filters(nil).match(map[string]any{}), "no filter takes everything")
}

func TestFilterRefusals(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "[]", "{", `{"a":"x"}`, `{"a":[]}`, `{"a":[{"nope":1}]}`, `{"a":{"b":1}}`, `{"$or":[{"a":"x"}]}`} {
		_, err := parseFilters(&filterCriteria{Filters: []filterText{{pattern}}})
		assert.ErrorContains(t, err, "Invalid filter pattern definition", pattern)
	}
}

func TestFailedItems(t *testing.T) {
	t.Parallel()
	batch := map[string]int{"a": 0, "b": 1}
	tests := map[string]struct {
		answer string
		failed []string
		whole  bool
	}{
		"nothing":            {"", nil, false},
		"null":               {"null", nil, false},
		"empty object":       {"{}", nil, false},
		"null list":          {`{"batchItemFailures":null}`, nil, false},
		"empty list":         {`{"batchItemFailures":[]}`, nil, false},
		"one":                {`{"batchItemFailures":[{"itemIdentifier":"b"}]}`, []string{"b"}, false},
		"unknown identifier": {`{"batchItemFailures":[{"itemIdentifier":"c"}]}`, nil, true},
		"empty identifier":   {`{"batchItemFailures":[{"itemIdentifier":""}]}`, nil, true},
		"null identifier":    {`{"batchItemFailures":[{"itemIdentifier":null}]}`, nil, true},
		"other key":          {`{"batchItemFailures":[{"id":"a"}]}`, nil, true},
		"not an object":      {`"done"`, nil, true},
		"not JSON":           {`{`, nil, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed, whole := failedItems([]byte(test.answer), batch)
			assert.Equal(t, test.whole, whole)
			assert.Len(t, failed, len(test.failed))
			for _, id := range test.failed {
				assert.True(t, failed[id])
			}
		})
	}
}

func TestParseSource(t *testing.T) {
	t.Parallel()
	queue, err := parseSource("arn:aws:sqs:eu-central-1:123456789012:q.fifo")
	require.NoError(t, err)
	assert.Equal(t, source{kind: KindQueue, name: "q.fifo", fifo: true}, queue)
	table, err := parseSource("arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/2026-01-01T00:00:00.000")
	require.NoError(t, err)
	assert.Equal(t, source{kind: KindTable, name: "t"}, table)
	for _, arn := range []string{"", "q", "arn:aws:dynamodb:eu-central-1:123456789012:table/t", "arn:aws:kinesis:eu-central-1:123456789012:stream/s"} {
		_, err := parseSource(arn)
		assert.ErrorContains(t, err, "Unrecognized event source", arn)
	}
}

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	assert.Equal(t, DefaultRetryDelay, s.backoff(0))
	assert.Equal(t, 4*DefaultRetryDelay, s.backoff(2))
	assert.Equal(t, DefaultMaxRetryDelay, s.backoff(100))
}
