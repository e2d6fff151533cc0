package eventsource

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// States of a mapping.
const (
	stateCreating  = "Creating"
	stateEnabled   = "Enabled"
	stateDisabled  = "Disabled"
	stateDisabling = "Disabling"
	stateEnabling  = "Enabling"
	stateDeleting  = "Deleting"
	stateUpdating  = "Updating"
)

// nothingProcessed is a mapping's last result before its first batch.
const nothingProcessed = "No records processed"

// functionPoll is the pause between two looks for a function that is missing.
const functionPoll = 250 * time.Millisecond

// mapping is one event source mapping and its poller.
type mapping struct {
	service *Service
	uuid    string
	source  source
	// arn is the source's.
	arn string
	// number is its place in the order of creation.
	number int
	// woken holds a token when there may be something to poll.
	woken chan struct{}

	mutex   sync.Mutex
	config  configuration
	filters filters
	enabled bool
	deleted bool
	// cancel stops the poller, stopped is closed when it has ended. Both are nil
	// before the first.
	cancel  context.CancelFunc
	stopped chan struct{}
	// position is the sequence number of the last stream record that was dealt
	// with, "" before the first.
	position string
	// latest says that a stream's position is still to be set to its end.
	latest bool
}

func (m *mapping) wake() {
	select {
	case m.woken <- struct{}{}:
	default: // it is awake
	}
}

// settings is a copy of the configuration and the filters that are in force.
func (m *mapping) settings() (configuration, filters) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.config, m.filters
}

func (m *mapping) isEnabled() bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.enabled && !m.deleted
}

func (m *mapping) report(result string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.config.LastProcessingResult = result
}

// poller is what a poller does until its context ends.
type poller interface{ run(ctx context.Context) }

// start starts the poller, unless it runs. One that is being stopped is waited for.
func (m *mapping) start() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.service.ctx.Err() != nil || m.deleted || m.enabled {
		return
	}
	m.enabled = true
	previous := m.stopped
	ctx, cancel := context.WithCancel(m.service.ctx)
	stopped := make(chan struct{})
	m.cancel, m.stopped = cancel, stopped
	m.service.work.Go(func() {
		defer close(stopped)
		if previous != nil {
			<-previous
		}
		delay := time.Duration(m.service.options.Faults.Get().StartDelayMillis) * time.Millisecond
		if sleep(ctx, delay) {
			m.poller().run(ctx)
		}
	})
}

// stop stops the poller and calls then when the last batch has been dealt with. The
// channel is closed after that.
func (m *mapping) stop(then func()) <-chan struct{} {
	m.mutex.Lock()
	cancel, stopped := m.cancel, m.stopped
	m.enabled = false
	m.mutex.Unlock()
	done := make(chan struct{})
	if cancel == nil {
		then()
		close(done)
		return done
	}
	cancel()
	m.service.work.Go(func() {
		defer close(done)
		<-stopped
		then()
	})
	return done
}

// stopping says that the poller was stopped and still deals with its last batch.
func (m *mapping) stopping() bool {
	if m.stopped == nil {
		return false
	}
	select {
	case <-m.stopped:
		return false
	default:
		return !m.enabled
	}
}

func (m *mapping) poller() poller {
	if m.source.kind == KindQueue {
		return newQueuePoller(m)
	}
	return &streamPoller{mapping: m}
}

// idle sleeps until it is woken or the pause is over, and returns the next pause,
// which is twice as long. False says that the poller must end.
func (m *mapping) idle(ctx context.Context, pause time.Duration) (time.Duration, bool) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return 0, false
	case <-m.woken:
		return minIdlePoll, true
	case <-timer.C:
		return min(pause*2, m.longestPause()), true
	}
}

// longestPause is longer for streams: every write to a table is announced, while a
// queue's messages may also become visible by themselves.
func (m *mapping) longestPause() time.Duration {
	if m.source.kind == KindTable {
		return streamPauseFactor * m.service.options.IdlePoll
	}
	return m.service.options.IdlePoll
}

// sleep pauses; false says that the context ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// awaitFunction waits until the mapping's function exists. It may be missing while it
// is being replaced. False says that the poller must end.
func (m *mapping) awaitFunction(ctx context.Context) bool {
	for waited := false; ctx.Err() == nil; waited = true {
		config, _ := m.settings()
		_, _, err := m.service.functions.Timeout(config.FunctionArn)
		if err == nil && waited {
			m.report(nothingProcessed)
		}
		if err == nil {
			return true
		}
		if !waited {
			m.report("PROBLEM: " + err.Error())
			m.service.options.Logger.Warn("a mapping waits until its function exists", "function", config.FunctionArn, "source", m.source.name, "error", err)
		}
		sleep(ctx, functionPoll)
	}
	return false
}

// invoke runs the mapping's function with records. The end of ctx keeps it from being
// started, but does not interrupt it.
func (m *mapping) invoke(ctx context.Context, records []map[string]any) (answer []byte, functionError string, err error) {
	config, _ := m.settings()
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		return nil, "", err
	}
	answer, functionError, err = m.service.functions.Invoke(ctx, config.FunctionArn, payload)
	if err == nil && functionError == "" && m.service.options.Faults.Duplicate() {
		m.service.options.Logger.Info("fault injected: delivered twice", "mapping", m.uuid, "source", m.source.name)
		if second, secondError, err := m.service.functions.Invoke(ctx, config.FunctionArn, payload); err == nil {
			answer, functionError = second, secondError
		}
	}
	switch {
	case err != nil && ctx.Err() != nil: // polling ended while it waited for its turn
	case err != nil:
		m.report("PROBLEM: " + err.Error())
	case functionError != "":
		m.report("PROBLEM: Function call failed")
		m.service.options.Logger.Warn("function failed on a batch", "function", config.FunctionArn, "source", m.source.name, "error", string(answer[:min(len(answer), 500)]))
	default:
		m.report("OK")
	}
	return answer, functionError, err
}

// warnUnusable says why a batch fails for which the function reported no error.
func (m *mapping) warnUnusable(answer []byte) {
	config, _ := m.settings()
	m.service.options.Logger.Warn("the whole batch fails: the function's answer has no usable batchItemFailures", "function", config.FunctionArn, "answer", string(answer[:min(len(answer), 500)]))
}

func (s *Service) find(uuid string) (*mapping, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	m := s.mappings[uuid]
	if m == nil {
		return nil, restjson.NotFound("The resource you requested does not exist.")
	}
	return m, nil
}
