package generate

import (
	"maps"
	"regexp"
)

// repair is a pattern in generated code and what takes its place.
type repair struct {
	pattern     *regexp.Regexp
	replacement string
}

// Constructors that fill defaults into an object make an output of the whole of it, absent
// or not. An output cannot decide which resources there are, so the provider would refuse
// it. The provider fills the same defaults in, see package wire.
var (
	nodejsRepairs = []repair{
		{regexp.MustCompile(`args \? pulumi\.output\(args\.(\w+)\)\.apply\(v => v === undefined \? undefined : inputs\.\w+ProvideDefaults\(v\)\) : undefined`), "args?.$1"},
		{regexp.MustCompile(`pulumi\.output\(val\.(\w+)\)\.apply\(v => v === undefined \? undefined : inputs\.\w+ProvideDefaults\(v\)\)`), "val.$1"},
	}
	goRepairs = []repair{
		{regexp.MustCompile(`(?m)^\tif args\.\w+ != nil \{\n\t\targs\.\w+ = args\.\w+\.To\w+Output\(\)\.ApplyT\(.*return v\.Defaults\(\) \}\)\.\(\w+\)\n\t\}\n`), ""},
	}
)

// A constructor without arguments has no type at all, and mypy --strict lets no program
// call it.
var pythonRepairs = []repair{
	{regexp.MustCompile(`def __init__\(__self__\):`), "def __init__(__self__) -> None:"},
}

// mend repairs what Pulumi's generators made.
func mend(files map[string][]byte, repairs []repair) map[string][]byte {
	mended := maps.Clone(files)
	for name, content := range mended {
		for _, r := range repairs {
			content = r.pattern.ReplaceAll(content, []byte(r.replacement))
		}
		mended[name] = content
	}
	return mended
}
