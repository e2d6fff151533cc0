package graphqlclient

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/google/uuid"
)

const (
	// subscribeTimeout is how long the start of a subscription may take.
	subscribeTimeout = 30 * time.Second
	// maxMessage is how many bytes a message may have: AppSync sends 240 KB at most.
	maxMessage = 1 << 20
)

// Event is what a subscription gives: an answer to the subscription's query, or an Err
// after which no other event comes.
type Event struct {
	Response
	// Err says why the subscription ended although nobody ended it.
	Err error
}

// Subscribe starts a subscription. It returns when AppSync has confirmed it, so no
// mutation from then on is missed. The channel is closed when ctx ends, when AppSync
// ends the subscription, and after an Err.
func (c Client) Subscribe(ctx context.Context, query string, variables map[string]any) (<-chan Event, error) {
	s := &subscription{client: c, id: uuid.NewString(), timeout: subscribeTimeout}
	starting, cancel := context.WithTimeout(ctx, subscribeTimeout)
	defer cancel()
	if err := s.start(starting, query, variables); err != nil {
		if s.socket != nil {
			_ = s.socket.CloseNow() // it may be closed already
		}
		return nil, fmt.Errorf("subscribe to %s: %w", c.URL, err)
	}
	events := make(chan Event)
	go s.receive(ctx, events)
	return events, nil
}

// message is one of AppSync's protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// subscription has a connection of its own.
type subscription struct {
	client Client
	id     string
	socket *websocket.Conn
	// timeout is how long to wait for a message; AppSync says it.
	timeout time.Duration
}

func (s *subscription) start(ctx context.Context, query string, variables map[string]any) error {
	if err := s.connect(ctx); err != nil {
		return err
	}
	if err := wsjson.Write(ctx, s.socket, message{Type: "connection_init"}); err != nil {
		return err
	}
	acknowledged, err := s.await(ctx, "connection_ack")
	if err != nil {
		return err
	}
	var settings struct {
		ConnectionTimeoutMs int64 `json:"connectionTimeoutMs"`
	}
	if json.Unmarshal(acknowledged.Payload, &settings) == nil && settings.ConnectionTimeoutMs > 0 {
		s.timeout = time.Duration(settings.ConnectionTimeoutMs) * time.Millisecond
	}
	payload, err := s.payload(ctx, query, variables)
	if err != nil {
		return err
	}
	if err := wsjson.Write(ctx, s.socket, message{ID: s.id, Type: "start", Payload: payload}); err != nil {
		return err
	}
	_, err = s.await(ctx, "start_ack")
	return err
}

// connect opens the WebSocket; its authorization is that of a request to URL/connect.
func (s *subscription) connect(ctx context.Context) error {
	headers, err := s.client.headers(ctx, s.client.URL+"/connect", []byte("{}"))
	if err != nil {
		return err
	}
	text, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	address, err := s.client.realtime()
	if err != nil {
		return err
	}
	address.RawQuery = url.Values{"header": {base64.StdEncoding.EncodeToString(text)}, "payload": {"e30="}}.Encode()
	s.socket, _, err = websocket.Dial(ctx, address.String(), &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}})
	if err != nil {
		return err
	}
	s.socket.SetReadLimit(maxMessage)
	return nil
}

// realtime is the address for subscriptions. AppSync has a host of its own for them, or
// the path /realtime below a custom domain.
// https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
func (c Client) realtime() (*url.URL, error) {
	if c.Realtime != "" {
		return url.Parse(c.Realtime)
	}
	address, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case address.Scheme == "http":
		address.Scheme = "ws" // the local AWS has one address for both
		return address, nil
	case strings.Contains(address.Host, ".appsync-api."):
		address.Host = strings.Replace(address.Host, ".appsync-api.", ".appsync-realtime-api.", 1)
	default:
		address.Path += "/realtime"
	}
	address.Scheme = "wss"
	return address, nil
}

// payload is that of the start message.
func (s *subscription) payload(ctx context.Context, query string, variables map[string]any) (json.RawMessage, error) {
	body, err := encode(query, variables)
	if err != nil {
		return nil, err
	}
	headers, err := s.client.headers(ctx, s.client.URL, body)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"data": string(body), "extensions": map[string]any{"authorization": headers}})
}

// await reads until a message of a type comes, or one that is an error.
func (s *subscription) await(ctx context.Context, kind string) (message, error) {
	for {
		next, err := s.read(ctx)
		if err != nil || next.Type == kind {
			return next, err
		}
	}
}

// read reads a message; one that tells about an error is an error.
func (s *subscription) read(ctx context.Context) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var next message
	if err := wsjson.Read(ctx, s.socket, &next); err != nil {
		return message{}, err
	}
	if next.Type != "error" && next.Type != "connection_error" {
		return next, nil
	}
	var refused Response
	if json.Unmarshal(next.Payload, &refused) != nil || len(refused.Errors) == 0 {
		return message{}, fmt.Errorf("%s: %s", next.Type, next.Payload)
	}
	return message{}, errors.New(joined(refused.Errors))
}

// receive hands on what comes, and ends the subscription with ctx.
func (s *subscription) receive(ctx context.Context, events chan<- Event) {
	defer close(events)
	defer func() { _ = s.socket.CloseNow() }() // it may be closed already
	for {
		next, err := s.read(ctx)
		if ctx.Err() != nil {
			return
		}
		event := Event{Err: err}
		switch {
		case err != nil:
		case next.Type == "complete":
			return
		case next.Type != "data":
			continue
		default:
			event.Err = json.Unmarshal(next.Payload, &event.Response)
		}
		select {
		case events <- event:
		case <-ctx.Done():
			return
		}
		if event.Err != nil {
			return
		}
	}
}
