package faults

import (
	"strings"
	"sync"
)

// group is one service's settings together with its counters of calls.
type group[T any] struct {
	mutex    sync.Mutex
	settings T
	calls    map[string]int
}

// Get is a copy of the group's settings.
func (g *group[T]) Get() T {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.settings
}

// set replaces the settings and starts counting anew.
func (g *group[T]) set(settings T) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.settings, g.calls = settings, nil
}

// hit counts a call and says whether it is the n-th, 2n-th, … one. every reads n
// from the settings; 0 never hits.
func (g *group[T]) hit(counter string, every func(T) int) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	n := every(g.settings)
	if n <= 0 {
		return false
	}
	if g.calls == nil {
		g.calls = map[string]int{}
	}
	g.calls[counter]++
	return g.calls[counter]%n == 0
}

// SchemaSettings are the faults of AppSync's control plane.
type SchemaSettings struct {
	// CreationMillis is how long a schema creation stays PROCESSING.
	CreationMillis int `json:"creationMillis"`
	// PropagationMillis is how long after the schema's success new fields are still
	// refused with "No field named X found on type Y".
	PropagationMillis int `json:"propagationMillis"`
	// ConflictMillisAfter is how long after the schema's success other changes are
	// still refused with ConcurrentModificationException (409), as AppSync's
	// asynchronous merge does. While the schema is PROCESSING they always are.
	ConflictMillisAfter int `json:"conflictMillisAfter"`
	// ThrottleEvery answers every n-th control-plane call with 429 TooManyRequests;
	// 0 none, 1 every call.
	ThrottleEvery int `json:"throttleEvery"`
	// ReadConflictEvery answers every n-th read of a data source or resolver with
	// ConcurrentModificationException (409), as while the schema is altered; 0 none.
	ReadConflictEvery int `json:"readConflictEvery"`
	// FailWith lets every schema creation end as FAILED with this text as details.
	FailWith string `json:"failWith"`
	// FailContaining limits FailWith to documents that contain this text.
	FailContaining string `json:"failContaining"`
	// FalseFailures is how many status reads of each schema creation answer FAILED
	// with "The schema is being processed" before the real status shows.
	FalseFailures int `json:"falseFailures"`
}

// Schema is the group of AppSync's control plane. The zero value has every fault off.
type Schema struct{ group[SchemaSettings] }

// Fail says with which text the creation of a schema ends as FAILED; empty for none.
func (s SchemaSettings) Fail(document string) string {
	if !strings.Contains(document, s.FailContaining) {
		return ""
	}
	return s.FailWith
}

// Throttle counts a control-plane call and says whether to answer it with 429.
func (s *Schema) Throttle() bool {
	return s.hit("throttle", func(t SchemaSettings) int { return t.ThrottleEvery })
}

// ReadConflict counts a read of a data source or resolver and says whether to answer it with
// 409.
func (s *Schema) ReadConflict() bool {
	return s.hit("readConflict", func(t SchemaSettings) int { return t.ReadConflictEvery })
}

// LambdaSettings are the faults of Lambda.
type LambdaSettings struct {
	// ColdMillis is added to the start of every execution environment.
	ColdMillis int `json:"coldMillis"`
	// CrashEvery kills the execution environment in the middle of every n-th
	// invocation, counted over all functions; 0 none.
	CrashEvery int `json:"crashEvery"`
	// CrashFunction limits crashes, and the counting, to the function of this name.
	CrashFunction string `json:"crashFunction"`
	// CrashMillis is the time of an invocation over which the moments of crashes are
	// spread; 0 for its first 50 milliseconds. One that ends earlier loses its answer.
	CrashMillis int `json:"crashMillis"`
	// ThrottleEvery refuses every n-th invocation with TooManyRequestsException
	// (429) before any code runs; 0 none.
	ThrottleEvery int `json:"throttleEvery"`
	// UpdateMillis is how long LastUpdateStatus stays InProgress after a function
	// was updated. Until it ends the old code answers, and a second update is a
	// ResourceConflictException.
	UpdateMillis int `json:"updateMillis"`
}

