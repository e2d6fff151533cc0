package authorizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// maxContext is how many bytes of JSON a resolverContext may have: 5 MB.
	maxContext = 5 << 20
	// maxTTL is how many seconds an answer can be kept.
	maxTTL = 3600
)

// Decision is what an authorizer decided on a token that is let in.
type Decision struct {
	allowed bool
	denied  []string
	// Context is the resolverContext, never nil.
	Context map[string]any
}

// Denies says whether a field of an API, whose ARN is given, is one that the caller does not
// get.
func (d Decision) Denies(api, typeName, field string) bool {
	return slices.Contains(d.denied, typeName+"."+field) || slices.Contains(d.denied, api+"/types/"+typeName+"/fields/"+field)
}

// answer is what a function answers.
type answer struct {
	Authorized *bool          `json:"isAuthorized"`
	Context    map[string]any `json:"resolverContext"`
	Denied     []string       `json:"deniedFields"`
	TTL        *int           `json:"ttlOverride"`
}

// parse reads an answer. What AppSync's documentation does not allow is an error.
func parse(text []byte) (answer, error) {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("the function's answer cannot be read: %w", err)
	}
	if a.Authorized == nil {
		return a, errors.New("the function's answer has no isAuthorized")
	}
	if a.TTL != nil && (*a.TTL < 0 || *a.TTL > maxTTL) {
		return a, fmt.Errorf("the answer's ttlOverride is %d, not 0 to %d", *a.TTL, maxTTL)
	}
	if content, _ := json.Marshal(a.Context); len(content) > maxContext {
		return a, fmt.Errorf("the answer's resolverContext has %d bytes, not %d at most", len(content), maxContext)
	}
	for name, value := range a.Context {
		switch value.(type) {
		case map[string]any, []any:
			return a, fmt.Errorf("the answer's resolverContext.%s is an object or a list, which AppSync does not support", name)
		}
	}
	return a, nil
}

func (a answer) decision() Decision {
	d := Decision{allowed: *a.Authorized, denied: a.Denied, Context: a.Context}
	if d.Context == nil {
		d.Context = map[string]any{}
	}
	return d
}

// ttl is how long the answer is kept.
func (a answer) ttl(fallback time.Duration) time.Duration {
	if a.TTL != nil {
		return time.Duration(*a.TTL) * time.Second
	}
	return fallback
}
