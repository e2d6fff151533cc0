// Package watch tells when files change.
//
//  1. The files below some roots are looked at again and again: size, mode and time of each.
//     It needs no support of the system, and sees a folder that is replaced as a whole.
//  2. A change is told of when nothing has changed for a moment, so that an editor or a
//     build has written all that it writes.
//  3. Hidden files, node_modules and __pycache__ are left out.
package watch

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// DefaultInterval is how often files are looked at.
const DefaultInterval = 250 * time.Millisecond

// file is what is remembered of a file.
type file struct {
	size int64
	mode fs.FileMode
	time time.Time
}

// Watcher remembers the files below its roots.
type Watcher struct {
	interval time.Duration
	known    map[string]map[string]file
}

// New remembers the files as they are now.
func New(interval time.Duration, roots []string) *Watcher {
	w := &Watcher{interval: interval}
	w.Watch(roots)
	return w
}

// Watch looks at other roots from now on. Of those that it knew it goes on to tell what
// changed since, the others are remembered as they are now.
func (w *Watcher) Watch(roots []string) {
	known := map[string]map[string]file{}
	for _, root := range roots {
		before, watched := w.known[root]
		if !watched {
			before = list(root)
		}
		known[root] = before
	}
	w.known = known
}

// Wait waits for a change and gives the roots below which files changed since the last call,
// sorted. The error is that of the context.
func (w *Watcher) Wait(ctx context.Context) ([]string, error) {
	changed := map[string]bool{}
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
		now := w.look()
		for _, root := range now {
			changed[root] = true
		}
		if len(now) == 0 && len(changed) > 0 {
			return slices.Sorted(maps.Keys(changed)), nil
		}
	}
}

// look gives the roots below which something is not as it was.
func (w *Watcher) look() []string {
	var changed []string
	for root, before := range w.known {
		if now := list(root); !maps.Equal(before, now) {
			w.known[root] = now
			changed = append(changed, root)
		}
	}
	return changed
}

// list looks at all files below a root, which may be a file itself. What vanishes meanwhile
// is not there.
func list(root string) map[string]file {
	files := map[string]file{}
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if path != root && ignored(entry.Name()) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := entry.Info(); err == nil && !entry.IsDir() {
			files[path] = file{info.Size(), info.Mode(), info.ModTime()}
		}
		return nil
	})
	return files
}

func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || name == "node_modules" || name == "__pycache__"
}
