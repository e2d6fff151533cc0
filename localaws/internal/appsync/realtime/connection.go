package realtime

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

const (
	// maxMessage is how many bytes a client's message may have; AppSync names no limit
	// of its own.
	maxMessage = 1 << 20
	// outboxSize is how many messages wait for a slow client before its connection is
	// ended.
	outboxSize = 1024
	// writeTimeout is how long one message may take.
	writeTimeout = 10 * time.Second
)

// connection is one WebSocket connection.
type connection struct {
	hub    *Hub
	api    string
	socket *websocket.Conn
	// refused is why the connection may not be used, nil if it may.
	refused error
	cancel  context.CancelFunc
	outbox  chan []byte
	// subscriptions are those that were started, by their ids; while one starts there is
	// an empty one in its place. The hub's mutex guards it.
	subscriptions map[string]*Subscription
}

// serve answers messages until the connection ends.
func (c *connection) serve(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	defer c.cancel()
	working.Go(func() { c.write(ctx) })
	for {
		kind, text, err := c.socket.Read(ctx)
		if err != nil {
			return
		}
		if c.refused != nil {
			c.refuse(ctx)
			return
		}
		var message incoming
		if kind != websocket.MessageText || json.Unmarshal(text, &message) != nil {
			message = incoming{}
		}
		c.answer(ctx, message, &working)
	}
}

// refuse tells why the connection may not be used, and ends it.
func (c *connection) refuse(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	message := outgoing{Type: connectionError, Payload: refusal(c.refused)}
	if c.socket.Write(ctx, websocket.MessageText, message.encode()) == nil {
		_ = c.socket.Close(websocket.StatusPolicyViolation, "refused") // the client may be gone
	}
}

func (c *connection) answer(ctx context.Context, message incoming, working *sync.WaitGroup) {
	switch message.Type {
	case connectionInit:
		c.send(outgoing{Type: connectionAck, Payload: map[string]int64{"connectionTimeoutMs": ConnectionTimeout.Milliseconds()}})
	case start:
		place, err := c.reserve(message.ID)
		if err != nil {
			c.send(outgoing{ID: message.ID, Type: failed, Payload: refusal(err)})
			return
		}
		working.Go(func() { c.start(ctx, message, place) })
	case stop:
		c.stop(message.ID)
	case "":
		c.send(outgoing{ID: message.ID, Type: failed, Payload: refusal(unsupported("unknown"))})
	default:
		c.send(outgoing{ID: message.ID, Type: failed, Payload: refusal(unsupported(message.Type))})
	}
}

// reserve takes the id of a subscription that is about to start, and keeps its place.
func (c *connection) reserve(id string) (*Subscription, error) {
	c.hub.mutex.Lock()
	defer c.hub.mutex.Unlock()
	if _, ok := c.subscriptions[id]; ok {
		return nil, &execution.RequestError{Status: http.StatusBadRequest, Type: "DuplicatedOperationError", Message: fmt.Sprintf("A subscription with the id %q is already started.", id)}
	}
	if len(c.subscriptions) >= MaxSubscriptions {
		return nil, &execution.RequestError{Status: http.StatusBadRequest, Type: "MaxSubscriptionsReachedError", Message: fmt.Sprintf("Max number of %d subscriptions reached", MaxSubscriptions)}
	}
	place := &Subscription{}
	c.subscriptions[id] = place
	return place, nil
}

// start starts the subscription whose place is reserved.
func (c *connection) start(ctx context.Context, message incoming, place *Subscription) {
	subscription, payload := c.subscribe(ctx, message.Payload)
	c.hub.mutex.Lock()
	defer c.hub.mutex.Unlock()
	if c.subscriptions[message.ID] != place {
		return // stopped meanwhile
	}
	if subscription == nil {
		delete(c.subscriptions, message.ID)
		c.send(outgoing{ID: message.ID, Type: failed, Payload: payload})
		return
	}
	// With the mutex held: no mutation comes between, so its data is sent neither before
	// the acknowledgement nor not at all.
	c.subscriptions[message.ID] = subscription
	c.send(outgoing{ID: message.ID, Type: startAck})
}

// subscribe gives the subscription, or the payload that says why it is refused.
func (c *connection) subscribe(ctx context.Context, text json.RawMessage) (*Subscription, any) {
	var payload startPayload
	if json.Unmarshal(text, &payload) != nil {
		return nil, refusal(unsupported("unknown"))
	}
	request, err := execution.ParseRequest([]byte(payload.Data))
	if err != nil {
		return nil, refusal(unsupported("unknown"))
	}
	header, ok := headers(payload.Extensions.Authorization)
	if !ok {
		return nil, refusal(execution.Unauthorized("Valid authorization header not provided."))
	}
	subscription, problems, err := c.hub.options.Backend.Subscribe(ctx, c.api, header, []byte(payload.Data), request)
	switch {
	case err != nil:
		return nil, refusal(err)
	case len(problems) > 0:
		return nil, refusals(problems)
	}
	return subscription, nil
}

func (c *connection) stop(id string) {
	c.hub.mutex.Lock()
	defer c.hub.mutex.Unlock()
	if _, ok := c.subscriptions[id]; !ok {
		err := &execution.RequestError{Status: http.StatusBadRequest, Type: "UnknownOperationError", Message: "Unknown operation id " + id}
		c.send(outgoing{ID: id, Type: failed, Payload: refusal(err)})
		return
	}
	delete(c.subscriptions, id)
	c.send(outgoing{ID: id, Type: complete})
}

// send queues a message. A client that does not read for long loses its connection.
func (c *connection) send(message outgoing) {
	select {
	case c.outbox <- message.encode():
	default:
		c.hub.options.Logger.Warn("a subscriber that does not read its messages is disconnected", "service", "appsync", "api", c.api)
		c.cancel()
	}
}

// write sends what is queued, and keeps the connection alive.
func (c *connection) write(ctx context.Context) {
	defer c.cancel()
	ticker := time.NewTicker(c.hub.options.KeepAlive)
	defer ticker.Stop()
	for {
		text := outgoing{Type: keepAlive}.encode()
		select {
		case <-ctx.Done():
			return
		case text = <-c.outbox:
		case <-ticker.C:
		}
		limited, cancel := context.WithTimeout(ctx, writeTimeout)
		err := c.socket.Write(limited, websocket.MessageText, text)
		cancel()
		if err != nil {
			return
		}
	}
}
