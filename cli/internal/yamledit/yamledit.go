// Package yamledit changes YAML files of the user in place: what it does not change stays as
// it is, byte by byte, with comments, order and line ends.
//
//  1. The text is parsed to find the lines that something is to be put after or before; the
//     text itself is changed, not what was parsed.
//  2. The changed text is parsed again. Unless it says exactly what the old one said and the
//     addition, as with anchors or an unusual layout, the error is [ErrLayout] and the user is
//     to edit the file.
package yamledit

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ErrLayout says that the file is laid out in a way that is left to its author.
var ErrLayout = errors.New("its layout is unusual, so it is left to you")

// Item is what becomes an element of a list.
type Item struct {
	// Block are its lines in block style, without dash and indentation.
	Block []string
	// Flow is the same in flow style, such as `{name: a}`.
	Flow string
}

// Append appends an element to the list that is the value of a key at the top. A key that is
// not there is added at the end.
func Append(text []byte, key string, item Item) ([]byte, error) {
	e, err := parse(text)
	if err != nil {
		return nil, err
	}
	wanted, ok := e.data[key].([]any)
	if !ok && e.data[key] != nil {
		return nil, fmt.Errorf("%s is no list", key)
	}
	var element any
	if err := yaml.Unmarshal([]byte(item.Flow), &element); err != nil {
		return nil, err
	}
	keyNode, value := e.find(key)
	switch {
	case keyNode == nil:
		e.atEnd(append([]string{key + ":"}, dashed(item.Block, "  ")...))
	case len(value.Content) == 0:
		e.emptyList(keyNode, item)
	case value.Style&yaml.FlowStyle != 0:
		e.flowList(value, item)
	default:
		e.blockList(value, item)
	}
	return e.verified(key, append(slices.Clone(wanted), element))
}

// PutFirst puts a key with its value before all others; lines are those of the value, without
// indentation. The key must not be there.
func PutFirst(text []byte, key string, lines []string) ([]byte, error) {
	e, err := parse(text)
	if err != nil {
		return nil, err
	}
	var value any
	if err := yaml.Unmarshal([]byte(strings.Join(lines, "\n")), &value); err != nil {
		return nil, err
	}
	block := []string{key + ":"}
	for _, line := range lines {
		block = append(block, "  "+line)
	}
	if len(e.root.Content) == 0 {
		e.atEnd(block)
	} else {
		e.insert(e.root.Content[0].Line-1, append(block, ""))
	}
	return e.verified(key, value)
}

// edit is a text that is being changed.
type edit struct {
	lines []string // with their ends
	end   string
	root  *yaml.Node
	data  map[string]any
}

func parse(text []byte) (*edit, error) {
	e := &edit{end: "\n", root: &yaml.Node{}, data: map[string]any{}}
	if strings.Contains(string(text), "\r\n") {
		e.end = "\r\n"
	}
	e.lines = strings.SplitAfter(string(text), "\n")
	if e.lines[len(e.lines)-1] == "" {
		e.lines = e.lines[:len(e.lines)-1]
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("it is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(document.Content) == 0 || document.Content[0].Tag == "!!null" {
		return e, nil
	}
	e.root = document.Content[0]
	if e.root.Kind != yaml.MappingNode || e.root.Style&yaml.FlowStyle != 0 {
		return nil, ErrLayout
	}
	return e, e.root.Decode(&e.data)
}

func (e *edit) find(key string) (keyNode, value *yaml.Node) {
	for i := 0; i+1 < len(e.root.Content); i += 2 {
		if e.root.Content[i].Value == key {
			return e.root.Content[i], e.root.Content[i+1]
		}
	}
	return nil, nil
}

// insert puts lines after the first n of the text.
func (e *edit) insert(n int, lines []string) {
	if n > 0 && !strings.HasSuffix(e.lines[n-1], "\n") {
		e.lines[n-1] += e.end
	}
	ended := make([]string, len(lines))
	for i, line := range lines {
		ended[i] = line + e.end
	}
	e.lines = slices.Insert(e.lines, n, ended...)
}

func (e *edit) atEnd(lines []string) {
	if len(e.lines) > 0 && strings.TrimSpace(e.lines[len(e.lines)-1]) != "" && len(e.root.Content) > 0 {
		lines = append([]string{""}, lines...)
	}
	e.insert(len(e.lines), lines)
}

// noElements is a list without elements in flow style.
var noElements = regexp.MustCompile(`:[ \t]*\[[ \t]*\]`)

func (e *edit) emptyList(key *yaml.Node, item Item) {
	e.lines[key.Line-1] = noElements.ReplaceAllString(e.lines[key.Line-1], ":")
	e.insert(key.Line, dashed(item.Block, "  "))
}

// flowList puts the element before the last bracket in front of what follows the list.
func (e *edit) flowList(list *yaml.Node, item Item) {
	next := len(e.lines)
	for i := 0; i < len(e.root.Content); i += 2 {
		if line := e.root.Content[i].Line - 1; line >= list.Line {
			next = min(next, line)
		}
	}
	region := strings.Join(e.lines[list.Line-1:next], "")
	at := strings.LastIndex(region, "]")
	if at < 0 {
		return // verified will say so
	}
	before := strings.TrimRight(region[:at], " \t\r\n")
	space := region[len(before):at]
	comma := ", "
	if strings.HasSuffix(before, ",") {
		comma = " "
	}
	e.lines = slices.Replace(e.lines, list.Line-1, next, before+comma+item.Flow+space+region[at:])
}

func (e *edit) blockList(list *yaml.Node, item Item) {
	last := list.Content[len(list.Content)-1]
	lines := dashed(item.Block, strings.Repeat(" ", list.Column-1))
	if e.spaced(list, len(item.Block) > 1) {
		lines = append([]string{""}, lines...)
	}
	e.insert(lastLine(last), lines)
}

// spaced says whether elements have an empty line between them.
func (e *edit) spaced(list *yaml.Node, byDefault bool) bool {
	if len(list.Content) == 1 {
		return byDefault
	}
	above := list.Content[len(list.Content)-1].Line - 2
	for above > 0 && strings.HasPrefix(strings.TrimSpace(e.lines[above]), "#") {
		above--
	}
	return strings.TrimSpace(e.lines[above]) == ""
}

// dashed are the lines of an element, with its dash.
func dashed(block []string, indentation string) []string {
	lines := make([]string, len(block))
	for i, line := range block {
		lines[i] = indentation + "  " + line
		if i == 0 {
			lines[i] = indentation + "- " + line
		}
	}
	return lines
}

func lastLine(node *yaml.Node) int {
	line := node.Line
	for _, child := range node.Content {
		line = max(line, lastLine(child))
	}
	return line
}

// verified is the changed text, if it says what it said and that the key has the value.
func (e *edit) verified(key string, value any) ([]byte, error) {
	text := []byte(strings.Join(e.lines, ""))
	var changed map[string]any
	if err := yaml.Unmarshal(text, &changed); err != nil {
		return nil, ErrLayout
	}
	e.data[key] = value
	if !reflect.DeepEqual(changed, e.data) {
		return nil, ErrLayout
	}
	return text, nil
}
