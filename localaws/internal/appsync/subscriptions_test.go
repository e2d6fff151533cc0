package appsync

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProtocol(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	output, err := b.client.GetGraphqlApi(t.Context(), &sdk.GetGraphqlApiInput{ApiId: &api})
	require.NoError(t, err)
	assert.Equal(t, "ws"+strings.TrimPrefix(b.server.URL, "http")+"/graphql/"+api, output.GraphqlApi.Uris["REALTIME"])

	s := b.open(api, key)
	s.start("1", key, "subscription { opened { id note severity } }", nil)
	s.start("2", key, "subscription S { alias: opened { __typename owner { name } } }", nil)
	b.mutate(api, key, `open(id: 7, note: "n", owner: {name: "o"}) { id note owner { name } }`)
	got := []string{s.next(), s.next()}
	assert.ElementsMatch(t, []string{
		`{"id":"1","type":"data","payload":{"data":{"opened":{"id":"7","note":"n","severity":null}}}}`,
		`{"id":"2","type":"data","payload":{"data":{"alias":{"__typename":"Ticket","owner":{"name":"o"}}}}}`}, got)

	s.send(`{"type":"stop","id":"1"}`)
	s.wants(`{"type":"complete","id":"1"}`)
	b.mutate(api, key, `other { id: note } open(id: 8) { id }`)
	s.wants(`{"id":"2","type":"data","payload":{"data":{"alias":{"__typename":"Ticket","owner":null}}}}`)
	s.silent()
	_, kept, err := s.conn.Read(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, `{"type":"ka"}`, string(kept))
}

func TestSubscribersGetWhatTheMutationSelected(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	s := b.open(api, key)
	s.start("1", key, "subscription { opened { id note group internal later } }", nil)
	b.mutate(api, key, `open(id: 1, group: "g") { id note }`)
	s.wants(`{"id":"1","type":"data","payload":{"data":{"opened":{"id":"1","note":"-","group":null,"internal":null,"later":null}},"errors":[
		{"path":["opened","internal"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":39,"sourceName":null}],"message":"Not Authorized to access internal on type Ticket"}]}}`)
	b.mutate(api, key, `open(id: 2) { id later }`)
	assert.Contains(t, s.next(), `"message":"Cannot return null for non-nullable type: 'String' within parent 'Ticket' (/opened/note)"`)
	b.mutate(api, key, `open(id: 2) { id note later }`)
	assert.Contains(t, s.next(), `"later":"resolved"`, "the mutation resolved it; the subscriber does not resolve again")
	_, body := b.ask(api, key, "mutation { fail { id } }", nil)
	assert.Contains(t, body, "errors")
	s.silent()
}

func TestArgumentsFilter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		arguments, mutation string
		want                bool
	}{
		"equal":                {`id: "7"`, `open(id: 7) { id note }`, true},
		"an id as a number":    {`id: 7`, `open(id: "7") { id note }`, true},
		"not equal":            {`id: "7"`, `open(id: 8) { id note }`, false},
		"a number":             {`severity: 5`, `open(id: 8, severity: 5) { severity note }`, true},
		"a boolean":            {`open: false`, `open(id: 8, open: false) { open note }`, true},
		"an enum value":        {`kind: WISH`, `open(id: 8, kind: BUG) { kind note }`, false},
		"all of them":          {`id: "7", severity: 5`, `open(id: 7, severity: 4) { id severity note }`, false},
		"not selected":         {`id: "7"`, `open(id: 7) { note }`, false},
		"selected by an alias": {`id: "7"`, `open(id: 7) { x: id note }`, false},
		"null is null":         {`severity: null`, `open(id: 7) { severity note }`, true},
		"null is not 5":        {`severity: null`, `open(id: 7, severity: 5) { severity note }`, false},
		"null, not selected":   {`severity: null`, `open(id: 7, severity: 5) { note }`, true},
		"an absent variable":   {`severity: $absent`, `open(id: 7, severity: 5) { severity note }`, true},
	}
	b, api, key := tickets(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := b.open(api, key)
			s.t = t
			declaration := ""
			if strings.Contains(test.arguments, "$") {
				declaration = "($absent: Int)"
			}
			s.start("1", key, "subscription "+declaration+" { opened("+test.arguments+") { note } }", nil)
			b.mutate(api, key, test.mutation)
			if test.want {
				assert.Contains(t, s.next(), `"type":"data"`)
			}
			s.silent()
		})
	}
}

