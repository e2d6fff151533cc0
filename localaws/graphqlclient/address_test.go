package graphqlclient

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRealtime(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		client Client
		want   string
	}{
		"AWS":             {Client{URL: "https://abc.appsync-api.eu-west-1.amazonaws.com/graphql"}, "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql"},
		"a custom domain": {Client{URL: "https://api.example.com/graphql"}, "wss://api.example.com/graphql/realtime"},
		"the local AWS":   {Client{URL: "http://127.0.0.1:4566/graphql/abc"}, "ws://127.0.0.1:4566/graphql/abc"},
		"as it is given":  {Client{URL: "https://x", Realtime: "wss://y/z"}, "wss://y/z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.client.realtime()
			require.NoError(t, err)
			assert.Equal(t, test.want, got.String())
		})
	}
}
