package orchestrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// installedFile remembers, by path, what projects were installed for.
const installedFile = "installed.json"

// install installs the plugins and packages of the projects that are to be run. Two
// commands that install the same plugin at once disturb each other, so this is done one
// after the other, and only again when the files that name them changed.
func (r *run) install(ctx context.Context) error {
	if r.options.SkipInstall {
		return nil
	}
	file := filepath.Join(r.folder, report.Folder, installedFile)
	known := map[string]string{}
	if text, err := os.ReadFile(file); err == nil {
		_ = json.Unmarshal(text, &known) // what cannot be read is installed again
	}
	for _, stack := range r.report.Stacks {
		target, _ := r.plan.Target(stack.Name)
		if stack.Status != "" || ctx.Err() != nil {
			continue
		}
		wanted, err := requirements(target.Folder)
		if err != nil || known[target.Path] == wanted {
			continue
		}
		if err := r.installOne(ctx, target); err != nil {
			return err
		}
		known[target.Path] = wanted
	}
	if err := report.MakeFolder(r.folder, ""); err != nil {
		return err
	}
	text, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func (r *run) installOne(ctx context.Context, target project.Target) error {
	var printed strings.Builder
	if err := r.pulumi.Install(ctx, target.Folder, &printed); err != nil {
		return fmt.Errorf("install the plugins and packages of %s (%s): %w", target.Name, target.Path, err)
	}
	return nil
}

// requirements is a hash of what names a project's plugins and packages.
func requirements(folder string) (string, error) {
	hash := sha256.New()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.yml", "package.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "requirements.txt", "pyproject.toml", "uv.lock", "go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n", name, len(text))
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
