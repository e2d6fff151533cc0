// Package generate writes schema.json, the SDKs and the reference from what the provider
// says of itself.
//
//  1. [Schema] asks the provider for its schema and leaves the version out, so that a
//     release changes no file.
//  2. [SDKs] binds the schema and lets Pulumi's own generators make the packages for
//     Node.js, Python and Go. No language plugin and no network are needed. What they do
//     not make well enough is mended.
//  3. [Reference] makes a page of the same descriptions, docs/reference.md.
//  4. [Write] replaces each SDK's folder with the files made, so that a file which is
//     made no more goes away, and puts the project's licence into each.
package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// tool is the name that the generated files give as their maker.
const tool = "pulumi-gen-reventless"

// Schema is the provider's schema without its version.
func Schema(ctx context.Context, provider rpc.ResourceProviderServer) (schema.PackageSpec, error) {
	var spec schema.PackageSpec
	response, err := provider.GetSchema(ctx, &rpc.GetSchemaRequest{})
	if err != nil {
		return spec, fmt.Errorf("asking the provider for its schema: %w", err)
	}
	if err := json.Unmarshal([]byte(response.Schema), &spec); err != nil {
		return spec, fmt.Errorf("reading the provider's schema: %w", err)
	}
	spec.Version = ""
	return spec, nil
}

// folders are the SDKs' folders below sdk. The Go package's folder is the last element
// of its import path.
var folders = map[string]string{"nodejs": "nodejs", "python": "python", "go": filepath.Join("go", "reventless")}

// readme is a package's first page.
const readme = "README.md"

// SDKs makes the packages for all languages: file contents by path below the folder
// sdk. The version goes into the packages' own files.
func SDKs(spec schema.PackageSpec, version string) (map[string][]byte, error) {
	spec.Version = version
	languages := map[string]func(*schema.Package) (map[string][]byte, error){
		"nodejs": func(pkg *schema.Package) (map[string][]byte, error) {
			files, err := nodejs.GeneratePackage(tool, pkg, nil, nil, false, alone{})
			return mend(files, nodejsRepairs), err
		},
		"python": func(pkg *schema.Package) (map[string][]byte, error) {
			files, err := python.GeneratePackage(tool, pkg, nil, alone{})
			return mend(files, pythonRepairs), err
		},
		"go": func(pkg *schema.Package) (map[string][]byte, error) {
			return gogen.GeneratePackage(tool, pkg, nil)
		},
	}
	files := map[string][]byte{}
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		pkg, err := bind(spec)
		if err != nil {
			return nil, err
		}
		made, err := languages[language](pkg)
		if err != nil {
			return nil, fmt.Errorf("generating the SDK for %s: %w", language, err)
		}
		for name, content := range made {
			files[filepath.Join(folders[language], name)] = content
		}
		if text := firstPage(spec.Language[language]); text != "" {
			files[filepath.Join(folders[language], readme)] = []byte(text)
		}
	}
	return files, nil
}

// firstPage is the text of a language's first page. Go's generator makes none of it, and
// Python's puts it into the package, while pyproject.toml wants it beside itself.
func firstPage(language schema.RawMessage) string {
	var info struct{ Readme string }
	if json.Unmarshal(language, &info) != nil {
		return ""
	}
	return info.Readme
}

// bind makes a package of the schema; what is wrong with it is one error.
func bind(spec schema.PackageSpec) (*schema.Package, error) {
	pkg, diagnostics, err := schema.BindSpec(spec, alone{}, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, fmt.Errorf("binding the schema: %w", err)
	}
	if diagnostics.HasErrors() {
		return nil, fmt.Errorf("binding the schema: %w", errors.Join(diagnostics.Errs()...))
	}
	return pkg, nil
}

// referenceFile is where the reference is.
var referenceFile = filepath.Join("docs", "reference.md")

// Write puts schema.json, the reference and the SDKs below the folder.
func Write(folder string, spec schema.PackageSpec, sdks map[string][]byte) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(spec); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "schema.json"), text.Bytes(), 0o644); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(folder, referenceFile), []byte(Reference(spec))); err != nil {
		return err
	}
	for _, sdk := range folders {
		if err := os.RemoveAll(filepath.Join(folder, "sdk", sdk)); err != nil {
			return err
		}
	}
	licence, err := os.ReadFile(filepath.Join(folder, "LICENSE"))
	if err != nil {
		return fmt.Errorf("the SDKs carry the project's licence: %w", err)
	}
	for _, sdk := range folders {
		if err := writeFile(filepath.Join(folder, "sdk", sdk, "LICENSE"), licence); err != nil {
			return err
		}
	}
	for name, content := range sdks {
		if err := writeFile(filepath.Join(folder, "sdk", name), content); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
