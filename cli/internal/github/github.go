// Package github asks GitHub's REST API about the repository of a workflow run.
//
//  1. [New] takes the API's address, the repository and the token from the environment of a
//     run.
//  2. [Client.History] and [Client.Jobs] read runs of workflows, [Client.KeepComment]
//     writes one comment of a pull request, again and again.
//  3. What GitHub refuses for a while, by its rate limits or when it is out of order, is asked
//     again, bounded and with jitter. A request that makes something is only repeated when
//     GitHub says that it did not do it.
//  4. [ReadEvent] reads what a run was started by.
package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// tries is how often a request is made at most.
	tries = 5
	// longest is the longest wait before another try. When GitHub asks for a longer one, the
	// request fails.
	longest = 2 * time.Minute
	// largest is how much of an answer is read, in bytes.
	largest = 32 << 20
)

// Client asks about one repository.
type Client struct {
	// Repository is owner/name.
	Repository string

	http  *http.Client
	url   string
	token string
	sleep func(context.Context, time.Duration) error
	now   func() time.Time
}

// New makes a client for the repository of a run; nil when the environment is not that of a
// run with a token. lookup is [os.LookupEnv].
func New(client *http.Client, lookup func(string) (string, bool)) *Client {
	value := func(name string) string { set, _ := lookup(name); return set }
	if value("GITHUB_TOKEN") == "" || value("GITHUB_REPOSITORY") == "" {
		return nil
	}
	return &Client{Repository: value("GITHUB_REPOSITORY"), http: client, token: value("GITHUB_TOKEN"), now: time.Now, sleep: sleep,
		url: strings.TrimSuffix(cmp.Or(value("GITHUB_API_URL"), "https://api.github.com"), "/")}
}

func sleep(ctx context.Context, wait time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// StatusError is an answer that is no success.
type StatusError struct {
	Method, Path string
	Status       int
	// Message is what GitHub says of it.
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("GitHub answered %s %s with %d: %s", e.Method, e.Path, e.Status, e.Message)
}

// Is says whether an error is an answer with one of the statuses.
func Is(err error, statuses ...int) bool {
	var answered *StatusError
	if !errors.As(err, &answered) {
		return false
	}
	for _, status := range statuses {
		if answered.Status == status {
			return true
		}
	}
	return false
}

// path is a path below the repository's.
func (c *Client) path(format string, values ...any) string {
	return "/repos/" + c.Repository + fmt.Sprintf(format, values...)
}

// call makes a request, and again while that may help. body is sent as JSON unless it is
// nil; the answer is decoded into result. next is the path of the answer's next page.
func (c *Client) call(ctx context.Context, method, path string, body, result any) (next string, err error) {
	for attempt := 1; ; attempt++ {
		var wait time.Duration
		var again bool
		next, wait, again, err = c.once(ctx, method, path, body, result)
		if err == nil || !again || attempt == tries || wait > longest {
			return next, err
		}
		if wait == 0 {
			wait = time.Duration(rand.Int64N(int64(time.Second << attempt)))
		}
		if c.sleep(ctx, wait) != nil {
			return "", err
		}
	}
}

// once makes a request once. again says whether another try may help, after wait; 0 when
// GitHub does not say how long.
func (c *Client) once(ctx context.Context, method, path string, body, result any) (next string, wait time.Duration, again bool, err error) {
	var text []byte
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return "", 0, false, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return "", 0, false, err
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	request.Header.Set("User-Agent", "reventless")
	answer, err := c.http.Do(request)
	if err != nil {
		return "", 0, method != http.MethodPost && ctx.Err() == nil, fmt.Errorf("ask GitHub: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err = io.ReadAll(io.LimitReader(answer.Body, largest))
	if err != nil {
		return "", 0, method != http.MethodPost, fmt.Errorf("read GitHub's answer to %s %s: %w", method, path, err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		wait, again := c.again(method, answer, text)
		return "", wait, again, &StatusError{method, path, answer.StatusCode, message(text)}
	}
	if err := json.Unmarshal(text, result); err != nil {
		return "", 0, false, fmt.Errorf("GitHub's answer to %s %s is not understood: %w", method, path, err)
	}
	return c.nextPage(answer.Header.Get("Link")), 0, false, nil
}

// again says whether and when a refused request may be made again, by the rules of
// https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
func (c *Client) again(method string, answer *http.Response, text []byte) (time.Duration, bool) {
	limited := answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusForbidden
	if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil && limited {
		return max(1, time.Duration(seconds)) * time.Second, true
	}
	if reset, err := strconv.ParseInt(answer.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil && limited && answer.Header.Get("X-RateLimit-Remaining") == "0" {
		return max(time.Second, time.Unix(reset, 0).Sub(c.now())+time.Second), true
	}
	if answer.StatusCode == http.StatusTooManyRequests || limited && strings.Contains(string(text), "secondary rate limit") {
		return time.Minute, true
	}
	return 0, answer.StatusCode >= http.StatusInternalServerError && method != http.MethodPost
}

// message is what an answer that is no success says.
func message(text []byte) string {
	var said struct {
		Message string `json:"message"`
		Errors  []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(text, &said) != nil || said.Message == "" {
		return "no message"
	}
	for _, detail := range said.Errors {
		if detail.Message != "" {
			said.Message += ", " + detail.Message
		}
	}
	return said.Message
}

var nextLink = regexp.MustCompile(`<([^>]+)>;\s*rel="next"`)

// nextPage is the path of the next page, "" when there is none. Only this API is asked: the
// token is for nobody else.
func (c *Client) nextPage(link string) string {
	match := nextLink.FindStringSubmatch(link)
	if match == nil {
		return ""
	}
	path, own := strings.CutPrefix(match[1], c.url)
	if !own || !strings.HasPrefix(path, "/") {
		return ""
	}
	return path
}
