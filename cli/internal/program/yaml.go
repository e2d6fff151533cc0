package program

import (
	"path"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// yaml are the sources of a YAML program, which is in Pulumi.yaml or in a Main.yaml where the
// program runs. Programs in other languages have no such functions.
func (r *Reader) yaml(folder, at string, file *projectfile.File, name string) []Source {
	sources := r.readBy(folder, at, file, name)
	main := path.Join(at, "Main.yaml")
	if !r.tree.files[main] {
		return sources
	}
	text, err := r.read(main)
	if err != nil {
		return sources // it is gone
	}
	program, err := projectfile.Parse(text)
	if err != nil {
		return sources // of another language, or for Pulumi to refuse
	}
	return append(sources, r.readBy(folder, at, program, main)...)
}

// readBy are what the functions in a file read.
func (r *Reader) readBy(folder, at string, file *projectfile.File, name string) (sources []Source) {
	for _, reading := range file.Reads {
		written, known := static(reading.Path, r.absolute(at, "."), r.absolute(folder, "."))
		for _, source := range r.sources(at, written, reading.Function+" of "+name, false) {
			// A path with an unknown rest may be anything below; nothing is known of one that
			// may be the folder itself or above it.
			if known || !within(folder, source.Path) {
				sources = append(sources, source)
			}
		}
	}
	return sources
}

// static is a path with Pulumi's own variables filled in. From the first other one on it is
// not known; static is then the folder before that.
func static(text, working, project string) (written string, known bool) {
	text = strings.NewReplacer("${pulumi.cwd}", working, "${pulumi.rootDirectory}", project).Replace(text)
	before, _, variable := strings.Cut(text, "${")
	if !variable {
		return text, true
	}
	return path.Dir(before + "x"), false
}
