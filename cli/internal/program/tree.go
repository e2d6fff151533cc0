package program

import (
	"path"
	"slices"
	"strings"
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
	// packages are the folders with Go files, sorted.
	packages []string
}

func newTree(files []string) *tree {
	t := &tree{files: make(map[string]bool, len(files)), languages: map[string]language{}}
	packages := map[string]bool{}
	for _, file := range files {
		t.files[file] = true
		used := languages[path.Ext(file)]
		folder := path.Dir(file)
		if used == golang && !packages[folder] {
			packages[folder] = true
			t.packages = append(t.packages, folder)
		}
		for ; t.languages[folder]&used != used; folder = path.Dir(folder) {
			t.languages[folder] |= used
		}
	}
	slices.Sort(t.packages)
	return t
}

// nearest is the first of the files in a folder, or in the nearest folder above that has one.
func (t *tree) nearest(folder string, names ...string) (string, bool) {
	for {
		for _, name := range names {
			if file := path.Join(folder, name); t.files[file] {
				return file, true
			}
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

// packagesIn are the folders with Go files in a folder and below.
func (t *tree) packagesIn(folder string) []string {
	if folder == "." {
		return t.packages
	}
	var found []string
	if _, exact := slices.BinarySearch(t.packages, folder); exact {
		found = append(found, folder)
	}
	// "a-b" is between "a" and "a/b".
	at, _ := slices.BinarySearch(t.packages, folder+"/")
	for ; at < len(t.packages) && strings.HasPrefix(t.packages[at], folder+"/"); at++ {
		found = append(found, t.packages[at])
	}
	return found
}
