// Package kits makes what helps to write a plugin's handler: the types of turns and
// answers in TypeScript and Python. There is a folder for each language; Go plugins use
// the engine's own types, runtime/turn, and runtime/turntest.
//
//  1. The types come from the JSON Schemas in runtime/turn/schema, the same against which
//     the engine validates.
//  2. [Generate] writes them, the project's licence and the version into the packages. All
//     other files of the packages, the test kits among them, are written by hand.
package kits

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/blang/semver"
	codegen "github.com/pulumi/pulumi/pkg/v3/codegen/python"

	"github.com/reventless/pulumi-reventless/kits/internal/contract"
	"github.com/reventless/pulumi-reventless/kits/internal/python"
	"github.com/reventless/pulumi-reventless/kits/internal/typescript"
)

// The lines that hold the packages' versions.
var (
	npmVersion  = regexp.MustCompile(`(?m)^(  "version": )".*"(,)$`)
	pypiVersion = regexp.MustCompile(`(?m)^(version = )".*"()$`)
)

// Generate writes the kits' types below the folder, whose parent holds the licence, and a
// semantic version into the packages' own files.
func Generate(folder, version string) error {
	parsed, err := semver.Parse(version)
	if err != nil {
		return fmt.Errorf("the version %q is no semantic version: %w", version, err)
	}
	read, err := contract.Read()
	if err != nil {
		return err
	}
	licence, err := os.ReadFile(filepath.Join(folder, "..", "LICENSE"))
	if err != nil {
		return fmt.Errorf("the kits carry the project's licence: %w", err)
	}
	for name, content := range map[string]string{
		"nodejs/index.d.ts": typescript.Write(read), "python/src/reventless_handler/__init__.py": python.Write(read),
		"nodejs/LICENSE": string(licence), "python/LICENSE": string(licence),
	} {
		if err := os.WriteFile(filepath.Join(folder, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
			return err
		}
	}
	if err := setVersion(filepath.Join(folder, "nodejs", "package.json"), npmVersion, version); err != nil {
		return err
	}
	return setVersion(filepath.Join(folder, "python", "pyproject.toml"), pypiVersion, codegen.PypiVersion(parsed))
}

// setVersion puts a version into the one line of a file that holds it.
func setVersion(path string, line *regexp.Regexp, version string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if found := len(line.FindAll(text, -1)); found != 1 {
		return fmt.Errorf("%s: expected one line with the version, found %d", path, found)
	}
	return os.WriteFile(path, line.ReplaceAll(text, []byte(`${1}"`+version+`"$2`)), 0o644)
}
