package pulumi

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// Version is the version of the command.
func (c *Command) Version() (string, error) {
	found, err := auto.NewPulumiCommand(nil)
	if err != nil {
		return "", err
	}
	return found.Version().String(), nil
}

// Login is as whom the command is logged in, and to which backend.
type Login struct {
	User string `json:"user"`
	URL  string `json:"url"`
}

// Login says as whom the command is logged in. In a folder whose project names a backend it
// is that of the project.
func (c *Command) Login(ctx context.Context, folder string) (Login, error) {
	printed, err := c.ask(ctx, folder, "whoami", "--json")
	if err != nil {
		return Login{}, err
	}
	var login Login
	err = decode(printed, &login)
	return login, err
}

// Export is the state of a stack, as [stack.Parse] reads it; secrets stay encrypted. A stack
// of another project is named in full.
func (c *Command) Export(ctx context.Context, folder, name string) (json.RawMessage, error) {
	printed, err := c.ask(ctx, folder, "stack", "export", "--stack", name)
	if err != nil {
		return nil, err
	}
	var state apitype.UntypedDeployment
	err = decode(printed, &state)
	return state.Deployment, err
}

// Configuration is what a stack that exists is configured with, its environments and the
// project's defaults included. Secrets are not decrypted.
func (c *Command) Configuration(ctx context.Context, folder, name string) (map[string]stack.ConfigurationValue, error) {
	printed, err := c.ask(ctx, folder, "config", "--json", "--stack", name)
	if err != nil {
		return nil, err
	}
	var values map[string]stack.ConfigurationValue
	err = decode(printed, &values)
	return values, err
}

func decode(printed []byte, into any) error {
	if err := json.Unmarshal(printed, into); err != nil {
		return fmt.Errorf("what pulumi printed is not understood: %w", err)
	}
	return nil
}
