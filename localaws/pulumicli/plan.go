package pulumicli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
)

// Step is one step of a plan: what Up would do with one resource.
type Step struct {
	// Op is the engine's word: same, update, create, replace, delete and others.
	Op  string `json:"op"`
	URN string `json:"urn"`
	// Old is the resource in the state, whose URN differs from the step's if the resource is
	// now an alias of it. It is nil for one that is to be made.
	Old *Resource `json:"oldState"`
	// ReplaceReasons are the inputs that make a replacement necessary.
	ReplaceReasons []string `json:"replaceReasons"`
	// DiffReasons are the inputs that differ.
	DiffReasons []string `json:"diffReasons"`
}

// Plan shows what Up would do with each resource.
func (s *Stack) Plan(ctx context.Context, arguments ...string) ([]Step, error) {
	if err := s.initialise(ctx); err != nil {
		return nil, err
	}
	var data, warnings bytes.Buffer
	err := s.run(ctx, &data, &warnings, &warnings, append([]string{"preview", "--json", "--stack", s.name}, arguments...)...)
	if err != nil {
		return nil, err
	}
	var plan struct {
		Steps []Step `json:"steps"`
	}
	return plan.Steps, json.Unmarshal(data.Bytes(), &plan)
}

// Export is the stack's state as `pulumi stack import` takes it, secrets in clear.
func (s *Stack) Export(ctx context.Context) (string, error) {
	return s.read(ctx, "stack", "export", "--show-secrets")
}

// Import puts another state in place of the stack's own.
func (s *Stack) Import(ctx context.Context, state []byte) error {
	if err := s.initialise(ctx); err != nil {
		return err
	}
	path := filepath.Join(s.workspace.path(), "import-"+s.project()+"-"+s.name+".json")
	if err := os.WriteFile(path, state, 0o600); err != nil {
		return err
	}
	defer os.Remove(path)
	_, err := s.read(ctx, "stack", "import", "--file", path)
	return err
}
