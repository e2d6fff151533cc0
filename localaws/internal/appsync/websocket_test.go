package appsync

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// socket is a client that sees every message.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial connects as the protocol wants it, with the headers in the query.
func (b *bed) dial(api string, headers map[string]string) *socket {
	b.t.Helper()
	text, err := json.Marshal(headers)
	require.NoError(b.t, err)
	return b.dialWith(api, "?header="+url.QueryEscape(base64.StdEncoding.EncodeToString(text))+"&payload=e30=", "graphql-ws")
}

func (b *bed) dialWith(api, query string, protocols ...string) *socket {
	b.t.Helper()
	conn, _, err := websocket.Dial(b.t.Context(), "ws"+strings.TrimPrefix(b.server.URL, "http")+"/graphql/"+api+query, &websocket.DialOptions{Subprotocols: protocols})
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	return &socket{b.t, conn}
}

// keyed are the headers of a connection with an API key.
func keyed(key string) map[string]string {
	return map[string]string{"host": "localhost", "x-api-key": key}
}

// open connects and waits for the acknowledgement.
func (b *bed) open(api, key string) *socket {
	b.t.Helper()
	s := b.dial(api, keyed(key))
	s.send(`{"type":"connection_init"}`)
	s.wants(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
	return s
}

func (s *socket) send(text string) {
	s.t.Helper()
	require.NoError(s.t, s.conn.Write(s.t.Context(), websocket.MessageText, []byte(text)))
}

// next is the next message that is no keep-alive.
func (s *socket) next() string {
	s.t.Helper()
	for {
		ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
		_, text, err := s.conn.Read(ctx)
		cancel()
		require.NoError(s.t, err)
		if string(text) != `{"type":"ka"}` {
			return string(text)
		}
	}
}

func (s *socket) wants(message string) {
	s.t.Helper()
	assert.JSONEq(s.t, message, s.next())
}

func startMessage(t *testing.T, id, query string, variables map[string]any, headers map[string]string) string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"id": id, "type": "start", "payload": map[string]any{
		"data": string(data), "extensions": map[string]any{"authorization": headers}}})
	require.NoError(t, err)
	return string(text)
}

// start starts a subscription and waits for its acknowledgement.
func (s *socket) start(id, key, query string, variables map[string]any) {
	s.t.Helper()
	s.send(startMessage(s.t, id, query, variables, keyed(key)))
	s.wants(`{"type":"start_ack","id":"` + id + `"}`)
}

// silent sends a marker through the connection and wants it to be the next message.
func (s *socket) silent() {
	s.t.Helper()
	s.send(`{"type":"stop","id":"nobody"}`)
	s.wants(`{"type":"error","id":"nobody","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id nobody","errorCode":400}]}}`)
}

const ticketSchema = `type Query { a: Int }
type Mutation { open(id: ID!, severity: Int, group: String, open: Boolean, at: AWSTimestamp, kind: Kind, note: String, owner: Owner0): Ticket  other: Ticket  fail: Ticket
  hidden(row: AWSJSON!): Ticket @aws_iam  end(group: String): Int }
type Subscription {
  opened(id: ID, severity: Int, open: Boolean, kind: Kind, group: String): Ticket @aws_subscribe(mutations: ["open", "hidden"]) @aws_api_key @aws_iam
  filtered(group: String!): Ticket @aws_subscribe(mutations: ["open"])
  secret: Ticket @aws_subscribe(mutations: ["open"]) @aws_iam
  never: Ticket
}
input Owner0 { name: String }
type Ticket @aws_api_key @aws_iam { id: ID! severity: Int group: String open: Boolean at: AWSTimestamp kind: Kind note: String! owner: Owner internal: String @aws_iam later: String }
type Owner @aws_api_key @aws_iam { name: String }
enum Kind { BUG WISH }`

// tickets is an API with two modes whose mutations answer with their arguments.
func tickets(t *testing.T) (b *bed, api, key string) {
	t.Helper()
	b = newBed(t, "")
	api = b.api(types.AuthenticationTypeApiKey, types.AuthenticationTypeAwsIam)
	key = b.key(api)
	b.mustPush(api, ticketSchema)
	b.none(api, "none")
	for _, field := range []string{"Mutation.open", "Mutation.other"} {
		require.NoError(t, b.resolver(api, field, "none", `export function request(ctx) { return { payload: { note: "-", internal: "only IAM", ...ctx.args } }; }
export function response(ctx) { return ctx.result; }`))
	}
	require.NoError(t, b.resolver(api, "Mutation.hidden", "none", `export function request(ctx) { return { payload: ctx.args.row }; }
export function response(ctx) { return ctx.result; }`))
	require.NoError(t, b.resolver(api, "Mutation.fail", "none", `import { util } from '@aws-appsync/utils';
export function request(ctx) { util.error("no"); }
export function response(ctx) { return ctx.result; }`))
	require.NoError(t, b.resolver(api, "Ticket.later", "none", `export function request(ctx) { return { payload: "resolved" }; }
export function response(ctx) { return ctx.result; }`))
	return b, api, key
}

func (b *bed) mutate(api, key, selection string) {
	b.t.Helper()
	status, body := b.ask(api, key, "mutation { "+selection+" }", nil)
	require.Equal(b.t, http.StatusOK, status, body)
	require.NotContains(b.t, body, `"errors"`)
}
