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

// Programs that are checked strictly have rules against any; what is of unknown type is so.
var nodejsRepairs = []repair{
	{regexp.MustCompile(`isInstance\(obj: any\)`), "isInstance(obj: unknown)"},
	{regexp.MustCompile(`return obj\['__pulumiType'\]`), "return (obj as any)['__pulumiType']"},
	{regexp.MustCompile(`\{\[key: string\]: any\}`), "{[key: string]: unknown}"},
}

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