func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	encode := func(headers map[string]string) string {
		text, err := json.Marshal(headers)
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	query := func(headers map[string]string) string { return "?header=" + encode(headers) }
	const missing = `{"errorType":"UnauthorizedException","message":"Required headers are missing.","errorCode":400}`
	tests := map[string]struct {
		api, query string
		protocols  []string
		want       string
	}{
		"a key in the query":         {api, query(keyed(key)), []string{"graphql-ws"}, ""},
		"a key in the sub-protocol":  {api, "", []string{"graphql-ws", "header-" + encode(keyed(key))}, ""},
		"a signature":                {api, query(b.sign(deployer, api+"/connect", "{}")), []string{"graphql-ws"}, ""},
		"a wrong key":                {api, query(keyed("da2-x")), []string{"graphql-ws"}, `{"errorType":"UnauthorizedException","message":"You are not authorized to make this call.","errorCode":401}`},
		"no key":                     {api, query(map[string]string{"host": "x"}), []string{"graphql-ws"}, `{"errorType":"UnauthorizedException","message":"Valid authorization header not provided.","errorCode":401}`},
		"no host":                    {api, query(map[string]string{"x-api-key": key}), []string{"graphql-ws"}, missing},
		"no headers":                 {api, "", []string{"graphql-ws"}, missing},
		"no base64":                  {api, "?header=!", []string{"graphql-ws"}, missing},
		"no JSON":                    {api, "?header=" + base64.StdEncoding.EncodeToString([]byte("[]")), []string{"graphql-ws"}, missing},
		"no sub-protocol":            {api, query(keyed(key)), nil, `{"message":"NoProtocolError","errorCode":400}`},
		"an API that does not exist": {"nope", query(keyed(key)), []string{"graphql-ws"}, `{"errorType":"NotFoundException","message":"GraphQL API nope not found.","errorCode":404}`},
		"half a signature": {api, query(map[string]string{"host": "x", "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20240101/eu/appsync/aws4_request, SignedHeaders=host, Signature=12"}), []string{"graphql-ws"},
			`{"errorType":"IncompleteSignatureException","message":"Authorization header requires a 'Signature' parameter of 64 hexadecimal digits. Authorization header requires existence of an 'X-Amz-Date' header.","errorCode":400}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := b.dialWith(test.api, test.query, test.protocols...)
			s.t = t
			s.send(`{"type":"connection_init"}`)
			if test.want == "" {
				s.wants(`{"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}`)
				return
			}
			s.wants(`{"type":"connection_error","payload":{"errors":[` + test.want + `]}}`)
			_, _, err := s.conn.Read(t.Context())
			assert.Error(t, err, "the connection is closed")
		})
	}
}

