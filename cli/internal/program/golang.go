package program

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// golang are the sources of Go in a folder by a go.mod: the folders that it puts in place of
// modules, the modules of a workspace that it requires, and, if it is above, the packages of
// the module itself that the folder's packages import and that these import.
func (r *Reader) golang(folder, file string) ([]Source, error) {
	home := path.Dir(file)
	text, err := r.read(file)
	if err != nil {
		return nil, err
	}
	module, err := modfile.Parse(file, text, nil)
	if err != nil {
		return nil, err
	}
	sources := files(r.tree.beside(home, "go.mod", "go.sum"), folder)
	for _, replaced := range module.Replace {
		if replaced.New.Version == "" { // a path
			why := fmt.Sprintf("`replace %s => %s` of %s", replaced.Old.Path, replaced.New.Path, file)
			sources = append(sources, r.sources(home, replaced.New.Path, why, true)...)
		}
	}
	used, err := r.used(home, module)
	if module.Module != nil && !within(home, folder) {
		sources = append(sources, r.imported(module.Module.Mod.Path, home, folder)...)
	}
	return append(sources, used...), err
}

// used are the modules of the nearest go.work that a module requires.
func (r *Reader) used(home string, module *modfile.File) ([]Source, error) {
	file, exists := r.tree.nearest(home, "go.work")
	if !exists {
		return nil, nil
	}
	text, err := r.read(file)
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(file, text, nil)
	if err != nil {
		return nil, err
	}
	var sources []Source
	for _, use := range work.Use {
		for _, source := range r.sources(path.Dir(file), use.Path, "`use "+use.Path+"` of "+file, true) {
			text, err := r.read(path.Join(source.Path, "go.mod"))
			if err == nil && slices.ContainsFunc(module.Require, func(required *modfile.Require) bool {
				return required.Mod.Path == modfile.ModulePath(text)
			}) {
				sources = append(sources, source)
			}
		}
	}
	return sources, nil
}

// imported are the packages of a module that those in a folder import, also by others.
func (r *Reader) imported(module, home, folder string) []Source {
	var sources []Source
	waiting := slices.Clone(r.tree.packagesIn(folder))
	seen := map[string]bool{}
	for len(waiting) > 0 {
		next := waiting[0]
		waiting = waiting[1:]
		if seen[next] {
			continue
		}
		seen[next] = true
		for _, name := range r.importsOf(next) {
			if inside, own := strings.CutPrefix(name, module+"/"); own {
				to := path.Join(home, inside)
				sources, waiting = append(sources, Source{Path: to, Why: "imported by " + next, Dependency: true, complete: true}), append(waiting, to)
			}
		}
	}
	return sources
}

// importsOf are the imports of the package in a folder, without its tests. A file that does
// not parse is for the compiler to refuse.
func (r *Reader) importsOf(folder string) []string {
	if imports, done := r.imports[folder]; done {
		return imports
	}
	var imports []string
	at := r.absolute(folder, ".")
	files, _ := os.ReadDir(at) // one that is gone has none
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(at, file.Name()), nil, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, spec := range parsed.Imports {
			if name, err := strconv.Unquote(spec.Path.Value); err == nil {
				imports = append(imports, name)
			}
		}
	}
	r.imports[folder] = imports
	return imports
}
