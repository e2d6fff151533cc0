// Package localconfig finds values that differ from one deploy target to the next, such as
// the user pool to use. [Sources.Look] is the one way to all of them. The first place that
// has a value wins, and an empty value is none:
//
//  1. the environment variable REVENTLESS_<KEY>, the key in screaming snake case:
//     REVENTLESS_COGNITO_USER_POOL_ID for cognitoUserPoolId. It is what a deployment in CI
//     sets from its secrets;
//  2. the file Pulumi.local.yaml beside Pulumi.yaml, with bare keys; it is in .gitignore.
//     [ReadFile] names wrong lines, [Local.Check] unknown keys;
//  3. the stack's configuration, under the key's namespace: platform:cognitoUserPoolId.
//
// [Keys] are all keys that there are, for those who show them.
package localconfig

import (
	"strings"
	"unicode"
)

// Prefix is what the names of the environment variables begin with.
const Prefix = "REVENTLESS_"

// File is the name of the file with a developer's own values.
const File = "Pulumi.local.yaml"

// Origin is a place that a value comes from.
type Origin string

// The origins, in the order in which they are looked at.
const (
	Environment Origin = "environment"
	LocalFile   Origin = "local file"
	StackConfig Origin = "stack configuration"
)

// Origins are all origins, the one that wins first.
func Origins() []Origin { return []Origin{Environment, LocalFile, StackConfig} }

// Candidate is a value that a place has for a key.
type Candidate struct {
	Origin Origin `json:"origin"`
	// Name is how the place calls the key: the environment variable, the line of the file,
	// the configuration variable.
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Value is what was found for a key.
type Value struct {
	// Candidate is the one that counts; without an origin nobody has a value.
	Candidate
	// Shadowed are the others, which count no more.
	Shadowed []Candidate
}

// Set says whether there is a value.
func (v Value) Set() bool { return v.Origin != "" }

// Sources are the places that are looked at. The functions say what is there and whether
// there is something; each may be nil.
type Sources struct {
	// Environment looks up an environment variable, see [os.LookupEnv].
	Environment func(name string) (string, bool)
	// Local has the values of the file, see [ReadFile].
	Local Local
	// Stack looks up a variable of the stack's configuration, "platform:stack".
	Stack func(key string) (string, bool)
}

// Look looks for the value of a key.
func (s Sources) Look(key Key) Value {
	var found []Candidate
	add := func(origin Origin, name, value string, exists bool) {
		if value = strings.TrimSpace(value); exists && value != "" {
			found = append(found, Candidate{origin, name, value})
		}
	}
	if s.Environment != nil {
		value, exists := s.Environment(key.Variable())
		add(Environment, key.Variable(), value, exists)
	}
	entry, exists := s.Local[key.Name]
	add(LocalFile, entry.Place, entry.Value, exists)
	if s.Stack != nil {
		value, exists := s.Stack(key.Config())
		add(StackConfig, key.Config(), value, exists)
	}
	if len(found) == 0 {
		return Value{}
	}
	return Value{Candidate: found[0], Shadowed: found[1:]}
}

// screaming writes a key in camel case as an environment variable is written.
func screaming(key string) string {
	var text strings.Builder
	for i, r := range key {
		if unicode.IsUpper(r) && i > 0 {
			text.WriteByte('_')
		}
		text.WriteRune(unicode.ToUpper(r))
	}
	return text.String()
}
