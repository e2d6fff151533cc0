// Package upgrade holds what an upgrade is tested with: what a former version left
// behind, and what the plan of an upgrade may do to it.
//
//  1. [Take] reads a deployment of a former version from a local AWS: the states of its
//     stacks as `pulumi stack export` writes them, the items of its tables, the schemas of its
//     APIs and the subscriptions that the platform has made. [Snapshot.Write] keeps them in a file, with the programs, without the paths
//     of the computer and without keys.
//  2. [Snapshot.Restore] makes the same deployment in another local AWS. Each resource of the
//     states is created by the stand-in for the aws provider from its recorded inputs, the
//     tables get their items and the APIs their schemas. What AWS names itself (APIs, event
//     source mappings, streams) has another id there; the states come back with those.
//  3. [Violations] says what in a plan no upgrade may do, and [Replaced] what an update has
//     replaced in spite of its plan.
//
// Not in a snapshot are the code of functions, which an upgrade exchanges before it can run,
// messages in queues, objects in buckets, users, and schedules that functions have made.
package upgrade

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
)

// Snapshot is a deployment of a former version.
type Snapshot struct {
	// Version is the version or commit that deployed it.
	Version string `json:"version"`
	// Programs are the files of the projects and of the code that they deploy, by their path
	// from the folder of all projects.
	Programs map[string]string `json:"programs"`
	// Stacks are the stacks in the order in which they were deployed.
	Stacks []Stack `json:"stacks"`
	// Tables are the items of each table, in DynamoDB's JSON.
	Tables map[string][]json.RawMessage `json:"tables"`
	// Schemas are the SDL of the APIs, by the API's id.
	Schemas map[string]string `json:"schemas"`
	// Subscriptions are those to topics that are in no state: the platform makes them.
	Subscriptions []Subscription `json:"subscriptions"`
}

// Stack is the state of one stack.
type Stack struct {
	// Project is the folder of the stack's project.
	Project string `json:"project"`
	// State is what `pulumi stack export` wrote.
	State map[string]any `json:"state"`
}

// Read reads a snapshot from a file.
func Read(path string) (*Snapshot, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s := &Snapshot{}
	if err := json.NewDecoder(unpacked).Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Write writes a snapshot to a file, without what [private] finds in it. Of the same
// snapshot it makes the same file.
func (s *Snapshot) Write(path string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if found := private(string(text)); found != "" {
		return fmt.Errorf("the snapshot is not written: it contains %s, which is of this computer", found)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	packed, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := packed.Write(text); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return file.Close()
}