// Lambda is the group of Lambda. The zero value has every fault off.
type Lambda struct{ group[LambdaSettings] }

// Crash counts an invocation of a function and says whether to kill its environment.
func (l *Lambda) Crash(function string) bool {
	if only := l.Get().CrashFunction; only != "" && only != function {
		return false
	}
	return l.hit("crash", func(t LambdaSettings) int { return t.CrashEvery })
}

// Throttle counts an invocation and says whether to refuse it with 429.
func (l *Lambda) Throttle() bool {
	return l.hit("throttle", func(t LambdaSettings) int { return t.ThrottleEvery })
}

// MappingsSettings are the faults of event source mappings.
type MappingsSettings struct {
	// DuplicateEvery delivers every n-th batch that succeeded once more; 0 none.
	DuplicateEvery int `json:"duplicateEvery"`
	// Reorder reverses the records of batches from standard queues, which promise
	// no order. FIFO queues and streams keep theirs.
	Reorder bool `json:"reorder"`
	// StartDelayMillis is how long after it was created or enabled a mapping begins
	// to poll. One on a stream that starts at LATEST misses what is written before.
	StartDelayMillis int `json:"startDelayMillis"`
}

// Mappings is the group of event source mappings. The zero value has every fault off.
type Mappings struct{ group[MappingsSettings] }

// Duplicate counts a successful batch and says whether to deliver it once more.
func (m *Mappings) Duplicate() bool {
	return m.hit("duplicate", func(t MappingsSettings) int { return t.DuplicateEvery })
}

// DynamoDBSettings are the faults of DynamoDB.
type DynamoDBSettings struct {
	// ThrottleEvery refuses every n-th call that reads or writes items with
	// ProvisionedThroughputExceededException (400); 0 none.
	ThrottleEvery int `json:"throttleEvery"`
	// TransactionConflictEvery refuses every n-th TransactWriteItems with
	// TransactionCanceledException and the reason TransactionConflict; 0 none.
	TransactionConflictEvery int `json:"transactionConflictEvery"`
}

// DynamoDB is the group of DynamoDB. The zero value has every fault off.
type DynamoDB struct{ group[DynamoDBSettings] }

// Throttle counts an item call and says whether to refuse it.
func (d *DynamoDB) Throttle() bool {
	return d.hit("throttle", func(t DynamoDBSettings) int { return t.ThrottleEvery })
}

// TransactionConflict counts a transaction and says whether to refuse it.
func (d *DynamoDB) TransactionConflict() bool {
	return d.hit("transaction", func(t DynamoDBSettings) int { return t.TransactionConflictEvery })
}

// SchedulerSettings are the faults of EventBridge Scheduler.
type SchedulerSettings struct {
	// DuplicateEvery calls the target of every n-th execution that succeeded once more;
	// 0 none.
	DuplicateEvery int `json:"duplicateEvery"`
	// LateMillis is how much later than planned executions start, in the time of
	// schedules.
	LateMillis int `json:"lateMillis"`
	// DenyEvery refuses every n-th call of a target, retries counted too, with
	// AccessDeniedException; 0 none, 1 every call.
	DenyEvery int `json:"denyEvery"`
}

// Scheduler is the group of EventBridge Scheduler. The zero value has every fault off.
type Scheduler struct{ group[SchedulerSettings] }

// Duplicate counts a successful execution and says whether to call its target once
// more.
func (s *Scheduler) Duplicate() bool {
	return s.hit("duplicate", func(t SchedulerSettings) int { return t.DuplicateEvery })
}

// Deny counts a call of a target and says whether to refuse it.
func (s *Scheduler) Deny() bool {
	return s.hit("deny", func(t SchedulerSettings) int { return t.DenyEvery })
}
