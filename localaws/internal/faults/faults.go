// Package faults holds the switches that make a local AWS misbehave as AWS does on
// a bad day.
//
//  1. [New] makes a set in which every fault is off.
//  2. [Faults.Apply] takes a JSON document that names the settings to change, checks
//     all of them and then applies all or none. It is what the local AWS's path
//     /_localaws/faults does with a POST.
//  3. A service asks its group ([Schema], [Lambda], [Mappings], [DynamoDB], [Scheduler]) for the
//     settings at the moment it needs them, so that a change works at once.
//
// Faults that hit every n-th call count calls, they do not throw dice: a test that
// sets them sees the same thing in every run.
package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// Settings is the JSON form of all settings.
type Settings struct {
	Schema    SchemaSettings    `json:"schema"`
	Lambda    LambdaSettings    `json:"lambda"`
	Mappings  MappingsSettings  `json:"mappings"`
	DynamoDB  DynamoDBSettings  `json:"dynamodb"`
	Scheduler SchedulerSettings `json:"scheduler"`
}

// Faults is a set of settings that many goroutines may read and change.
type Faults struct {
	Schema    Schema
	Lambda    Lambda
	Mappings  Mappings
	DynamoDB  DynamoDB
	Scheduler Scheduler

	applying sync.Mutex
}

// New makes a set in which every fault is off.
func New() *Faults { return &Faults{} }

// Settings is a copy of the current settings.
func (f *Faults) Settings() Settings {
	return Settings{Schema: f.Schema.Get(), Lambda: f.Lambda.Get(), Mappings: f.Mappings.Get(), DynamoDB: f.DynamoDB.Get(), Scheduler: f.Scheduler.Get()}
}

// Set replaces all settings. The error names every value that is out of range;
// then nothing is changed.
func (f *Faults) Set(settings Settings) error {
	if err := settings.validate(); err != nil {
		return err
	}
	f.Schema.set(settings.Schema)
	f.Lambda.set(settings.Lambda)
	f.Mappings.set(settings.Mappings)
	f.DynamoDB.set(settings.DynamoDB)
	f.Scheduler.set(settings.Scheduler)
	return nil
}

// Apply changes the settings that the JSON document names and keeps the others. It
// returns all settings as they are now. An unknown name or a value out of range is
// an error, and then nothing is changed.
func (f *Faults) Apply(document []byte) (Settings, error) {
	f.applying.Lock()
	defer f.applying.Unlock()
	settings := f.Settings()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&settings); err != nil {
		return f.Settings(), fmt.Errorf("fault settings: %w; GET /_localaws/faults shows every name", err)
	}
	if err := f.Set(settings); err != nil {
		return f.Settings(), err
	}
	return settings, nil
}

// Reset switches every fault off.
func (f *Faults) Reset() {
	f.applying.Lock()
	defer f.applying.Unlock()
	_ = f.Set(Settings{}) // all zero is always in range
}

func (s Settings) validate() error {
	var problems []error
	for _, number := range s.numbers() {
		if number.value < 0 {
			problems = append(problems, fmt.Errorf("fault settings: %s is %d; give 0 (off) or more", number.name, number.value))
		}
	}
	return errors.Join(problems...)
}

type number struct {
	name  string
	value int
}

func (s Settings) numbers() []number {
	return []number{
		{"schema.creationMillis", s.Schema.CreationMillis},
		{"schema.propagationMillis", s.Schema.PropagationMillis},
		{"schema.conflictMillisAfter", s.Schema.ConflictMillisAfter},
		{"schema.throttleEvery", s.Schema.ThrottleEvery},
		{"schema.readConflictEvery", s.Schema.ReadConflictEvery},
		{"schema.falseFailures", s.Schema.FalseFailures},
		{"lambda.coldMillis", s.Lambda.ColdMillis},
		{"lambda.crashEvery", s.Lambda.CrashEvery},
		{"lambda.crashMillis", s.Lambda.CrashMillis},
		{"lambda.throttleEvery", s.Lambda.ThrottleEvery},
		{"lambda.updateMillis", s.Lambda.UpdateMillis},
		{"mappings.duplicateEvery", s.Mappings.DuplicateEvery},
		{"mappings.startDelayMillis", s.Mappings.StartDelayMillis},
		{"dynamodb.throttleEvery", s.DynamoDB.ThrottleEvery},
		{"dynamodb.transactionConflictEvery", s.DynamoDB.TransactionConflictEvery},
		{"scheduler.duplicateEvery", s.Scheduler.DuplicateEvery},
		{"scheduler.lateMillis", s.Scheduler.LateMillis},
		{"scheduler.denyEvery", s.Scheduler.DenyEvery},
	}
}
