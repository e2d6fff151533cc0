package validate

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Code checks that the archive of code at a path is there. Outputs are left to the provider
// of AWS.
func Code(path string, code pulumi.AssetOrArchiveInput) []Problem {
	var found findings
	switch archive := code.(type) {
	case nil:
		found.add(path, "the plugin has no code; give an archive, such as `code: {fn::fileArchive: ../catalog/src}`")
	case pulumi.Archive:
		found.archive(path, archive)
	case pulumi.Asset:
		found.add(path, "the code is a single file; give an archive: a folder, a .zip file or a map of files")
	}
	return found
}

// archive follows an archive down to the files that it names.
func (f *findings) archive(at string, archive pulumi.Archive) {
	if archive.Path() != "" {
		f.onDisk(at, archive.Path())
	}
	for _, name := range sorted(archive.Assets()) {
		switch part := archive.Assets()[name].(type) {
		case pulumi.Archive:
			f.archive(at, part)
		case pulumi.Asset:
			if part.Path() != "" {
				f.onDisk(at, part.Path())
			}
		}
	}
}

func (f *findings) onDisk(at, path string) {
	info, err := os.Stat(path)
	absolute, absoluteErr := filepath.Abs(path)
	if absoluteErr != nil {
		absolute = path
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.add(at, "%s does not exist (%s); paths are relative to the folder of Pulumi.yaml", path, absolute)
	case err != nil:
		f.add(at, "%s cannot be read: %v", absolute, err)
	case info.IsDir() && empty(path):
		f.add(at, "the folder %s is empty (%s); it has to hold the handler's files", path, absolute)
	}
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && len(entries) == 0
}

// Lambda's limit of all names and values of a function's environment in bytes, and the
// part of it that the engine's own variables may need; the longest are URLs of queues and ARNs.
const (
	lambdaEnvironment = 4096
	OwnEnvironment    = 1536
)

// MaxEnvironment is how many bytes the names and values of a plugin's own variables may
// have together.
const MaxEnvironment = lambdaEnvironment - OwnEnvironment

var environmentKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+$`)

// reservedKeys cannot be set on a function; keys that begin with one of reservedPrefixes
// neither. AWS keeps the first ones, the provider the others.
var (
	reservedKeys = []string{
		"_HANDLER", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_ACCESS_KEY",
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
		"AWS_LAMBDA_INITIALIZATION_TYPE", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "TZ", "AWS_LAMBDA_EXEC_WRAPPER",
	}
	reservedPrefixes = []string{"AWS_LAMBDA_FUNCTION_", "AWS_LAMBDA_LOG_", "REVENTLESS_"}
)

// Environment checks the variables of the plugin's functions. Values may be secrets, so
// no problem says one. known returns the value of an input, false
// when it is not known yet.
func Environment(environment map[string]pulumi.StringInput, known func(pulumi.StringInput) (string, bool)) []Problem {
	var found findings
	size := 0
	for _, key := range sorted(environment) {
		size += len(key)
		if value, ok := known(environment[key]); ok {
			size += len(value)
		}
		found.environmentKey(key)
	}
	if size > MaxEnvironment {
		found.add("environment", "names and values take %d bytes, %d are possible (Lambda allows %d, of which the engine's own variables may need %d); put large values into the code archive",
			size, MaxEnvironment, lambdaEnvironment, OwnEnvironment)
	}
	return found
}

// EnvironmentSize checks the size of a function's environment: the bytes of the user's
// variables, and the engine's own variables.
func EnvironmentSize(function string, user int, own map[string]string) (Problem, bool) {
	size := user
	for name, value := range own {
		size += len(name) + len(value)
	}
	if size <= lambdaEnvironment {
		return Problem{}, false
	}
	largest := slices.SortedFunc(maps.Keys(own), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b)+len(own[b]), len(a)+len(own[a])), strings.Compare(a, b))
	})
	var parts []string
	for _, name := range largest[:min(len(largest), 3)] {
		parts = append(parts, fmt.Sprintf("%s %d", name, len(name)+len(own[name])))
	}
	return Problem{Path: "environment", Reason: fmt.Sprintf("the function %s would get %d bytes of names and values, Lambda allows %d: your own take %d, the engine's %d (%s); "+
		"put large values into the code archive, or divide the plugin", function, size, lambdaEnvironment, user, size-user, strings.Join(parts, ", "))}, true
}

func (f *findings) environmentKey(key string) {
	reserved := slices.Contains(reservedKeys, key) || slices.ContainsFunc(reservedPrefixes, func(prefix string) bool {
		return strings.HasPrefix(key, prefix)
	})
	switch {
	case reserved:
		f.add(Path("environment", key), "the variable is kept by AWS or by the engine; choose another name")
	case !environmentKey.MatchString(key):
		f.add(Path("environment", key), "%q is no name of a variable: use 2 or more letters, digits and \"_\", beginning with a letter", key)
	}
}

// MaxTags is the number of tags that a user may give: AWS allows 50, of which the
// components set ownTags.
const (
	MaxTags = 50 - ownTags
	ownTags = 3
)

var tagKey = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$`)

// Tags checks the keys of tags.
func Tags(tags map[string]pulumi.StringInput) []Problem {
	var found findings
	if len(tags) > MaxTags {
		found.add("tags", "there are %d tags; AWS allows 50 on a resource and %d are set by the component, so leave out %d", len(tags), ownTags, len(tags)-MaxTags)
	}
	for _, key := range sorted(tags) {
		lower := strings.ToLower(key)
		switch {
		case strings.HasPrefix(lower, "aws:") || strings.HasPrefix(lower, "reventless:"):
			found.add(Path("tags", key), "the tag begins with a prefix that AWS or the component keeps for itself; rename it")
		case !tagKey.MatchString(key):
			found.add(Path("tags", key), "%q is no key of a tag: use 1 to 128 letters, digits, spaces and _.:/=+-@", key)
		}
	}
	return found
}
