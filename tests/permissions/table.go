package permissions

import (
	_ "embed" // the table
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed testdata/permissions.yaml
var content []byte

// table is testdata/permissions.yaml.
type table struct {
	Kinds  []kind
	Shared any
	Roles  map[string]role
	Queues map[string]sender
	// Functions are who may invoke functions that are not ours, by the permission's part.
	Functions map[string]sender
}

// kind is a kind of resources.
type kind struct {
	Kind string
	// ARN is the form of their ARNs: "*" stands for any text, "[*]" for itself.
	ARN string
	// Wildcard says why an ARN in a policy may have a "*".
	Wildcard string
}

// role is what the roles of one purpose are like.
type role struct {
	Trust struct{ Service, Sources string }
	// Grants are the actions by kind of resource.
	Grants map[string][]string
	// Conditions are those of the statements about a kind.
	Conditions map[string]conditions
}

// sender is who may send to a queue, or invoke a function.
type sender struct {
	Service string
	Sources []string
}

// conditions are values by key by operator.
type conditions map[string]map[string]any

func load() (*table, error) {
	t := &table{}
	decoder := yaml.NewDecoder(strings.NewReader(string(content)))
	decoder.KnownFields(true)
	return t, decoder.Decode(t)
}

// kindOf is the kind of a resource.
func (t *table) kindOf(arn string) (kind, bool) {
	for _, k := range t.Kinds {
		if matches(k.ARN, arn) {
			return k, true
		}
	}
	return kind{}, false
}

// matches compares with a form; "/" is a character like any other.
func matches(form, text string) bool {
	slash := strings.NewReplacer("/", "\x00")
	matched, err := path.Match(slash.Replace(form), slash.Replace(text))
	return err == nil && matched
}

// roleOf is the purpose of the role that a part of a component has: "commands" of
// "commands-Store".
func (t *table) roleOf(part string) (string, role, bool) {
	purpose, _, _ := strings.Cut(part, "-")
	found, ok := t.Roles[purpose]
	return purpose, found, ok
}

// ifNeeded ends an action that only some resources of a kind need.
const ifNeeded = " if needed"
