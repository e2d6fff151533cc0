package lambda

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// pool is the execution environments of one revision of a function.
type pool struct {
	service *Service
	config  Configuration
	folder  string

	mutex sync.Mutex
	// slots bounds the environments in use: one token for each.
	slots    chan struct{}
	reserved bool
	idle     []*environment // the last one was used last
	closed   bool
	busy     sync.WaitGroup
	all      map[*environment]bool
	// settling environments have answered and will soon ask for more work; settled
	// gets a token when one did, or ended.
	settling int
	settled  chan struct{}
}

// settleWait is how long an invocation waits for an environment that has answered,
// before it starts a new one.
const settleWait = time.Second

// slotWait is how long one waits for the slot of such an environment, where no other may
// be started: a busy computer must not make a caller's own last invocation throttle it.
const slotWait = 5 * time.Second

func (s *Service) newPool(config Configuration, folder string, reserved *int) *pool {
	p := &pool{service: s, config: config, folder: folder, all: map[*environment]bool{}, settled: make(chan struct{}, 64)}
	p.limit(s.environmentLimit(reserved))
	return p
}

// environmentLimit is how many environments a function may have, and whether its
// owner said so.
func (s *Service) environmentLimit(reserved *int) (int, bool) {
	if reserved != nil {
		return *reserved, true
	}
	return s.options.MaxEnvironments, false
}

// limit sets the bound. Invocations that run keep the slots that they have.
func (p *pool) limit(count int, reserved bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.slots, p.reserved = make(chan struct{}, count), reserved
}

// acquire takes a slot and returns its release. Reserved concurrency throttles at once,
// unless a slot is about to be free; otherwise it waits for a bounded time, since AWS
// would have more environments than this computer can run.
func (p *pool) acquire(ctx context.Context) (func(), error) {
	p.mutex.Lock()
	slots, reserved := p.slots, p.reserved
	p.mutex.Unlock()
	release := func() { <-slots }
	select {
	case slots <- struct{}{}:
		return release, nil
	default:
	}
	wait, reason := p.service.options.QueueWait, "ConcurrentInvocationLimitExceeded"
	if reserved {
		wait, reason = p.settlingTime(), "ReservedFunctionConcurrentInvocationLimitExceeded"
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case slots <- struct{}{}:
		return release, nil
	case <-timer.C:
		return nil, throttled(reason)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.service.ctx.Done():
		return nil, errClosing
	}
}

// settlingTime is how long a slot may still be taken by an environment that has
// answered: its caller must not be throttled by its own last invocation.
func (p *pool) settlingTime() time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.settling > 0 && cap(p.slots) > 0 {
		return slotWait
	}
	return 0
}

func throttled(reason string) error {
	return &restjson.Error{Status: 429, Code: "TooManyRequestsException", Message: "Rate Exceeded.", Type: "User", Reason: reason}
}

// take pops the environment that was used last; nil when there is none and none is
// about to be free.
func (p *pool) take() *environment {
	timer := time.NewTimer(settleWait)
	defer timer.Stop()
	for {
		e, soon := p.pop()
		if e != nil || !soon {
			return e
		}
		select {
		case <-p.settled:
		case <-timer.C:
			return nil
		}
	}
}

// pop pops an idle environment; soon says that another may follow.
func (p *pool) pop() (e *environment, soon bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for len(p.idle) > 0 {
		last := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if last.alive() {
			return last, true
		}
	}
	return nil, p.settling > 0
}

// answered counts an environment that has answered, until settledOne.
func (p *pool) answered() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.settling++
}

func (p *pool) settledOne() {
	p.mutex.Lock()
	p.settling--
	p.mutex.Unlock()
	select {
	case p.settled <- struct{}{}:
	default: // nobody waits
	}
}

// put gives an environment back that waits for its next invocation.
func (p *pool) put(e *environment) {
	p.mutex.Lock()
	keep := !p.closed && e.alive()
	if keep {
		e.idleSince = time.Now()
		p.idle = append(p.idle, e)
	}
	p.mutex.Unlock()
	if !keep {
		e.close()
	}
}

func (p *pool) track(e *environment) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed && p.service.ctx.Err() != nil {
		return false
	}
	p.all[e] = true
	return true
}

func (p *pool) untrack(e *environment) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.all, e)
}

// reapIdle ends the environments that have been idle for too long.
func (p *pool) reapIdle(after time.Duration) {
	p.mutex.Lock()
	count := 0
	for count < len(p.idle) && time.Since(p.idle[count].idleSince) > after {
		count++
	}
	old := p.idle[:count]
	p.idle = append([]*environment(nil), p.idle[count:]...)
	p.mutex.Unlock()
	for _, e := range old {
		e.close()
	}
}

// drain ends the pool when its invocations have ended.
func (p *pool) drain() {
	for _, e := range p.shut() {
		e.close()
	}
	p.busy.Wait()
	p.close()
}

// shut takes all idle environments out for good.
func (p *pool) shut() []*environment {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	return idle
}

// close kills every environment, whatever it does, and removes the unpacked files.
func (p *pool) close() {
	p.shut()
	p.mutex.Lock()
	all := make([]*environment, 0, len(p.all))
	for e := range p.all {
		all = append(all, e)
	}
	p.mutex.Unlock()
	for _, e := range all {
		e.close()
	}
	p.busy.Wait()
	for _, name := range []string{"task", "opt", "tmp"} {
		_ = os.RemoveAll(p.folder + "/" + name)
	}
}
