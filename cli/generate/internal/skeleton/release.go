package skeleton

import "strings"

// Release is the version of the provider whose packages are asked for, as the command line
// has it.
type Release string

// version is the release without what builds add.
func (r Release) version() string {
	version, _, _ := strings.Cut(string(r), "+")
	return version
}

// NPM is the range for npm.
func (r Release) NPM() string { return "^" + r.version() }

// PyPI is the requirement after a package's name, in Python's own spelling of versions.
func (r Release) PyPI() string {
	return ">=" + strings.NewReplacer("-alpha.", "a", "-beta.", "b", "-rc.", "rc", "-dev", ".dev0").Replace(r.version())
}

// Go is the version of a Go module.
func (r Release) Go() string { return "v" + r.version() }

// FromSource says that this is no release, so that no registry has its packages.
func (r Release) FromSource() bool {
	return strings.Contains(string(r), "+") || strings.HasSuffix(string(r), "-dev")
}
