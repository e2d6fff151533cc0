package stack

import (
	"context"
	"fmt"
)

// Configuration is what a stack is configured with.
type Configuration struct {
	// Folder is the project's folder, Project its name, Stack the stack's.
	Folder, Project, Stack string
	// Values are by variable, with its namespace.
	Values map[string]ConfigurationValue
}

// ConfigurationValue is the value of a variable; that of a secret is empty.
type ConfigurationValue struct {
	Value  string `json:"value"`
	Secret bool   `json:"secret"`
}

// ConfigurationReader reads a stack's configuration; [ReadConfiguration] is the one, commands
// take it as an argument for their tests.
type ConfigurationReader func(context.Context, Selection) (*Configuration, error)

// ReadConfiguration reads the configuration of a stack, which need not be deployed. The
// pulumi command knows all that it is made of: Pulumi.<stack>.yaml, the project's defaults
// and environments. Secrets are not decrypted, which would need their key.
func ReadConfiguration(ctx context.Context, selected Selection) (*Configuration, error) {
	opened, folder, name, err := open(ctx, selected)
	if err != nil {
		return nil, err
	}
	settings, err := opened.ProjectSettings(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the project in %s: %w", folder, err)
	}
	read := &Configuration{Folder: folder, Project: settings.Name.String(), Stack: name}
	if err := ask(ctx, opened, &read.Values, "config", "--json", "--stack", name); err != nil {
		return nil, fmt.Errorf("read the configuration of the stack %q in %s: %w", name, folder, err)
	}
	return read, nil
}
