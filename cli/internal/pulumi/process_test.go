package pulumi

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAbort ends a command that the first interrupt does not end.
func TestAbort(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	script := filepath.Join(folder, "pulumi")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nn=0\ntrap 'n=$((n+1)); echo interrupted $n; if [ $n -eq 2 ]; then exit 3; fi' INT\necho begun\nwhile :; do sleep 0.02; done\n"), 0o755))
	ctx, interrupt := context.WithCancel(t.Context())
	abort, again := context.WithCancel(context.Background())
	defer again()
	printed := &steps{after: map[string]func(){"begun": interrupt, "interrupted 1": again}}
	_, err := (&Command{program: script}).Run(ctx, Request{Operation: Up, Folder: folder, Stack: "alpha", Output: printed, Abort: abort})
	var failure *Failure
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, Interrupted, failure.Kind)
	assert.Empty(t, printed.after)
}

// steps does something when a line is printed.
type steps struct{ after map[string]func() }

func (s *steps) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if do := s.after[line]; do != nil {
			delete(s.after, line)
			do()
		}
	}
	return len(text), nil
}

// TestInstallKeepsBothOutputs reads what is printed to standard output and error at once; with
// a writer for each, the race detector tells.
func TestInstallKeepsBothOutputs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	script := filepath.Join(folder, "pulumi")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\ni=0\nwhile [ $i -lt 500 ]; do echo out; echo err >&2; i=$((i+1)); done\nexit 1\n"), 0o755))
	var printed strings.Builder
	err := (&Command{program: script}).Install(t.Context(), folder, &printed)
	require.Error(t, err)
	for _, text := range []string{printed.String(), err.Error()} {
		assert.Equal(t, 500, strings.Count(text, "out"))
		assert.Equal(t, 500, strings.Count(text, "err"))
	}
}
