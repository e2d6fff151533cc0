package pulumi

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// Kind is a kind of failure.
type Kind string

// The kinds.
const (
	// Transient failures are those of which AWS or the network says that another try may
	// succeed.
	Transient Kind = "transient"
	// Locked is a stack that something else is deploying.
	Locked Kind = "locked"
	// Interrupted is a command that was told to end.
	Interrupted Kind = "interrupted"
	// Other is every other failure.
	Other Kind = "other"
)

// Failure is a command that failed.
type Failure struct {
	Kind Kind
	// Errors are what went wrong, at least one.
	Errors []string
}

// Error gives all errors.
func (f *Failure) Error() string { return strings.Join(f.Errors, "\n") }

// transient are the texts of failures that pass.
var transient = regexp.MustCompile(`(?i)` + strings.Join([]string{
	"Schema is currently being altered", "TooManyRequests", "Too Many Requests", "Throttl(ed|ing)", "Rate exceeded", "RequestLimitExceeded", "SlowDown",
	"ConcurrentModificationException", "ServiceUnavailable", "InternalServer(Error|Exception)", "InternalFailure", "StatusCode: 50[0234]",
	"connection reset by peer", "connection refused", "TLS handshake timeout", "i/o timeout", "unexpected EOF",
}, "|"))

// locked are the texts of a stack that is locked, by self-managed backends and by Pulumi Cloud.
var locked = regexp.MustCompile(`the stack is currently locked by|Another update is currently in progress|\[409\] Conflict`)

// failure says what a failed command printed and what its event log says went wrong.
func failure(ctx context.Context, printed string, diagnosed []string) *Failure {
	failed := &Failure{Kind: Other, Errors: diagnosed}
	if len(failed.Errors) == 0 {
		failed.Errors = printedErrors(printed)
	}
	switch {
	case ctx.Err() != nil:
		failed.Kind = Interrupted
	case locked.MatchString(printed):
		failed.Kind = Locked
	case !slices.ContainsFunc(failed.Errors, func(text string) bool { return !transient.MatchString(text) }):
		failed.Kind = Transient
	}
	return failed
}

// printedErrors are the errors in a command's output: from "error:" to the end of the
// paragraph, or all of it when it has none.
func printedErrors(printed string) []string {
	var found []string
	for _, part := range regexp.MustCompile(`(?m)^error: `).Split(printed, -1)[1:] {
		if text, _, _ := strings.Cut(part, "\n\n"); strings.TrimSpace(text) != "" {
			found = append(found, strings.TrimSpace(text))
		}
	}
	if len(found) > 0 {
		return found
	}
	if text := strings.TrimSpace(printed); text != "" {
		return []string{text}
	}
	return []string{"the pulumi command ended without saying why"}
}
