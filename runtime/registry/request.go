package registry

import (
	"encoding/json"
	"errors"
	"fmt"
)

// RequestFormat is the version of the queue messages' format. It changes only when a
// reader of the old format would misread the new one.
const RequestFormat = 1

// Types of requests.
const (
	// TypeConnect connects a revision of a plugin.
	TypeConnect = "connect"
	// TypeDisconnect takes a revision of a plugin away.
	TypeDisconnect = "disconnect"
	// TypeSweep looks whether root fields that were kept for their resolvers can go.
	TypeSweep = "sweep"
)

// Request is one message on the registry queue and, for TypeSweep, on the sweep queue.
type Request struct {
	Format int `json:"format"`
	// ID identifies the request: the same id twice has one effect. It is the
	// message's deduplication id and the key of its outcome.
	ID   string `json:"id"`
	Type string `json:"type"`
	// Time is when the request was sent, RFC 3339 in UTC with milliseconds.
	Time string `json:"time,omitempty"`
	// One of these is set, as Type says.
	Connect    *Connect    `json:"connect,omitempty"`
	Disconnect *Disconnect `json:"disconnect,omitempty"`
	Sweep      *Sweep      `json:"sweep,omitempty"`
}

// Connect asks to connect a revision of a plugin.
type Connect struct {
	Plugin  string `json:"plugin"`
	Version string `json:"version"`
	// Stack is organization/project/stack of the stack that the plugin belongs to.
	Stack string `json:"stack"`
	// Hash identifies the revision (see schema.Hash), Nonce the attempt.
	Hash  string `json:"hash"`
	Nonce string `json:"nonce,omitempty"`
	// Fragment is the schema as [Pack] packs it.
	Fragment        string   `json:"fragment"`
	ExtensionPoints []string `json:"extensionPoints,omitempty"`
}

// Disconnect asks to take a revision away. Another stack's plugin, or another
// revision than the connected one, stays.
type Disconnect struct {
	Plugin string `json:"plugin"`
	Stack  string `json:"stack"`
	Hash   string `json:"hash"`
}

// Sweep asks to look at kept root fields.
type Sweep struct {
	// Attempt counts the sweeps for one set of kept fields, from 1.
	Attempt int `json:"attempt"`
}

// Plugin is the name of the plugin that a request is about, empty for a sweep.
func (r Request) Plugin() string {
	switch {
	case r.Connect != nil:
		return r.Connect.Plugin
	case r.Disconnect != nil:
		return r.Disconnect.Plugin
	}
	return ""
}

// Encode gives the message's body.
func (r Request) Encode() (string, error) {
	r.Format = RequestFormat
	if err := r.check(); err != nil {
		return "", err
	}
	body, err := json.Marshal(r)
	return string(body), err
}

// DecodeRequest reads a message's body.
func DecodeRequest(body string) (Request, error) {
	var r Request
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return Request{}, fmt.Errorf("the body is not a registry request: %w", err)
	}
	if r.Format != RequestFormat {
		return Request{}, fmt.Errorf("the registry request has format %d, this release reads %d; update the platform's stack", r.Format, RequestFormat)
	}
	return r, r.check()
}

// check says what a request lacks.
func (r Request) check() error {
	var problems []error
	if r.ID == "" {
		problems = append(problems, errors.New("id is empty"))
	}
	payloads := map[string]bool{TypeConnect: r.Connect != nil, TypeDisconnect: r.Disconnect != nil, TypeSweep: r.Sweep != nil}
	present, known := payloads[r.Type]
	if !known {
		problems = append(problems, fmt.Errorf("type %q is none of %s, %s, %s", r.Type, TypeConnect, TypeDisconnect, TypeSweep))
	}
	if known && !present {
		problems = append(problems, fmt.Errorf("type is %s, but member %s is missing", r.Type, r.Type))
	}
	if present && r.Type != TypeSweep && r.Plugin() == "" {
		problems = append(problems, fmt.Errorf("%s.plugin is empty", r.Type))
	}
	if len(problems) > 0 {
		return fmt.Errorf("the registry request is incomplete: %w", errors.Join(problems...))
	}
	return nil
}
