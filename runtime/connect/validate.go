package connect

import (
	"regexp"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// namePattern is what names of plugins are made of: they are part of names of
// data sources and the key of a row, whose bookkeeping begins with an underscore.
var namePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)

func validName(name string) bool { return namePattern.MatchString(name) }

// validate says everything that is wrong with a request as such. A check may leave the
// hash out.
func validate(r protocol.ConnectRequest, needsHash bool) []protocol.Problem {
	var problems []protocol.Problem
	complain := func(format string, args ...any) {
		problems = append(problems, registry.Problem(protocol.CodeInvalidRequest, format, args...))
	}
	if !validName(r.Plugin) {
		complain("plugin is %q, but a plugin's name has 1 to 64 letters, digits, hyphens or underscores and begins with a letter", r.Plugin)
	}
	if r.Stack == "" {
		complain("stack is empty; it is organization/project/stack of the stack that connects")
	}
	if r.Version == "" {
		complain("version is empty; it is the plugin's version, such as 1.0.0")
	}
	if needsHash && r.Hash == "" {
		complain("hash is empty; it is the content hash of the plugin's revision")
	}
	_, invalid := schema.ParseFragment(r.Plugin, "", r.Fragment)
	return append(problems, registry.Problems(invalid)...)
}
