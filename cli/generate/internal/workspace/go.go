package workspace

import (
	"path"

	"golang.org/x/mod/modfile"
)

// addToGoWork adds a use directive. go.work is laid out by the go command, whose own package
// writes it.
func addToGoWork(text []byte, folder string) ([]byte, error) {
	work, err := modfile.ParseWork("go.work", text, nil)
	if err != nil {
		return nil, err
	}
	for _, use := range work.Use {
		if path.Clean(use.Path) == folder {
			return nil, nil
		}
	}
	if err := work.AddUse("./"+folder, ""); err != nil {
		return nil, err
	}
	return modfile.Format(work.Syntax), nil
}
