package pulumicli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Stack is one stack of a workspace.
type Stack struct {
	workspace *Workspace
	folder    string
	name      string
	// Output receives what the commands print, besides the text that they return.
	Output io.Writer
}

// CommandError is a command of the command line that failed.
type CommandError struct {
	// Command is the command and the stack's folder, Output all that it printed.
	Command string
	Output  string
	cause   error
}

// Error gives the command and what it printed.
func (e *CommandError) Error() string {
	return fmt.Sprintf("%s: %v\n%s", e.Command, e.cause, e.Output)
}

// Unwrap gives the reason why the command ended.
func (e *CommandError) Unwrap() error { return e.cause }

// Stack is the stack of a project folder; it is made by the first command that
// needs it.
func (w *Workspace) Stack(folder, name string) *Stack {
	return &Stack{workspace: w, folder: folder, name: name, Output: io.Discard}
}

// Up deploys the stack and returns what was printed.
func (s *Stack) Up(ctx context.Context, arguments ...string) (string, error) {
	return s.operate(ctx, append([]string{"up", "--yes", "--skip-preview"}, arguments...)...)
}

// Preview shows what Up would do and returns what was printed.
func (s *Stack) Preview(ctx context.Context, arguments ...string) (string, error) {
	return s.operate(ctx, append([]string{"preview"}, arguments...)...)
}

// Destroy removes all resources of the stack and returns what was printed.
func (s *Stack) Destroy(ctx context.Context, arguments ...string) (string, error) {
	return s.operate(ctx, append([]string{"destroy", "--yes", "--skip-preview"}, arguments...)...)
}

// Refresh reads the state of all resources and returns what was printed.
func (s *Stack) Refresh(ctx context.Context, arguments ...string) (string, error) {
	return s.operate(ctx, append([]string{"refresh", "--yes", "--skip-preview"}, arguments...)...)
}

// SetConfig sets one configuration value in Pulumi.<stack>.yaml.
func (s *Stack) SetConfig(ctx context.Context, key, value string) error {
	if err := s.initialise(ctx); err != nil {
		return err
	}
	_, err := s.read(ctx, "config", "set", key, value)
	return err
}

// Outputs are the stack's outputs, secrets in clear.
func (s *Stack) Outputs(ctx context.Context) (map[string]any, error) {
	text, err := s.read(ctx, "stack", "output", "--json", "--show-secrets")
	if err != nil {
		return nil, err
	}
	outputs := map[string]any{}
	return outputs, json.Unmarshal([]byte(text), &outputs)
}

// Resource is one resource in a stack's state.
type Resource struct {
	URN     string         `json:"urn"`
	Type    string         `json:"type"`
	ID      string         `json:"id"`
	Inputs  map[string]any `json:"inputs"`
	Outputs map[string]any `json:"outputs"`
	// Created is when the resource was made; a replacement has another time.
	Created string `json:"created"`
}

// State is the stack's state: its resources, and the size of the whole in bytes.
func (s *Stack) State(ctx context.Context) ([]Resource, int, error) {
	text, err := s.read(ctx, "stack", "export")
	if err != nil {
		return nil, 0, err
	}
	var export struct {
		Deployment struct {
			Resources []Resource `json:"resources"`
		} `json:"deployment"`
	}
	return export.Deployment.Resources, len(text), json.Unmarshal([]byte(text), &export)
}

// operate runs a command that changes or previews the stack; it returns all that was
// printed.
func (s *Stack) operate(ctx context.Context, arguments ...string) (string, error) {
	if err := s.initialise(ctx); err != nil {
		return "", err
	}
	var printed bytes.Buffer
	output := io.MultiWriter(&printed, s.Output)
	err := s.run(ctx, output, output, &printed, append(arguments, "--color=never", "--stack", s.name)...)
	return printed.String(), err
}

// read runs a command that prints data; it returns the data without warnings.
func (s *Stack) read(ctx context.Context, arguments ...string) (string, error) {
	var data, warnings bytes.Buffer
	err := s.run(ctx, &data, &warnings, &warnings, append(arguments, "--stack", s.name)...)
	return data.String(), err
}

// initialise makes the stack unless it is there.
func (s *Stack) initialise(ctx context.Context) error {
	if _, err := os.Stat(s.workspace.path("state", ".pulumi", "stacks", s.project(), s.name+".json")); err == nil {
		return nil
	}
	var printed bytes.Buffer
	return s.run(ctx, &printed, &printed, &printed, "stack", "init", s.name)
}

// project reads the project's name from Pulumi.yaml; empty when there is none, which
// the command line itself reports best.
func (s *Stack) project() string {
	text, err := os.ReadFile(filepath.Join(s.folder, "Pulumi.yaml"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, found := strings.CutPrefix(line, "name:"); found {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// run runs one command; a failure carries what is in printed by then.
func (s *Stack) run(ctx context.Context, stdout, stderr io.Writer, printed *bytes.Buffer, arguments ...string) error {
	err := s.workspace.run(ctx, s.folder, stdout, stderr, arguments...)
	if err == nil {
		return nil
	}
	return &CommandError{
		Command: "pulumi " + strings.Join(arguments, " ") + " in " + s.folder,
		Output:  printed.String(), cause: err,
	}
}
