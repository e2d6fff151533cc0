package pulumicli

import (
	"os"
	"path/filepath"
)

// CopyProjects copies a folder of projects, and the plugin code that they refer to by
// relative paths, to a place where Pulumi may write. What is there already stays,
// except files of the same name.
func CopyProjects(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}
