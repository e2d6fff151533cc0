package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// model is the registry as it should be: the requests in the order of the queue, each with
// the outcome that it had, which the model must find possible.
type model struct {
	cloud   *cloud
	plugins map[string]*owner
	// logged are the requests that led to events.
	logged  map[string]bool
	problem []string
}

// owner is a plugin in the model.
type owner struct {
	status, stack, hash string
	revision            *revision
	// stranded says that the stack went while the plugin was inactive, naming a revision
	// other than the registry's: that cannot be told from a replaced connection.
	stranded bool
	// requested is when the latest request was sent that changed the plugin.
	requested string
}

func (o *owner) served() bool { return o.status == registry.StatusConnected }

func (o *owner) registered() bool { return o.served() || o.status == registry.StatusInactive }

// replay replays the queue's history.
func (c *cloud) replay() *model {
	c.fifo.mu.Lock()
	history := slices.Clone(c.fifo.history)
	c.fifo.mu.Unlock()
	_, logged := c.logged()
	m := &model{cloud: c, plugins: map[string]*owner{}, logged: logged}
	done := map[string]bool{}
	for i, e := range history {
		outcome, ok := c.outcome(e.ID)
		switch r := e.Request; {
		case r.Plugin() == "" || done[r.ID] || (e.givenUp && !e.done):
		case logged[r.ID] && (!ok || e.givenUp): // answered when it is redriven, if at all
			done[r.ID] = true
			m.apply(r)
		case !ok:
			m.wrong(r, "has no outcome, and is not among the dead letters")
		default:
			done[r.ID] = true
			m.request(r, outcome, history[i+1:])
		}
	}
	return m
}

// trace tells what happened to a plugin, for failures.
func (c *cloud) trace(plugin string) string {
	_, logged := c.logged()
	c.fifo.mu.Lock()
	defer c.fifo.mu.Unlock()
	var text strings.Builder
	for _, e := range c.fifo.history {
		if e.Plugin() == plugin {
			o, ok := c.outcome(e.ID)
			fmt.Fprintf(&text, "  %s %s %s", e.Time, e.ID, e.Type)
			for _, payload := range []any{e.Connect, e.Disconnect} {
				switch payload := payload.(type) {
				case *registry.Connect:
					if payload != nil {
						fmt.Fprintf(&text, " %s %q", payload.Stack, payload.Hash)
					}
				case *registry.Disconnect:
					if payload != nil {
						fmt.Fprintf(&text, " %s %q", payload.Stack, payload.Hash)
					}
				}
			}
			fmt.Fprintf(&text, " → %v %s %s (events %v, given up %v done %v)\n", ok, o.String(), o.Time, logged[e.ID], e.givenUp, e.done)
		}
	}
	return text.String()
}

func (c *cloud) outcome(id string) (registry.Outcome, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.outcomes[id]
	return o, ok
}

func (m *model) wrong(r registry.Request, format string, args ...any) {
	m.problem = append(m.problem, fmt.Sprintf("request %s to %s plugin %s %s\n%s", r.ID, r.Type, r.Plugin(), fmt.Sprintf(format, args...), m.cloud.trace(r.Plugin())))
}

func (m *model) plugin(name string) *owner {
	if m.plugins[name] == nil {
		m.plugins[name] = &owner{}
	}
	return m.plugins[name]
}

// request checks an outcome and does what it says.
func (m *model) request(r registry.Request, o registry.Outcome, later []*entry) {
	if o.OK {
		if why := m.forbids(r, later); why != "" {
			m.wrong(r, "was accepted although %s", why)
		}
		m.apply(r)
		return
	}
	if !m.explains(r, o) {
		m.wrong(r, "was refused without reason: %s", registry.Texts(o.Problems))
	}
}

