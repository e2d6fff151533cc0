package realtime

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

// open lets everybody in; every subscription is one to the field "f".
type open struct{ slow chan struct{} }

func (open) Connect(string, http.Header) error { return nil }

func (o open) Subscribe(ctx context.Context, _ string, _ http.Header, _ []byte, request execution.Request) (*Subscription, []execution.Error, error) {
	if request.Query == "slow" {
		select {
		case <-o.slow:
		case <-ctx.Done():
		}
	}
	return &Subscription{Field: "f", Message: func(_ context.Context, value any) (any, bool) { return value, true },
		Invalidated: func(payload any) bool { return payload == "end" }}, nil, nil
}

func serve(t *testing.T, options Options) (*Hub, string) {
	t.Helper()
	hub := New(options)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hub.Serve(w, r, "api") }))
	t.Cleanup(server.Close)
	t.Cleanup(hub.Close)
	return hub, "ws" + strings.TrimPrefix(server.URL, "http") + "?header=e30="
}

func dial(t *testing.T, address string, header http.Header) (*websocket.Conn, error) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{Subprotocols: []string{Protocol}, HTTPHeader: header})
	if err == nil {
		conn.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, err
}

func write(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	require.NoError(t, conn.Write(t.Context(), websocket.MessageText, []byte(text)))
}

func read(t *testing.T, conn *websocket.Conn) outgoing {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, text, err := conn.Read(ctx)
	require.NoError(t, err)
	var message outgoing
	require.NoError(t, json.Unmarshal(text, &message))
	return message
}

func startText(id, query string) string {
	return `{"id":"` + id + `","type":"start","payload":{"data":"{\"query\":\"` + query + `\"}","extensions":{"authorization":{}}}}`
}

func TestSubscriptionsStopAndEnd(t *testing.T) {
	t.Parallel()
	slow := make(chan struct{})
	hub, address := serve(t, Options{Backend: open{slow}})
	conn, err := dial(t, address, nil)
	require.NoError(t, err)
	write(t, conn, startText("1", "slow"))
	write(t, conn, startText("2", "fast"))
	assert.Equal(t, outgoing{ID: "2", Type: startAck}, read(t, conn), "a slow start holds up no other")
	hub.Publish(t.Context(), "api", []string{"f"}, "first")
	assert.Equal(t, outgoing{ID: "2", Type: data, Payload: "first"}, read(t, conn), "not started yet, nothing to get")
	write(t, conn, `{"id":"1","type":"stop"}`)
	assert.Equal(t, outgoing{ID: "1", Type: complete}, read(t, conn))
	close(slow)
	hub.Publish(t.Context(), "other", []string{"f"}, "another API's")
	hub.Publish(t.Context(), "api", []string{"g"}, "another field's")
	hub.Publish(t.Context(), "api", []string{"f", "g"}, "second")
	assert.Equal(t, outgoing{ID: "2", Type: data, Payload: "second"}, read(t, conn), "stopped while it started")
	hub.Invalidate("api", "f", "go on")
	hub.Invalidate("api", "f", "end")
	assert.Equal(t, outgoing{ID: "2", Type: complete}, read(t, conn))
	write(t, conn, `{"id":"2","type":"stop"}`)
	assert.Equal(t, failed, read(t, conn).Type)
}

func TestConnectionsAreKeptAlive(t *testing.T) {
	t.Parallel()
	_, address := serve(t, Options{Backend: open{}, KeepAlive: time.Millisecond})
	conn, err := dial(t, address, nil)
	require.NoError(t, err)
	for range 3 {
		assert.Equal(t, outgoing{Type: keepAlive}, read(t, conn))
	}
}

// TestSlowSubscribersHoldUpNobody publishes more than any buffer takes to a subscriber
// that reads nothing.
func TestSlowSubscribersHoldUpNobody(t *testing.T) {
	t.Parallel()
	hub, address := serve(t, Options{Backend: open{}})
	conn, err := dial(t, address, nil)
	require.NoError(t, err)
	write(t, conn, startText("1", "fast"))
	assert.Equal(t, startAck, read(t, conn).Type)
	value := strings.Repeat("x", 100_000)
	require.Eventually(t, func() bool {
		for range outboxSize {
			hub.Publish(t.Context(), "api", []string{"f"}, value)
		}
		return len(hub.targets("api", []string{"f"})) == 0
	}, 20*time.Second, time.Millisecond, "its connection is ended")
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	_, address := serve(t, Options{Backend: open{}})
	for origin, allowed := range map[string]bool{"http://localhost:3000": true, "http://127.0.0.1:8080": true, "http://[::1]:8080": true, "http://localhost": true, "https://evil.example": false, "http://localhost.evil.example": false} {
		_, err := dial(t, address, http.Header{"Origin": {origin}})
		assert.Equal(t, allowed, err == nil, origin)
	}
}

func TestClosedHubTakesNobody(t *testing.T) {
	t.Parallel()
	hub, address := serve(t, Options{Backend: open{}})
	conn, err := dial(t, address, nil)
	require.NoError(t, err)
	write(t, conn, `{"type":"connection_init"}`)
	assert.Equal(t, connectionAck, read(t, conn).Type)
	hub.Close()
	_, _, err = conn.Read(t.Context())
	require.Error(t, err)
	late, err := dial(t, address, nil)
	require.NoError(t, err)
	_, _, err = late.Read(t.Context())
	require.Error(t, err)
}
