// Package pulumicli runs the real Pulumi command line against a local AWS.
//
//  1. [New] makes a folder of its own for everything that Pulumi keeps: plugins,
//     credentials, the file backend. Nothing of the user's set-up is read or changed.
//  2. Our provider and the stand-in for the aws provider are put into that folder's
//     plugin cache, so programs find them as if they had been installed.
//  3. [Workspace.Stack] names a stack by its project folder; its methods are the
//     commands (up, preview, destroy, …), run with the endpoint of the local AWS in
//     the environment.
//
// Pulumi writes into the project folder (the salt of the stack's secrets goes into
// Pulumi.<stack>.yaml), so give it a copy of a folder that is under version control;
// [CopyProjects] makes one.
package pulumicli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
)

// AWSVersion is the version of the aws provider that the stand-in stands in for: the
// one whose SDK the components are built with.
const AWSVersion = "6.83.4"

// passphrase encrypts the secrets in the state of local stacks. It guards nothing:
// the state lies beside it.
const passphrase = "local"

// Options say where a workspace finds its programs and keeps its files.
type Options struct {
	// Directory is where Pulumi keeps plugins, credentials and state. It is made
	// when absent.
	Directory string
	// Programs are the folders that hold pulumi, pulumi-language-yaml,
	// pulumi-resource-reventless and pulumi-resource-aws.
	Programs []string
	// ProviderVersion is the version of pulumi-resource-reventless.
	ProviderVersion string
	// Endpoint is the URL of the local AWS.
	Endpoint string
	// Environment is added to every command's environment, as NAME=value.
	Environment []string
}

// Workspace is one hermetic set-up of Pulumi.
type Workspace struct {
	options Options
	pulumi  string
}

// New makes a workspace. The error names the program that is missing and how to
// build it.
func New(options Options) (*Workspace, error) {
	w := &Workspace{options: options}
	programs := map[string]string{}
	var missing []error
	for _, name := range []string{"pulumi", "pulumi-language-yaml", "pulumi-resource-reventless", "pulumi-resource-aws"} {
		path, err := find(options.Programs, name)
		if err != nil {
			missing = append(missing, err)
		}
		programs[name] = path
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	w.pulumi = programs["pulumi"]
	if err := os.MkdirAll(w.path("state"), 0o700); err != nil {
		return nil, err
	}
	if err := w.install("reventless", options.ProviderVersion, programs["pulumi-resource-reventless"]); err != nil {
		return nil, err
	}
	return w, w.install("aws", AWSVersion, programs["pulumi-resource-aws"])
}

// find looks a program up in the given folders.
func find(folders []string, name string) (string, error) {
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("%s is not in %s: run 'make build'", name, strings.Join(folders, " or "))
}

// install links a provider into the plugin cache.
func (w *Workspace) install(name, version, program string) error {
	folder := w.path("home", "plugins", "resource-"+name+"-v"+version)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	link := filepath.Join(folder, "pulumi-resource-"+name)
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Symlink(program, link)
}

func (w *Workspace) path(parts ...string) string {
	return filepath.Join(append([]string{w.options.Directory}, parts...)...)
}

// Environment is the environment of every command, also for programs that run Pulumi
// themselves. AWS_* variables of the user are left out, so that no command can reach a
// real account.
func (w *Workspace) Environment() []string {
	path := strings.Join(append(w.options.Programs[:len(w.options.Programs):len(w.options.Programs)], os.Getenv("PATH")), string(os.PathListSeparator))
	environment := append([]string{"PATH=" + path}, w.Variables()...)
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name != "PATH" && !strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "PULUMI_") {
			environment = append(environment, entry)
		}
	}
	return append(environment, w.options.Environment...)
}

// Variables are the variables, as NAME=value, that make a user's own pulumi command
// work on this workspace.
func (w *Workspace) Variables() []string {
	return []string{
		"PULUMI_HOME=" + w.path("home"),
		"PULUMI_BACKEND_URL=file://" + w.path("state"),
		"PULUMI_CONFIG_PASSPHRASE=" + passphrase,
		"PULUMI_SKIP_UPDATE_CHECK=1",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_IGNORE_AMBIENT_PLUGINS=true",
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS=true",
		"AWS_ENDPOINT_URL=" + w.options.Endpoint,
		"AWS_ACCESS_KEY_ID=" + enforcement.UserAccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + enforcement.UserSecretAccessKey,
	}
}

// run runs one command of the command line in a project's folder.
func (w *Workspace) run(ctx context.Context, folder string, stdout, stderr io.Writer, arguments ...string) error {
	command := exec.CommandContext(ctx, w.pulumi, append(arguments, "--non-interactive")...)
	command.Dir = folder
	command.Env = w.Environment()
	command.Stdout = stdout
	command.Stderr = stderr
	// An interrupt lets Pulumi finish what is under way and write its state.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = 30 * time.Second
	return command.Run()
}
