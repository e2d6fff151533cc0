package connect

import (
	"context"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// check answers what the registry says about a revision, and whether it could be
// connected. It changes nothing, except that the nonce which a check of an update
// (protocol.ConnectRequest.Applying) hands out is not handed out again.
func (c *Connect) check(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	if r.Guard {
		snapshot, err := c.Store.Load(ctx)
		if err != nil {
			return nil, err
		}
		return &protocol.ConnectResult{OK: true, Plugins: snapshot.Plugins()}, nil
	}
	problems := validate(r, false)
	if !validName(r.Plugin) {
		return &protocol.ConnectResult{Problems: problems}, nil
	}
	snapshot, err := c.Store.Load(ctx, r.Plugin)
	if err != nil {
		return nil, err
	}
	entry := snapshot.Entries[r.Plugin]
	if len(problems) == 0 {
		if problems, err = c.tryConnect(ctx, snapshot, r); err != nil {
			return nil, err
		}
	}
	result := &protocol.ConnectResult{
		OK: len(problems) == 0, Problems: problems, Plugins: snapshot.Plugins(),
		Connected: ownedBy(entry.State, r) && entry.State.Is(r.Hash),
	}
	result.Status = entry.State.Status
	if entry.State.Registered() {
		result.Hash = entry.State.Hash
	}
	if ownedBy(entry.State, r) {
		result.Notices = entry.State.Notices()
	}
	result.Nonce = entry.State.NextNonce(r.Hash, entry.Row.Attempts)
	if r.Applying && !result.Connected {
		return result, c.countAttempt(ctx, r.Plugin)
	}
	return result, nil
}

// ownedBy says that the connected plugin is that of the stack which asks.
func ownedBy(s registry.State, r protocol.ConnectRequest) bool { return s.Stack == r.Stack }

// tryConnect says why a revision could not be connected now.
func (c *Connect) tryConnect(ctx context.Context, snapshot *registry.Snapshot, r protocol.ConnectRequest) ([]protocol.Problem, error) {
	if problem := c.Rules.NameTaken(snapshot.Entries[r.Plugin].State, r.Plugin, r.Stack); problem != nil {
		return []protocol.Problem{*problem}, nil
	}
	if s := snapshot.Entries[r.Plugin].State; s.Status == registry.StatusInactive {
		return unanswerable(s, r), nil // there is nothing to fit into
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.workspace.Sync(ctx, snapshot); err != nil {
		return nil, err
	}
	problems := c.workspace.Put(r.Plugin, "checked", r.Fragment)
	if len(problems) == 0 {
		_, problems = c.workspace.Compose()
	}
	return problems, nil
}