// explains says that a refusal has its reason.
func (m *model) explains(r registry.Request, o registry.Outcome) bool {
	p, code := m.plugin(r.Plugin()), o.Problems[0].Code
	switch code {
	case protocol.CodeExpired:
		return age(r, o) > registry.MaxRequestAge || r.Time < p.requested
	case protocol.CodeNameTaken:
		return r.Connect != nil && p.registered() && p.stack != r.Connect.Stack
	case protocol.CodeFieldConflict, protocol.CodeTypeConflict:
		rev := m.wanted(r)
		return rev != nil && m.conflict(r.Plugin(), rev) == code
	case protocol.CodeSchemaRefused:
		rev := m.wanted(r)
		return rev != nil && rev.poisoned()
	case protocol.CodeWrongStatus:
		return r.Operates() && (p.status == registry.StatusRetired || (r.Retire != nil && p.served()))
	case protocol.CodeUnknownPlugin:
		return r.Operates() && p.status == ""
	case protocol.CodeNotReleasable:
		return r.Release != nil
	}
	return false
}

func age(r registry.Request, o registry.Outcome) time.Duration { return sent(o.Time).Sub(sent(r.Time)) }

// sent reads a time.
func sent(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text)
	return t
}

// wanted is the revision whose fields a request would bring into the API.
func (m *model) wanted(r registry.Request) *revision {
	switch {
	case r.Connect != nil:
		return m.cloud.revision(r.Connect.Hash)
	case r.Activate != nil:
		return m.plugin(r.Plugin()).revision
	}
	return nil
}

// conflict is the code with which a revision cannot be connected, empty if it can.
func (m *model) conflict(name string, rev *revision) string {
	code := ""
	for other, p := range m.plugins {
		if other == name || !p.served() {
			continue
		}
		if rev.money > 0 && p.revision.money > 0 && rev.money != p.revision.money && len(rev.fields)*len(p.revision.fields) > 0 {
			code = protocol.CodeTypeConflict
		}
	}
	for other, p := range m.plugins {
		if other != name && p.served() && slices.ContainsFunc(rev.fields, func(field string) bool { return slices.Contains(p.revision.fields, field) }) {
			return protocol.CodeFieldConflict
		}
	}
	return code
}

// forbids says why a request cannot have been accepted, empty if it can. One that AppSync
// would refuse can, if another one came before anything was pushed.
func (m *model) forbids(r registry.Request, later []*entry) string {
	p, rev := m.plugin(r.Plugin()), m.wanted(r)
	switch {
	case r.ChangesFields() && sent(p.requested).Sub(sent(r.Time)) > time.Second:
		return "a newer request was done before"
	case r.Connect != nil && p.registered() && p.stack != r.Connect.Stack:
		return "the name is taken"
	case rev == nil || (r.Connect != nil && p.status == registry.StatusInactive) || (r.Activate != nil && p.status != registry.StatusInactive):
		return ""
	case rev.poisoned() && !slices.ContainsFunc(later, func(l *entry) bool { return l.Plugin() == r.Plugin() }):
		return "AppSync refuses its schema"
	}
	return m.conflict(r.Plugin(), rev)
}

// apply does what an accepted request wants.
func (m *model) apply(r registry.Request) {
	p := m.plugin(r.Plugin())
	before := *p
	switch {
	case r.Connect != nil:
		p.stranded = false
		p.stack, p.hash, p.revision = r.Connect.Stack, r.Connect.Hash, m.cloud.revision(r.Connect.Hash)
		if p.status != registry.StatusInactive {
			p.status = registry.StatusConnected
		}
	case r.Disconnect != nil && p.registered() && p.stack == r.Disconnect.Stack && (p.hash == r.Disconnect.Hash || m.logged[r.ID]):
		p.status = registry.StatusRetired
	case r.Disconnect != nil && p.status == registry.StatusInactive && p.stack == r.Disconnect.Stack:
		p.stranded = true
	case r.Deactivate != nil && p.served():
		p.status = registry.StatusInactive
	case r.Activate != nil && p.status == registry.StatusInactive:
		p.status = registry.StatusConnected
	case r.Retire != nil && p.status == registry.StatusInactive:
		p.status = registry.StatusRetired
	}
	if *p != before || (r.ChangesFields() && m.logged[r.ID]) {
		p.requested = r.Time
	}
}
