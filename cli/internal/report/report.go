// Package report says what a run over several stacks did.
//
//  1. [Report] is the whole of it; its JSON form has the JSON Schema [Schema], and a version
//     that changes when a reader of an earlier one would misunderstand it.
//  2. [Report.JUnit] is the form that CI systems show as tests, [Report.Table] the one for
//     people.
//  3. [Report.Save] keeps the last run of each operation and environment beside the
//     manifest, and [Load] reads it for --resume.
//
// No secret is in a report: outputs are masked by the engine before they get here.
package report

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Version is the version of the JSON form.
const Version = 1

// Folder is where runs are kept beside the manifest.
const Folder = ".reventless"

// Schema is the JSON Schema of a report.
//
//go:embed report.schema.json
var Schema []byte

// Status says how it went with a stack.
type Status string

// The statuses.
const (
	// Succeeded is a stack that was operated on.
	Succeeded Status = "succeeded"
	// Unchanged is a stack that needed nothing: nothing that it is made of changed.
	Unchanged Status = "unchanged"
	// Skipped is a stack that does not take part in the environment.
	Skipped Status = "skipped"
	// Failed is a stack whose operation failed.
	Failed Status = "failed"
	// Blocked is a stack that was left alone because one that it depends on failed.
	Blocked Status = "blocked"
	// Cancelled is a stack that was left alone because the run was ended.
	Cancelled Status = "cancelled"
)

// Stack is what happened to one stack. Times are in seconds.
type Stack struct {
	Name    string `json:"name"`
	Project string `json:"project"`
	Path    string `json:"path"`
	Status  Status `json:"status"`
	// Reason says why of every status but succeeded.
	Reason string `json:"reason,omitempty"`
	// After are the stacks of the run that it came after.
	After    []string  `json:"after,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	Seconds  float64   `json:"seconds"`
	Attempts int       `json:"attempts,omitempty"`
	// Changes are the numbers of resources by operation.
	Changes   map[string]int `json:"changes,omitempty"`
	Resources int            `json:"resources,omitempty"`
	// Outputs are the stack's, with secrets masked.
	Outputs        map[string]any `json:"outputs,omitempty"`
	OutputsChanged bool           `json:"outputsChanged,omitempty"`
	Errors         []string       `json:"errors,omitempty"`
	// Log is the file with all that pulumi printed, relative to the manifest.
	Log string `json:"log,omitempty"`
}

// Report is what a run did.
type Report struct {
	Version     int       `json:"version"`
	Operation   string    `json:"operation"`
	Environment string    `json:"environment"`
	Started     time.Time `json:"started"`
	Seconds     float64   `json:"seconds"`
	// Result is succeeded, failed or interrupted.
	Result string  `json:"result"`
	Stacks []Stack `json:"stacks"`
	// CriticalPath are the stacks whose times add up to the least that the run could take,
	// CriticalSeconds.
	CriticalPath    []string `json:"criticalPath"`
	CriticalSeconds float64  `json:"criticalSeconds"`
}

// The results.
const (
	ResultSucceeded   = "succeeded"
	ResultFailed      = "failed"
	ResultInterrupted = "interrupted"
)

// Finish fills in what follows from the stacks. An interrupt that came when nothing was left to
// begin changes nothing.
func (r *Report) Finish(interrupted bool) {
	r.Version, r.Result = Version, ResultSucceeded
	for _, stack := range r.Stacks {
		switch {
		case stack.Status == Failed || stack.Status == Cancelled && !interrupted:
			r.Result = ResultFailed
		case stack.Status == Cancelled && r.Result == ResultSucceeded:
			r.Result = ResultInterrupted
		}
	}
	r.CriticalPath, r.CriticalSeconds = r.critical()
}

// critical is the longest way through the stacks by their times. They are in an order in
// which each comes after those that it depends on, or before all of them.
func (r *Report) critical() ([]string, float64) {
	byName := map[string]Stack{}
	for _, stack := range r.Stacks {
		byName[stack.Name] = stack
	}
	type way struct {
		names   []string
		seconds float64
	}
	known := map[string]way{}
	var longest func(name string) way
	longest = func(name string) way {
		if found, done := known[name]; done {
			return found
		}
		var before way
		for _, other := range byName[name].After {
			if _, taken := byName[other]; taken {
				if candidate := longest(other); candidate.seconds > before.seconds {
					before = candidate
				}
			}
		}
		found := way{append(append([]string(nil), before.names...), name), before.seconds + byName[name].Seconds}
		known[name] = found
		return found
	}
	best := way{names: []string{}}
	for _, stack := range r.Stacks {
		if candidate := longest(stack.Name); candidate.seconds > best.seconds {
			best = candidate
		}
	}
	return best.names, best.seconds
}

// path is the file of a run.
func path(folder, operation, environment string) string {
	return filepath.Join(folder, Folder, "runs", operation+"-"+url.PathEscape(environment)+".json")
}

// Save keeps the report below a folder, that of the manifest.
func (r *Report) Save(folder string) error {
	file := path(folder, r.Operation, r.Environment)
	if err := MakeFolder(folder, "runs"); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// WriteFile writes a file as a whole: whoever reads it finds all of it, or what was there
// before. A link, and what is no file, such as /dev/stdout, is written to as it is.
func WriteFile(path string, write func(io.Writer) error) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(file), file.Close())
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".reventless-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // it is there only if something failed
	if err := errors.Join(write(file), file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// ignored is what git is to ignore in [Folder]: all but what 'reventless generate' keeps.
const ignored = "/.gitignore\n/runs/\n/logs/\n/dev/\n/installed.json\n"

// MakeFolder makes a folder below [Folder], which git is told to ignore.
func MakeFolder(folder, name string) error {
	if err := os.MkdirAll(filepath.Join(folder, Folder, name), 0o755); err != nil {
		return err
	}
	ignore := filepath.Join(folder, Folder, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(ignore, []byte(ignored), 0o644)
	}
	return nil
}

// Load reads the last run of an operation; nil when there was none.
func Load(folder, operation, environment string) (*Report, error) {
	file := path(folder, operation, environment)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var report Report
	if err := json.Unmarshal(text, &report); err != nil || report.Version != Version {
		return nil, fmt.Errorf("%s is not a run that this release understands: delete it and run without --resume", file)
	}
	return &report, nil
}
