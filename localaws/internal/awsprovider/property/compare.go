package property

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CanonicalJSON returns a JSON document with sorted keys and without white
// space, and whether the text was JSON at all.
func CanonicalJSON(text string) (string, bool) {
	var doc any
	if json.Unmarshal([]byte(text), &doc) != nil {
		return text, false
	}
	out, err := json.Marshal(doc)
	return string(out), err == nil
}

// CanonicalPolicy is CanonicalJSON for IAM policy documents, in which a list
// of one string equals the string and the order of a list has no meaning.
func CanonicalPolicy(text string) (string, bool) {
	var doc any
	if json.Unmarshal([]byte(text), &doc) != nil {
		return text, false
	}
	out, err := json.Marshal(canonicalPolicyNode(doc))
	return string(out), err == nil
}

func canonicalPolicyNode(node any) any {
	switch t := node.(type) {
	case map[string]any:
		for k, v := range t {
			t[k] = canonicalPolicyNode(v)
		}
		return t
	case []any:
		return canonicalPolicyList(t)
	default:
		return node
	}
}

func canonicalPolicyList(list []any) any {
	keyed := make(map[string]any, len(list))
	keys := make([]string, 0, len(list))
	for _, e := range list {
		e = canonicalPolicyNode(e)
		k, _ := json.Marshal(e)
		if _, seen := keyed[string(k)]; !seen {
			keys = append(keys, string(k))
		}
		keyed[string(k)] = e
	}
	sort.Strings(keys)
	if len(keys) == 1 {
		return keyed[keys[0]]
	}
	sorted := make([]any, len(keys))
	for i, k := range keys {
		sorted[i] = keyed[k]
	}
	return sorted
}

// JSONEqual tells whether two texts are the same JSON document.
func JSONEqual(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}

// Sorted returns a list whose elements are ordered by content, for
// properties that are sets in AWS.
func Sorted(v resource.PropertyValue) resource.PropertyValue {
	if !v.IsArray() {
		return v
	}
	list := append([]resource.PropertyValue(nil), v.ArrayValue()...)
	sort.SliceStable(list, func(i, j int) bool {
		return sortKey(list[i]) < sortKey(list[j])
	})
	return resource.NewArrayProperty(list)
}

// sortKey relies on fmt printing maps with sorted keys.
func sortKey(v resource.PropertyValue) string {
	if v.ContainsUnknowns() {
		return "\uffff"
	}
	return fmt.Sprint(v.Mappable())
}

// TagChanges compares two tag maps: what to set and which keys to remove.
func TagChanges(old, updated map[string]string) (set map[string]string, remove []string) {
	set = map[string]string{}
	for k, v := range updated {
		if o, ok := old[k]; !ok || o != v {
			set[k] = v
		}
	}
	for k := range old {
		if _, ok := updated[k]; !ok {
			remove = append(remove, k)
		}
	}
	sort.Strings(remove)
	return set, remove
}
