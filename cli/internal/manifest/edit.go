package manifest

import (
	"fmt"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/yamledit"
)

// header is what a new manifest begins with.
const header = "# Which stacks there are, and in which order they are deployed.\n"

// AddPlatform gives a manifest's text the entry of the platform, which it must not have.
// What the text says otherwise stays as it is written; an empty text becomes a new manifest.
func AddPlatform(text []byte, path, project string) ([]byte, error) {
	lines := []string{"path: " + path, "name: " + project}
	changed, err := yamledit.PutFirst(orNew(text), "platform", lines)
	if err != nil {
		return nil, byHand(err, "platform:\n  "+strings.Join(lines, "\n  "))
	}
	return changed, nil
}

// AddPlugin gives a manifest's text the entry of a plugin, as the last one.
func AddPlugin(text []byte, name, path string, dependsOn []string) ([]byte, error) {
	list := "[" + strings.Join(dependsOn, ", ") + "]"
	block := []string{"name: " + name, "path: " + path, "depends-on: " + list}
	if len(dependsOn) > 0 {
		block[2] = "depends-on:"
		for _, dependency := range dependsOn {
			block = append(block, "  - "+dependency)
		}
	}
	changed, err := yamledit.Append(orNew(text), "plugins", yamledit.Item{
		Block: block, Flow: fmt.Sprintf("{name: %s, path: %s, depends-on: %s}", name, path, list),
	})
	if err != nil {
		return nil, byHand(err, "plugins:\n  - "+strings.Join(block, "\n    "))
	}
	return changed, nil
}

func orNew(text []byte) []byte {
	if len(text) == 0 {
		return []byte(header)
	}
	return text
}

func byHand(err error, entry string) error {
	return fmt.Errorf("%s cannot be changed: %w; add this to it, then run the command again:\n%s", File, err, entry)
}
