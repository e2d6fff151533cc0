package upgrade

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// shortest is the least length of what is taken for a name: a shorter text may be a part of
// another one by chance.
const shortest = 8

// measured are outputs that say what a resource is like; they are no names that others use.
var measured = []string{"codeSha256", "sourceCodeHash", "etag", "createDate", "createdDate", "creationDate", "lastModified",
	"lastModifiedDate", "lastModificationDate", "expires", "result"}

// names are the names of resources that AWS has chosen, then and now.
type names struct {
	known    map[string]string
	replacer *strings.Replacer
}

func newNames(then, now string) *names {
	n := &names{known: map[string]string{}}
	n.learn("", then, now)
	return n
}

// learn compares what a resource was with what it is now. key is the output that the values
// are of.
func (n *names) learn(key string, then, now any) {
	switch old := then.(type) {
	case map[string]any:
		new, _ := now.(map[string]any)
		for name, value := range old {
			n.learn(name, value, new[name])
		}
	case []any:
		new, _ := now.([]any)
		for i := range min(len(old), len(new)) {
			n.learn(key, old[i], new[i])
		}
	case string:
		new, ok := now.(string)
		if !ok || len(old) < shortest || slices.Contains(measured, key) || n.now(old) == new || n.known[old] != "" {
			return
		}
		n.known[old], n.replacer = new, nil
	}
}

// now is a text with the names of now.
func (n *names) now(text string) string {
	if n.replacer == nil {
		// A stream's ARN before the label that is a part of it.
		longest := slices.SortedFunc(maps.Keys(n.known), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
		})
		var pairs []string
		for _, then := range longest {
			pairs = append(pairs, then, n.known[then])
		}
		n.replacer = strings.NewReplacer(pairs...)
	}
	return n.replacer.Replace(text)
}

// replaced is a value with the names of now in all its texts.
func (n *names) replaced(value any) any {
	switch v := value.(type) {
	case string:
		return n.now(v)
	case []any:
		list := make([]any, len(v))
		for i, each := range v {
			list[i] = n.replaced(each)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, each := range v {
			object[key] = n.replaced(each)
		}
		return object
	default:
		return value
	}
}
