package program

import (
	"path"
	"slices"
)

// language is a set of programming languages.
type language int

const (
	javaScript language = 1 << iota
	python
	golang
)

var languages = map[string]language{
	".js": javaScript, ".mjs": javaScript, ".cjs": javaScript, ".jsx": javaScript, ".res": javaScript,
	".ts": javaScript, ".mts": javaScript, ".cts": javaScript, ".tsx": javaScript,
	".py": python, ".go": golang,
}

// tree is the repository's files.
type tree struct {
	files map[string]bool
	// languages are those in a folder and below; "." is the root.
	languages map[string]language
	// packages are the folders with Go files, dependencies the files that name dependencies;
	// both are sorted.
	packages, dependencies []string
}

// names are those of the files that name dependencies.
var names = []string{"package.json", "requirements.txt", "pyproject.toml", "go.mod"}

func newTree(files []string) *tree {
	t := &tree{files: make(map[string]bool, len(files)), languages: map[string]language{}}
	packages := map[string]bool{}
	for _, file := range files {
		t.files[file] = true
		used := languages[path.Ext(file)]
		folder := path.Dir(file)
		if slices.Contains(names, path.Base(file)) {
			t.dependencies = append(t.dependencies, file)
		}
		if used == golang && !packages[folder] {
			packages[folder] = true
			t.packages = append(t.packages, folder)
		}
		for ; t.languages[folder]&used != used; folder = path.Dir(folder) {
			t.languages[folder] |= used
		}
	}
	slices.Sort(t.packages)
	slices.Sort(t.dependencies)
	return t
}

// nearest is the file of a name in a folder, or in the nearest folder above that has one.
func (t *tree) nearest(folder, name string) (string, bool) {
	for {
		if file := path.Join(folder, name); t.files[file] {
			return file, true
		}
		if folder == "." {
			return "", false
		}
		folder = path.Dir(folder)
	}
}

// beside are those of the files that are in a folder.
func (t *tree) beside(folder string, names ...string) (there []string) {
	for _, name := range names {
		if file := path.Join(folder, name); t.files[file] {
			there = append(there, file)
		}
	}
	return there
}

// naming are the files of a name that count for the code in a folder: those in it and below,
// and when it has none itself, the nearest above.
func (t *tree) naming(folder, name string) (found []string) {
	for _, file := range below(t.dependencies, folder) {
		if path.Base(file) == name {
			found = append(found, file)
		}
	}
	if !t.files[path.Join(folder, name)] {
		if above, exists := t.nearest(folder, name); exists {
			found = append(found, above)
		}
	}
	return found
}

// packagesIn are the folders with Go files in a folder and below.
func (t *tree) packagesIn(folder string) []string {
	found := slices.Clone(below(t.packages, folder))
	if _, exact := slices.BinarySearch(t.packages, folder); exact && folder != "." {
		found = append(found, folder)
	}
	return found
}

// below are those of sorted paths that are in a folder or below.
func below(sorted []string, folder string) []string {
	if folder == "." {
		return sorted
	}
	from, _ := slices.BinarySearch(sorted, folder+"/")
	to, _ := slices.BinarySearch(sorted, folder+"0") // which follows on "/"
	return sorted[from:to]
}
