package workspace

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// uvMembersKey is where uv has the members of a workspace.
var uvMembersKey = []string{"tool", "uv", "workspace", "members"}

// uvMembers are the members of a workspace of uv, and whether it is one.
func uvMembers(text []byte) ([]string, bool) {
	var document map[string]any
	if toml.Unmarshal(text, &document) != nil {
		return nil, false
	}
	var value any = document
	for _, key := range uvMembersKey {
		table, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		value = table[key]
	}
	_, list := value.([]any)
	return texts(value), list
}

// addToPyProject adds to the members of a workspace of uv.
func addToPyProject(text []byte, folder string) ([]byte, error) {
	members, exists := uvMembers(text)
	if !exists || covers(members, folder) {
		return nil, nil
	}
	at, ok := endOfMembers(text)
	if !ok {
		return nil, errLayout
	}
	changed := insertElement(string(text), at, strconv.Quote(folder), len(members) == 0)
	if now, _ := uvMembers([]byte(changed)); !reflect.DeepEqual(now, append(slices.Clone(members), folder)) {
		return nil, errLayout
	}
	return []byte(changed), nil
}

// endOfMembers is the offset after the last member, or after the bracket of a list without
// members.
func endOfMembers(text []byte) (int, bool) {
	var parser unstable.Parser
	parser.Reset(text)
	var table []string
	for parser.NextExpression() {
		expression := parser.Expression()
		switch expression.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, _ = keyOf(expression)
		case unstable.KeyValue:
			key, end := keyOf(expression)
			if slices.Equal(append(slices.Clone(table), key...), uvMembersKey) {
				return endOfList(text, expression.Value(), end)
			}
		}
	}
	return 0, false
}

// keyOf are the parts of a key, and the offset at which it ends.
func keyOf(expression *unstable.Node) (parts []string, end int) {
	for it := expression.Key(); it.Next(); {
		parts = append(parts, string(it.Node().Data))
		end = endOf(it.Node())
	}
	return parts, end
}

func endOf(node *unstable.Node) int { return int(node.Raw.Offset + node.Raw.Length) }

func endOfList(text []byte, list *unstable.Node, afterKey int) (int, bool) {
	end := 0
	for it := list.Children(); it.Next(); {
		if it.Node().Kind == unstable.String {
			end = endOf(it.Node())
		}
	}
	if end == 0 {
		bracket := strings.IndexByte(string(text[afterKey:]), '[')
		return afterKey + bracket + 1, bracket >= 0
	}
	return end, true
}

// insertElement puts an element into a list after an offset: into a line of its own if the
// one before it has one.
func insertElement(text string, at int, element string, only bool) string {
	if only {
		return text[:at] + element + text[at:]
	}
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	line := text[begin:at]
	indentation := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if !strings.ContainsAny(line[len(indentation):len(indentation)+1], `"'`) {
		return text[:at] + ", " + element + text[at:]
	}
	end := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		end = at + i + 1
	}
	if strings.HasPrefix(strings.TrimLeft(text[at:], " \t"), ",") {
		return text[:end] + indentation + element + ",\n" + text[end:]
	}
	return text[:at] + "," + text[at:end] + indentation + element + "\n" + text[end:]
}
