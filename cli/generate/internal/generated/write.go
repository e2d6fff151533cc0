package generated

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes what changes. What was written before an error stays; running again goes on.
func (p *Plan) Write() error {
	for _, change := range p.Changes {
		if change.Content == nil {
			continue
		}
		if err := write(filepath.Join(p.Root, filepath.FromSlash(change.Path)), change.Content); err != nil {
			return fmt.Errorf("write %s: %w; the files before it are written, run the command again", change.Path, err)
		}
	}
	return nil
}

// write puts a file in its place at once: it has the old content or the new one, whenever
// somebody looks. A link stays a link.
func write(path string, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".reventless-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
