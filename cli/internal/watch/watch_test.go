package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/watch"
)

func TestWait(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(t *testing.T, folder string)
		// want is whether a and b change.
		a, b bool
	}{
		"content":    {func(t *testing.T, folder string) { write(t, folder, "a/src/x.js", "other") }, true, false},
		"new file":   {func(t *testing.T, folder string) { write(t, folder, "b/new", "") }, false, true},
		"removed":    {func(t *testing.T, folder string) { require.NoError(t, os.Remove(filepath.Join(folder, "a/src/x.js"))) }, true, false},
		"whole root": {func(t *testing.T, folder string) { require.NoError(t, os.RemoveAll(filepath.Join(folder, "b"))) }, false, true},
		"executable": {func(t *testing.T, folder string) { require.NoError(t, os.Chmod(filepath.Join(folder, "b/y"), 0o755)) }, false, true},
		"both":       {func(t *testing.T, folder string) { write(t, folder, "a/1", ""); write(t, folder, "b/1", "") }, true, true},
		"left out": {func(t *testing.T, folder string) {
			write(t, folder, "a/node_modules/x", "")
			write(t, folder, "a/.git/x", "")
		}, false, false},
		"editor's own": {func(t *testing.T, folder string) { write(t, folder, "a/x.js~", "") }, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			write(t, folder, "a/src/x.js", "one")
			write(t, folder, "b/y", "two")
			a, b := filepath.Join(folder, "a"), filepath.Join(folder, "b")
			watcher := watch.New(5*time.Millisecond, []string{a, b})
			test.change(t, folder)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if !test.a && !test.b {
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
			}
			changed, err := watcher.Wait(ctx)
			assert.Equal(t, test.a || test.b, err == nil)
			assert.Equal(t, test.a, contains(changed, a))
			assert.Equal(t, test.b, contains(changed, b))
		})
	}
}

// TestWatch looks at other roots, and forgets no change of one that stays.
func TestWatch(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"stays/x", "goes/x", "comes/x"} {
		write(t, folder, name, "one")
	}
	stays, goes, comes := filepath.Join(folder, "stays"), filepath.Join(folder, "goes"), filepath.Join(folder, "comes")
	watcher := watch.New(5*time.Millisecond, []string{stays, goes})
	write(t, folder, "stays/x", "other")
	watcher.Watch([]string{stays, comes})
	write(t, folder, "goes/x", "other")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	changed, err := watcher.Wait(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{stays}, changed)
	write(t, folder, "comes/x", "other")
	changed, err = watcher.Wait(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{comes}, changed)
}

func contains(roots []string, root string) bool {
	for _, changed := range roots {
		if changed == root {
			return true
		}
	}
	return false
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}
