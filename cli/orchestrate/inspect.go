package orchestrate

import (
	"cmp"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/reventless/pulumi-reventless/cli/internal/selection"
)

// stackStatus is what status says of a stack.
type stackStatus struct {
	Name    string `json:"name"`
	Project string `json:"project"`
	Path    string `json:"path"`
	// Stack is its whole name, "" when there is none.
	Stack string `json:"stack,omitempty"`
	// State is skipped, missing, empty, deployed or updating.
	State string `json:"state"`
	// Reason is why it is skipped.
	Reason     string     `json:"reason,omitempty"`
	Resources  int        `json:"resources"`
	LastUpdate *time.Time `json:"lastUpdate,omitempty"`
	URL        string     `json:"url,omitempty"`
	// External are the stacks of other repositories that it reads.
	External []string `json:"external,omitempty"`
}

func (e *environment) status() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use:   "status",
		Short: "Show which stacks of the manifest are deployed",
		Long:  "Show which stacks of the manifest are deployed, when that was, and what they read of other repositories.",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			found, err := e.statuses(command)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), found)
			}
			return printStatuses(command, found, e.clock.now())
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return command
}

func (e *environment) statuses(command *cobra.Command) ([]stackStatus, error) {
	plan, err := e.plan(command.Context())
	if err != nil {
		return nil, err
	}
	found, err := e.find()
	if err != nil {
		return nil, err
	}
	existing, err := found.Stacks(command.Context(), plan.Targets[0].Folder)
	if err != nil {
		return nil, err
	}
	statuses := make([]stackStatus, len(plan.Targets))
	for i, target := range plan.Targets {
		status := stackStatus{Name: target.Name, Project: target.Project, Path: target.Path, State: "missing", Reason: target.Skip, External: plan.External(target)}
		if target.Skip != "" {
			status.State = "skipped"
		}
		if info, exists := find(existing, target, plan.Environment); exists {
			status.Stack, status.Resources, status.LastUpdate, status.URL = info.Name, info.Resources, info.LastUpdate, info.URL
			status.State = "deployed"
			if info.Resources == 0 {
				status.State = "empty"
			}
			if info.UpdateInProgress {
				status.State = "updating"
			}
		}
		statuses[i] = status
	}
	return statuses, nil
}

func printStatuses(command *cobra.Command, statuses []stackStatus, now time.Time) error {
	table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STACK\tSTATE\tRESOURCES\tLAST UPDATE\tNAME")
	for _, status := range statuses {
		last := "-"
		if status.LastUpdate != nil {
			last = now.Sub(*status.LastUpdate).Round(time.Second).String() + " ago"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", status.Name, status.State, status.Resources, last, cmp.Or(status.Stack, status.Reason, "-"))
	}
	return table.Flush()
}

func (e *environment) outputs() *cobra.Command {
	var only []string
	secrets := false
	command := &cobra.Command{
		Use:   "outputs",
		Short: "Print the outputs of the stacks of the manifest",
		Long: `Print the outputs of the stacks of the manifest as JSON, by the stack's name. Stacks that
are not deployed are left out, secrets are [secret].`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			outputs, err := e.allOutputs(command, only, secrets)
			if err != nil {
				return err
			}
			return writeJSON(command.OutOrStdout(), outputs)
		},
	}
	command.Flags().StringSliceVar(&only, "only", nil, "only these stacks of the manifest")
	command.Flags().BoolVar(&secrets, "show-secrets", false, "print secrets in clear")
	return command
}

func (e *environment) allOutputs(command *cobra.Command, only []string, secrets bool) (map[string]map[string]any, error) {
	plan, err := e.plan(command.Context())
	if err != nil {
		return nil, err
	}
	found, err := e.find()
	if err != nil {
		return nil, err
	}
	r := &run{pulumi: found, plan: plan}
	chosen, err := selection.Select(r.nodes(), only)
	if err != nil {
		return nil, err
	}
	if r.existing, err = found.Stacks(command.Context(), plan.Targets[0].Folder); err != nil {
		return nil, err
	}
	outputs := map[string]map[string]any{}
	for _, name := range chosen {
		target, _ := plan.Target(name)
		if !r.deployed(target) {
			continue
		}
		if outputs[name], err = found.Outputs(command.Context(), target.Folder, plan.Environment, secrets); err != nil {
			return nil, fmt.Errorf("read the outputs of %s: %w", name, err)
		}
	}
	return outputs, nil
}
