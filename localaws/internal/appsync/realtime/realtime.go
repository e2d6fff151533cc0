// Package realtime speaks AppSync's WebSocket protocol for subscriptions.
//
//  1. [Hub.Serve] takes a connection. Its authorization comes with the handshake
//     (handshake.go), but is refused by a connection_error message only, as AppSync
//     does.
//  2. A connection (connection.go) answers connection_init, start and stop, and sends
//     "ka" to keep itself alive. Each start has an authorization of its own. Whether it
//     is allowed, and what it asks for, is the [Backend]'s business.
//  3. [Hub.Publish] hands a mutation's answer to the subscriptions of its fields
//     (publish.go); each has its own filter and selection. [Hub.Invalidate] ends
//     subscriptions.
//
// Limits are AppSync's: [MaxSubscriptions] of a connection, and messages above
// [MaxPayload] are dropped, which AppSync does silently and this package logs.
//
// https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
package realtime

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

const (
	// Protocol is the sub-protocol that clients must ask for.
	Protocol = "graphql-ws"
	// MaxSubscriptions is how many subscriptions one connection may have.
	MaxSubscriptions = 100
	// MaxPayload is how many bytes of JSON a subscriber gets at once: 240 KB.
	MaxPayload = 240 << 10
	// ConnectionTimeout is how long a client should wait for a message before it takes
	// the connection for broken.
	ConnectionTimeout = 5 * time.Minute
	// DefaultKeepAlive is the time between two "ka" messages.
	DefaultKeepAlive = time.Minute
)

// Backend is the API behind the connections. Its errors are an [execution.RequestError].
type Backend interface {
	// Connect authorizes a connection by the headers that its handshake carries.
	Connect(apiID string, header http.Header) error
	// Subscribe authorizes and starts a subscription: data is the request as it was sent,
	// which may be signed. The errors say why it is refused.
	Subscribe(ctx context.Context, apiID string, header http.Header, data []byte, request execution.Request) (*Subscription, []execution.Error, error)
}

// Subscription is a started subscription.
type Subscription struct {
	// Field is the field of Subscription.
	Field string
	// Message is what the subscriber gets for a mutation's answer; ok is false when the
	// subscription's filter does not let it through.
	Message func(ctx context.Context, value any) (payload any, ok bool)
	// Invalidated says whether an invalidation's payload ends the subscription.
	Invalidated func(payload any) bool
}

// Options configure a hub.
type Options struct {
	Backend Backend
	// KeepAlive is the time between two "ka" messages; 0 is DefaultKeepAlive.
	KeepAlive time.Duration
	// Logger gets what is dropped; nil drops that too.
	Logger *slog.Logger
}

// Hub has all connections of all APIs. It is safe for use by many goroutines.
type Hub struct {
	options Options
	serving sync.WaitGroup

	// mutex guards the fields below and the subscriptions of all connections.
	mutex       sync.Mutex
	connections map[*connection]bool
	closed      bool
}

// New makes a hub without connections.
func New(options Options) *Hub {
	if options.KeepAlive == 0 {
		options.KeepAlive = DefaultKeepAlive
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &Hub{options: options, connections: map[*connection]bool{}}
}

// local are the origins whose pages may connect besides the server's own.
var local = []string{"localhost", "localhost:*", "127.0.0.1", "127.0.0.1:*", "[[]::1]", "[[]::1]:*"}

// Serve serves a WebSocket request to an API until the connection ends.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, apiID string) {
	header, refused := handshake(r)
	if refused == nil {
		refused = h.options.Backend.Connect(apiID, header)
	}
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{Protocol}, OriginPatterns: local})
	if err != nil {
		return // Accept has answered
	}
	socket.SetReadLimit(maxMessage)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c := &connection{hub: h, api: apiID, socket: socket, refused: refused, cancel: cancel, outbox: make(chan []byte, outboxSize), subscriptions: map[string]*Subscription{}}
	if h.add(c) {
		defer h.remove(c)
		c.serve(ctx)
	}
	_ = socket.CloseNow() // it may be closed already
}

func (h *Hub) add(c *connection) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closed {
		return false
	}
	h.connections[c] = true
	h.serving.Add(1)
	return true
}

func (h *Hub) remove(c *connection) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.connections, c)
	h.serving.Done()
}

// Drop ends all connections of an API.
func (h *Hub) Drop(apiID string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for c := range h.connections {
		if c.api == apiID {
			c.cancel()
		}
	}
}

// Close ends all connections and waits until they are gone. New ones are refused.
func (h *Hub) Close() {
	h.mutex.Lock()
	h.closed = true
	for c := range h.connections {
		c.cancel()
	}
	h.mutex.Unlock()
	h.serving.Wait()
}
