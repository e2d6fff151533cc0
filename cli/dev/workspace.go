package dev

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

// workspace runs pulumi with a home and a backend of its own. Pulumi writes the salt of a
// stack's secrets into its configuration, which is the user's file and under version
// control; so stacks are made in copies, and the copies are what is deployed with.
type workspace struct {
	*pulumi.Command
	// root is where the manifest is, pulumi where pulumi keeps everything, folder has the
	// copies.
	root, pulumi, folder string
}

// newWorkspace makes the workspace, without what an earlier one left. The variables that
// pulumi needs become this process's own, so that whatever asks pulumi asks this one.
func newWorkspace(root, folder, endpoint string, options Options) (*workspace, error) {
	w := &workspace{root: root, pulumi: filepath.Join(folder, "pulumi"), folder: filepath.Join(folder, "config")}
	for _, name := range []string{w.pulumi, w.folder, filepath.Join(folder, report.Folder)} {
		if err := os.RemoveAll(name); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(w.folder, 0o700); err != nil {
		return nil, err
	}
	made, err := pulumicli.New(pulumicli.Options{Directory: w.pulumi, Programs: options.Programs, ProviderVersion: options.Version, Endpoint: endpoint})
	if err != nil {
		return nil, err
	}
	clearAccounts()
	for _, variable := range made.Variables() {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	if err := os.Setenv("PATH", strings.Join(append(options.Programs, os.Getenv("PATH")), string(os.PathListSeparator))); err != nil {
		return nil, err
	}
	if w.Command, err = pulumi.Find(); err != nil {
		return nil, err
	}
	w.EndWithCaller()
	return w, nil
}

// state is the folder of the backend.
func (w *workspace) state() string { return filepath.Join(w.pulumi, "state") }

// copyOf is the folder with the copy of a project's configuration. Several projects may have
// folders of one name, such as catalog/aws and ordering/aws. A repository may be moved.
func (w *workspace) copyOf(folder string) string {
	relative, err := filepath.Rel(w.root, folder)
	if err != nil {
		relative = folder
	}
	hash := sha256.Sum256([]byte(filepath.ToSlash(relative)))
	return filepath.Join(w.folder, filepath.Base(folder)+"-"+hex.EncodeToString(hash[:4]))
}

// made is the copy of the configuration of a project, by its name.
func (w *workspace) made(name, stack string) (folder, file string, err error) {
	copies, err := filepath.Glob(filepath.Join(w.folder, "*"))
	if err != nil {
		return "", "", err
	}
	for _, folder := range copies {
		if read, _, err := projectfile.Read(folder); err == nil && read.Name == name {
			return folder, filepath.Join(folder, "Pulumi."+stack+".yaml"), nil
		}
	}
	return "", "", fmt.Errorf("there is no copy of the configuration of %s in %s", name, w.folder)
}

// Create makes a stack in a copy of the project that has nothing but its name.
func (w *workspace) Create(ctx context.Context, folder, stack string) error {
	if err := w.copy(folder, stack); err != nil {
		return err
	}
	return w.Command.Create(ctx, w.copyOf(folder), stack)
}

// copy copies the project's name and the configuration of a stack.
func (w *workspace) copy(folder, stack string) error {
	read, _, err := projectfile.Read(folder)
	if err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(folder, read.StackConfigDir, "Pulumi."+stack+".yaml"))
	if err != nil {
		return err
	}
	to := w.copyOf(folder)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	text, err := yaml.Marshal(map[string]string{"name": read.Name, "runtime": "yaml"})
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(to, "Pulumi.yaml"), text, 0o600), os.WriteFile(filepath.Join(to, "Pulumi."+stack+".yaml"), config, 0o600))
}

// Run runs an operation with a copy of the configuration as it is now, and the salt that the
// stack was made with.
func (w *workspace) Run(ctx context.Context, request pulumi.Request) (pulumi.Outcome, error) {
	file := filepath.Join(w.copyOf(request.Folder), "Pulumi."+request.Stack+".yaml")
	salt, err := saltOf(file)
	if err != nil {
		return pulumi.Outcome{}, err
	}
	if err := w.copy(request.Folder, request.Stack); err != nil {
		return pulumi.Outcome{}, err
	}
	if err := salted(file, salt); err != nil {
		return pulumi.Outcome{}, err
	}
	request.Arguments = append(request.Arguments, "--config-file", file)
	return w.Command.Run(ctx, request)
}

// Outputs are the outputs of a stack.
func (w *workspace) Outputs(ctx context.Context, folder, stack string, showSecrets bool) (map[string]any, error) {
	return w.Command.Outputs(ctx, w.copyOf(folder), stack, showSecrets)
}

// Install does nothing: the plugins are there.
func (w *workspace) Install(context.Context, string, io.Writer) error { return nil }

const saltKey = "encryptionsalt"

func saltOf(file string) (string, error) {
	config, err := readConfig(file)
	salt, _ := config[saltKey].(string)
	return salt, err
}

// salted writes the salt into a configuration, instead of one that the user's may have.
func salted(file, salt string) error {
	config, err := readConfig(file)
	if err != nil {
		return err
	}
	config[saltKey] = salt
	text, err := yaml.Marshal(config)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func readConfig(file string) (map[string]any, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	config := map[string]any{}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s is no YAML: %w", file, err)
	}
	return config, nil
}

// region is the one that the stacks' configuration names. The local AWS is in one region.
func region(plan *project.Plan) (string, error) {
	found := map[string]string{}
	for _, target := range plan.Targets {
		if target.Skip != "" {
			continue
		}
		config, err := readConfig(target.Config)
		if err != nil {
			return "", err
		}
		values, _ := config["config"].(map[string]any)
		if region, _ := values["aws:region"].(string); region != "" {
			found[region] = target.Name
		}
	}
	var regions []string
	for region, name := range found {
		regions = append(regions, region+" ("+name+")")
	}
	switch len(found) {
	case 0:
		return localaws.DefaultRegion, nil
	case 1:
		region, _, _ := strings.Cut(regions[0], " ")
		return region, nil
	}
	return "", fmt.Errorf("the stacks are in several regions, the local AWS is in one: %s; choose some with --only, or set aws:region to one in Pulumi.%s.yaml", strings.Join(regions, ", "), plan.Environment)
}
