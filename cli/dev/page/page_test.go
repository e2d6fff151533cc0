package page

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestGuarded(t *testing.T) {
	t.Parallel()
	handler := guarded("127.0.0.1:1234", New().handler())
	tests := map[string]struct {
		host, path string
		want       int
	}{
		"address":               {"127.0.0.1:1234", "/", http.StatusOK},
		"localhost":             {"localhost:1234", "/page.js", http.StatusOK},
		"another name":          {"evil.example.com:1234", "/api/state", http.StatusForbidden},
		"another port":          {"127.0.0.1:99", "/", http.StatusForbidden},
		"not a plugin's":        {"127.0.0.1:1234", "/api/rows?table=users", http.StatusNotFound},
		"before it is deployed": {"127.0.0.1:1234", "/api/state", http.StatusOK},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodGet, test.path, nil)
			request.Host = test.host
			recorded := httptest.NewRecorder()
			handler.ServeHTTP(recorded, request)
			assert.Equal(t, test.want, recorded.Code)
			if test.want == http.StatusOK {
				assert.Contains(t, recorded.Header().Get("Content-Security-Policy"), "default-src 'self'")
			}
		})
	}
}

// TestHappenings follows them, and goes on after a browser was away.
func TestHappenings(t *testing.T) {
	t.Parallel()
	h := newHappenings()
	for range kept + 10 {
		h.add(Happening{Kind: "log"})
	}
	server := httptest.NewServer(http.HandlerFunc(h.serve))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next := follow(t, ctx, server.URL, "")
	assert.Equal(t, 11, next().Number, "the last ones are kept")
	for range kept - 1 {
		next()
	}
	h.add(Happening{Kind: "event", Text: "ProductAdded p"})
	assert.Equal(t, "ProductAdded p", next().Text)
	assert.Equal(t, kept+11, follow(t, ctx, server.URL, "510")().Number)
}

func follow(t *testing.T, ctx context.Context, url, last string) func() Happening {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	request.Header.Set("Last-Event-ID", last)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	return func() Happening {
		for lines.Scan() {
			if data, is := strings.CutPrefix(lines.Text(), "data: "); is {
				var happening Happening
				require.NoError(t, json.Unmarshal([]byte(data), &happening))
				return happening
			}
		}
		t.Fatal("it ended")
		return Happening{}
	}
}

// TestNews tells of a commit once, also of one that a DCB log has in several streams, and
// not of its guard.
func TestNews(t *testing.T) {
	t.Parallel()
	l := &logReader{happenings: newHappenings(), seen: map[string]map[string]bool{"t": {}}}
	commit := eventlog.Commit{ID: "a", Seq: 1, Events: []turn.Event{{Type: "Added", Data: json.RawMessage(`{"n":1}`)}},
		Origin: eventlog.Origin{CommandID: "c", Time: "2026-01-01T00:00:00Z"}}
	_, is := l.news("t", eventlog.EncodeItem(commit))
	assert.True(t, is)
	_, is = l.news("t", eventlog.EncodeItem(commit))
	assert.False(t, is)
	commit.Position, commit.Places = 7, []eventlog.Place{{Tag: "id", ID: "home", Number: 1}}
	first := eventlog.EncodeItem(commit)
	commit.ID = "another stream"
	_, is = l.news("t", first)
	assert.True(t, is)
	_, is = l.news("t", eventlog.EncodeItem(commit))
	assert.False(t, is)
	_, is = l.news("t", map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "guard"}})
	assert.False(t, is)

	l.tell("catalog dcb", commit)
	told, _ := l.happenings.after(0)
	require.Len(t, told, 1)
	assert.Equal(t, "Added home", told[0].Text)
	assert.Equal(t, "catalog dcb", told[0].Source)
	assert.WithinDuration(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), told[0].Time, 0)
}
