// Package generatetest lets tests compile generated Go modules without the network.
//
// A generated module requires a release of this repository's modules. [UseModule] lets it use
// the one that is here, with the versions and sums of all other modules that this one has.
package generatetest

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// UseModule changes the go.mod of a folder, and writes its go.sum, so that it uses the module
// in the folder called source. Set GOFLAGS=-mod=mod for the commands that follow.
func UseModule(folder, source string) error {
	module, err := read(source)
	if err != nil {
		return err
	}
	generated, err := read(folder)
	if err != nil {
		return err
	}
	for _, required := range module.Require {
		if err := generated.AddRequire(required.Mod.Path, required.Mod.Version); err != nil {
			return err
		}
	}
	if err := generated.AddReplace(module.Module.Mod.Path, "", source, ""); err != nil {
		return err
	}
	text, err := generated.Format()
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(source, "go.sum"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "go.sum"), sums, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "go.mod"), text, 0o600)
}

func read(folder string) (*modfile.File, error) {
	path := filepath.Join(folder, "go.mod")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the module: %w", err)
	}
	return modfile.Parse(path, text, nil)
}
