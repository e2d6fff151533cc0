package upgrade

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNames(t *testing.T) {
	t.Parallel()
	n := newNames("local-aws.test", "127.0.0.1:4566")
	n.learn("", map[string]any{
		"id": "abcdefghij", "key": "da2-recorded", "label": "2026-11-23T10:00", "codeSha256": "0123456789", "name": "products", "short": "abc",
		"streamArn": "arn:table/products/stream/2026-11-23T10:00", "uris": []any{"http://local-aws.test/graphql/abcdefghij"},
	}, map[string]any{
		"id": "zyxwvutsrq", "key": "da2-other", "label": "2026-11-30T11:00", "codeSha256": "9876543210", "name": "products", "short": "xyz",
		"streamArn": "arn:table/products/stream/2026-11-30T11:00", "uris": []any{"http://127.0.0.1:4566/graphql/zyxwvutsrq"},
	})
	// The label is that of another table as well.
	n.learn("label", "2026-11-23T10:00", "2026-11-30T12:00")
	for then, now := range map[string]string{
		"http://local-aws.test/graphql/abcdefghij":     "http://127.0.0.1:4566/graphql/zyxwvutsrq",
		"arn:table/products/stream/2026-11-23T10:00":   "arn:table/products/stream/2026-11-30T11:00",
		"the key da2-recorded of abcdefghij":           "the key da2-other of zyxwvutsrq",
		"codes and short names stay: 0123456789 abc":   "codes and short names stay: 0123456789 abc",
		"2026-11-23T10:00 is the label seen first":     "2026-11-30T11:00 is the label seen first",
		"arn:table/products is named by its component": "arn:table/products is named by its component",
	} {
		assert.Equal(t, now, n.now(then))
	}
	assert.Equal(t, map[string]any{"apis": []any{"zyxwvutsrq", 1.0}}, n.replaced(map[string]any{"apis": []any{"abcdefghij", 1.0}}))
}

func TestStatesAreTidied(t *testing.T) {
	t.Parallel()
	state := map[string]any{"resources": []any{map[string]any{
		"urn": "a", "stackTrace": []any{"somewhere"}, "sourcePosition": "there",
		"inputs": map[string]any{
			"code": map[string]any{signature: "archive", "path": "/home/me/.cache/layer.zip"},
			"src":  map[string]any{signature: "archive", "path": "../catalog/src"}, "path": "/service/",
		},
	}}}
	tidy(state)
	assert.Equal(t, map[string]any{"resources": []any{map[string]any{
		"urn": "a", "inputs": map[string]any{
			"code": map[string]any{signature: "archive", "path": "layer.zip"},
			"src":  map[string]any{signature: "archive", "path": "../catalog/src"}, "path": "/service/",
		},
	}}}, state)
}

func TestSecretsBecomePlain(t *testing.T) {
	t.Parallel()
	const secret = "1b47061264138c4ac30d75fd1eb44270"
	recorded := map[string]any{"key": map[string]any{signature: secret, "plaintext": `"da2-recorded"`}}
	answered := map[string]any{"key": map[string]any{signature: secret, "value": "da2-other"}}
	assert.Equal(t, map[string]any{"key": "da2-recorded"}, plain(recorded))
	assert.Equal(t, map[string]any{"key": "da2-other"}, plain(answered))
}
