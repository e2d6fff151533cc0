package lambda

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// function is one function: its configuration and what runs it.
type function struct {
	mutex    sync.Mutex
	config   Configuration
	tags     map[string]string
	policy   []statement
	reserved *int
	zipPath  string
	// eventInvoke is nil when asynchronous invocations have the defaults.
	eventInvoke *eventInvokeConfig

	// current runs invocations, unless an update is in progress: then previous
	// does until readyAt.
	current, previous *pool
	readyAt           time.Time
	creating          bool
	timer             *time.Timer
}

// find looks a function up by name, name:qualifier, or full or partial ARN.
func (s *Service) find(reference string) (*function, error) {
	name, qualifier := functionName(reference)
	s.mutex.Lock()
	f := s.functions[name]
	s.mutex.Unlock()
	if f == nil || qualifier != "" && qualifier != "$LATEST" {
		return nil, restjson.NotFound("Function not found: %s", s.functionARN(name, qualifier))
	}
	return f, nil
}

// functionName takes a reference to a function apart.
func functionName(reference string) (name, qualifier string) {
	return nameAfter(reference, "function")
}

// nameAfter takes an ARN apart: the name is what follows the resource type, the
// qualifier (a version) what follows the name. A reference without the resource
// type is name or name:qualifier.
func nameAfter(reference, resourceType string) (name, qualifier string) {
	parts := strings.Split(reference, ":")
	for i, part := range parts {
		if part == resourceType && i+1 < len(parts) {
			parts = parts[i+1:]
			break
		}
	}
	if len(parts) > 1 {
		qualifier = parts[1]
	}
	return parts[0], qualifier
}

func (s *Service) functionARN(name, qualifier string) string {
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.options.Region, s.options.AccountID, name)
	if qualifier != "" {
		arn += ":" + qualifier
	}
	return arn
}

// configuration is a copy with the states as they are now.
func (f *function) configuration() Configuration {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.configurationLocked()
}

func (f *function) configurationLocked() Configuration {
	config := f.config
	config.State, config.LastUpdateStatus = "Active", "Successful"
	if time.Now().Before(f.readyAt) {
		config.LastUpdateStatus = "InProgress"
		if f.creating {
			config.State, config.StateReason, config.StateReasonCode = "Pending", "The function is being created.", "Creating"
		}
	}
	return config
}

// checkIdle refuses a change while another is in progress.
func (f *function) checkIdle(revision string) error {
	if time.Now().Before(f.readyAt) {
		return restjson.Conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", f.config.FunctionArn)
	}
	if revision != "" && revision != f.config.RevisionID {
		return &restjson.Error{Status: 412, Code: "PreconditionFailedException", Type: "User",
			Message: "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id"}
	}
	return nil
}

// swap lets the next pool run the function: at once, or after the delay.
func (f *function) swap(next *pool, delay time.Duration) {
	old := f.current
	f.current = next
	if delay <= 0 {
		retire(old)
		return
	}
	f.previous, f.readyAt = old, time.Now().Add(delay)
	f.timer = time.AfterFunc(delay, func() {
		f.mutex.Lock()
		old := f.previous
		f.previous, f.creating = nil, false
		f.mutex.Unlock()
		retire(old)
	})
}

// runner is the pool that runs invocations now.
func (f *function) runner() (*pool, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if !time.Now().Before(f.readyAt) {
		return f.current, nil
	}
	if f.previous == nil {
		return nil, restjson.Conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	}
	return f.previous, nil
}

func (f *function) pools() []*pool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.timer != nil {
		f.timer.Stop()
	}
	return []*pool{f.current, f.previous}
}

func (f *function) close() {
	for _, p := range f.pools() {
		if p != nil {
			p.close()
		}
	}
}

func (f *function) reapIdle(after time.Duration) {
	f.mutex.Lock()
	current := f.current
	f.mutex.Unlock()
	current.reapIdle(after)
}

func retire(p *pool) {
	if p != nil {
		go p.drain()
	}
}