func TestRefusedSubscriptions(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	unknown := `{"errorType":"UnsupportedOperation","message":"unknown not supported through the realtime channel","errorCode":400}`
	start := func(query string) string { return startMessage(t, "1", query, nil, keyed(key)) }
	tests := map[string]struct{ message, want string }{
		"unknown field":    {start("subscription { nope { id } }"), `{"message":"Validation error of type FieldUndefined: Field 'nope' in type 'Subscription' is undefined @ 'nope'","errorCode":400}`},
		"not authorized":   {start("subscription { secret { id } }"), `{"errorType":"Unauthorized","message":"Not Authorized to access secret on type Subscription"}`},
		"a query":          {start("{ a }"), `{"errorType":"UnsupportedOperation","message":"query not supported through the realtime channel","errorCode":400}`},
		"syntax":           {start("subscription {"), `{"errorType":"MalformedHttpRequestException","message":"Unable to parse GraphQL query.","errorCode":400}`},
		"two fields":       {start("subscription { never { id } opened { id } }"), ""},
		"a bad variable":   {start("subscription ($s: Int!) { opened(severity: $s) { id } }"), `{"message":"Variable 's' has coerced Null value for NonNull type 'Int!'","errorCode":400}`},
		"a wrong key":      {startMessage(t, "1", "subscription { opened { id } }", nil, keyed("da2-x")), `{"errorType":"UnauthorizedException","message":"You are not authorized to make this call.","errorCode":401}`},
		"no authorization": {`{"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { never { id } }\"}"}}`, `{"errorType":"UnauthorizedException","message":"Valid authorization header not provided.","errorCode":401}`},
		"data is no text":  {`{"id":"1","type":"start","payload":{"data":{"query":"x"}}}`, unknown},
		"data is no JSON":  {`{"id":"1","type":"start","payload":{"data":"x"}}`, unknown},
		"no type":          {`{"id":"1"}`, unknown},
		"another type":     {`{"id":"1","type":"subscribe"}`, `{"errorType":"UnsupportedOperation","message":"subscribe not supported through the realtime channel","errorCode":400}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := b.open(api, key)
			s.t = t
			s.send(test.message)
			if test.want == "" {
				assert.Contains(t, s.next(), `"type":"error"`)
				return
			}
			s.wants(`{"id":"1","type":"error","payload":{"errors":[` + test.want + `]}}`)
			s.start("1", key, "subscription { never { id } }", nil)
		})
	}
}

func TestSubscriptionsOfOneConnection(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	s := b.open(api, key)
	for i := range 100 {
		s.start(fmt.Sprint(i), key, "subscription { never { id } }", nil)
	}
	s.send(startMessage(t, "7", "subscription { never { id } }", nil, keyed(key)))
	s.wants(`{"id":"7","type":"error","payload":{"errors":[{"errorType":"DuplicatedOperationError","message":"A subscription with the id \"7\" is already started.","errorCode":400}]}}`)
	s.send(startMessage(t, "x", "subscription { never { id } }", nil, keyed(key)))
	s.wants(`{"id":"x","type":"error","payload":{"errors":[{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 100 subscriptions reached","errorCode":400}]}}`)
	s.send(`{"type":"stop","id":"7"}`)
	s.wants(`{"type":"complete","id":"7"}`)
	s.start("x", key, "subscription { never { id } }", nil)
}

func TestLargeMessagesAreDropped(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	s := b.open(api, key)
	s.start("1", key, "subscription { opened { note } }", nil)
	b.mutate(api, key, `open(id: 1, note: "`+strings.Repeat("x", 240<<10)+`") { note }`)
	b.mutate(api, key, `open(id: 1, note: "small") { note }`)
	s.wants(`{"id":"1","type":"data","payload":{"data":{"opened":{"note":"small"}}}}`)
	assert.Contains(t, b.log.String(), "a subscriber's message is dropped")
}

func TestOnlyIAMCallsAFeed(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	s := b.open(api, key)
	s.start("1", key, "subscription { opened(id: 9) { id note owner { name } } }", nil)
	const mutation = `{"query":"mutation($row: AWSJSON!) { hidden(row: $row) { id note owner { name } internal } }","variables":{"row":"{\"id\":9,\"note\":\"n\",\"owner\":{\"name\":\"o\"},\"internal\":\"i\"}"}}`
	_, body := b.send(api, []byte(mutation), map[string]string{"x-api-key": key})
	assert.Contains(t, body, "Not Authorized to access hidden on type Mutation")
	s.silent()
	_, body = b.send(api, []byte(mutation), b.signed(api, mutation))
	assert.JSONEq(t, `{"data":{"hidden":{"id":"9","note":"n","owner":{"name":"o"},"internal":"i"}}}`, body)
	s.wants(`{"id":"1","type":"data","payload":{"data":{"opened":{"id":"9","note":"n","owner":{"name":"o"}}}}}`)

	s.send(b.signedStart(deployer, api, "2", "subscription { secret { internal } }"))
	s.wants(`{"type":"start_ack","id":"2"}`)
	b.mutate(api, key, `open(id: 1) { note }`)
	s.wants(`{"id":"2","type":"data","payload":{"data":{"secret":{"internal":null}}}}`)
}

func TestConnectionsEndWithTheirAPI(t *testing.T) {
	t.Parallel()
	b, api, key := tickets(t)
	s, other := b.open(api, key), b.open(api, key)
	_, err := b.client.DeleteGraphqlApi(t.Context(), &sdk.DeleteGraphqlApiInput{ApiId: &api})
	require.NoError(t, err)
	for _, one := range []*socket{s, other} {
		require.Eventually(t, func() bool { _, _, err := one.conn.Read(t.Context()); return err != nil }, 5*time.Second, time.Millisecond)
	}
	closed := make(chan struct{})
	go func() { b.service.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Fatal("Close waits for connections that have ended")
	}
}
