package protocol_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// The texts are what each release wrote. They must stay readable for ever.
func TestDecodeInterop(t *testing.T) {
	t.Parallel()
	meta, err := protocol.DecodeInterop([]byte(`{"formatVersion":1,"plugin":"catalog","version":"1.0.0","extensionPoints":{"Products":{"topicArn":"arn:t"}}}`))
	require.NoError(t, err)
	assert.Equal(t, protocol.InteropMeta{FormatVersion: 1, Plugin: "catalog", Version: "1.0.0",
		ExtensionPoints: map[string]protocol.InteropExtensionPt{"Products": {TopicARN: "arn:t"}}}, meta)
	meta, err = protocol.DecodeInterop([]byte(`{"formatVersion":2,"plugin":"catalog","version":"1.0.0","extensionPoints":{"Products":{"topicArn":"arn:t","commands":["Rename"]}}}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"Rename"}, meta.ExtensionPoints["Products"].Commands)
	for text, want := range map[string]string{
		`{"formatVersion":99,"plugin":"catalog"}`: "format 99",
		`{"plugin":"catalog"}`:                    "format 0",
		`{"formatVersion":1}`:                     "plugin is empty",
		`[]`:                                      "does not describe a plugin",
	} {
		_, err := protocol.DecodeInterop([]byte(text))
		require.ErrorContains(t, err, want)
	}
}

func TestConnectMessagesRoundTrip(t *testing.T) {
	t.Parallel()
	for text, value := range map[string]any{
		`{"action":"heartbeat","plugin":"catalog","version":"1.0.0","stack":"o/p/alpha","hash":"h1","minutes":5}`: &protocol.ConnectRequest{},
		`{"plugin":"catalog","heartbeatMinutes":5,"topics":{"Products":"arn:t"},"subscriptions":[{"extension":"Orders","plugin":"ordering",` +
			`"extensionPoint":"Orders","queueArn":"arn:q","filterPolicy":"{}","filterPolicyScope":"MessageBody"}]}`: &protocol.ConnectRequest{},
		`{"action":"release","plugin":"catalog","stack":"o/p/alpha","rootField":"Query.product"}`: &protocol.ConnectRequest{},
		`{"ok":true,"connected":true,"status":"INACTIVE","notices":["n"]}`:                        &protocol.ConnectResult{},
	} {
		require.NoError(t, json.Unmarshal([]byte(text), value))
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		assert.JSONEq(t, text, string(encoded))
	}
}
