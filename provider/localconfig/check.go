package localconfig

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

// pulumiKeys are those of Pulumi's own file of a stack that is called "local".
var pulumiKeys = []string{"config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider"}

// Check is an error that names each key of the file which is none of [Keys].
func (l Local) Check() error {
	known := make([]string, 0, len(Keys()))
	for _, key := range Keys() {
		known = append(known, key.Name)
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if !slices.Contains(known, name) {
			problems = append(problems, fmt.Errorf("%s: %w", l[name].Place, unknown(name, known)))
		}
	}
	return errors.Join(problems...)
}

func unknown(name string, known []string) error {
	if slices.Contains(pulumiKeys, name) {
		return fmt.Errorf("%q belongs into Pulumi.<stack>.yaml; in this file write bare keys, `stack: <org>/<project>/<stack>`. "+
			"A stack called \"local\" has no file of this kind, for Pulumi keeps its configuration there", name)
	}
	return fmt.Errorf("there is no key %q.%s There is: %s", name, schema.Suggest(name, known), strings.Join(known, ", "))
}
