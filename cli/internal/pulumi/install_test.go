package pulumi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
