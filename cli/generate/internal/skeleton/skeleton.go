// Package skeleton has the files that new platforms and plugins begin with.
//
//  1. The templates are below templates: environment is a stack's configuration, program what
//     every Pulumi program of a language has, platform and plugin the programs themselves,
//     handler the plugin's own package. One folder is one language.
//  2. [Platform] and [Plugin] fill them in. A template without content gives no file, and
//     Pulumi.ENVIRONMENT.yaml gives one file for each environment.
//  3. A handler is the same little domain in each language, behind the same schema: an
//     aggregate with two commands and their refusals, and a read model. Beside it is a copy of
//     the language's authoring kit (kit.go).
//  4. [Workflow] is the workflow that deploys from GitHub.
package skeleton

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
)

//go:embed all:templates
var templates embed.FS

// The languages of programs and of handlers.
const (
	YAML       = "yaml"
	TypeScript = "typescript"
	NodeJS     = "nodejs"
	Python     = "python"
	Go         = "go"
)

// Languages are those of programs, Handlers those of handlers.
var (
	Languages = []string{YAML, TypeScript, Python, Go}
	Handlers  = []string{NodeJS, Python, Go}
)

// Stack is a Pulumi project.
type Stack struct {
	// Folder is the project's folder, Project its name, Language that of the program.
	Folder, Project, Language string
	// Description is one sentence, without quotes and colons.
	Description string
	// Module is the beginning of the names of Go modules.
	Module string
	// UV says that the packages of a program in Python are installed by uv.
	UV           bool
	Environments []Environment
	Release      Release
}

// Environment is one stack of a project.
type Environment struct {
	Name, Region string
	// PlatformStack is the platform's, "" for a platform itself; Dependencies are those of
	// plugins.
	PlatformStack string
	Dependencies  []string
}

// Package is the project's name as names of packages are written.
func (s Stack) Package() string { return strings.ToLower(s.Project) }

// PluginStack is the project of a plugin.
type PluginStack struct {
	Stack
	// Name is the plugin's name, and that of its handler's folder.
	Name    string
	Handler Handler
	// DependsOn are the plugins whose extension points may be used.
	DependsOn []string
}

// Type is the plugin's type in the API, and Field the field that gets one of it. Both begin
// with the plugin's name, because the API is shared.
func (p PluginStack) Type() string { return Pascal(p.Name) + "Item" }

// Field is described at Type.
func (p PluginStack) Field() string { return strings.ToLower(p.Type()[:1]) + p.Type()[1:] }

// Pascal is a plugin's name as names in the API begin.
func Pascal(name string) string {
	var pascal strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			pascal.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return pascal.String()
}

// Handler says how the platform runs a handler.
type Handler struct {
	Language string
	// Code is what is deployed, relative to the handler's folder; Runtime and Function are
	// arguments of the component.
	Code, Runtime, Function string
}

// HandlerIn is the handler of a plugin in a language.
func HandlerIn(language, plugin string) Handler {
	switch language {
	case Python:
		return Handler{Python, "src", "python3.12", "handler.handler"}
	case Go:
		return Handler{Go, "dist/" + plugin + ".zip", "provided.al2023", "bootstrap"}
	}
	return Handler{NodeJS, "src", "nodejs22.x", "index.handler"}
}

// Platform gives the files of a platform.
func Platform(stack Stack) ([]generated.File, error) {
	return program(stack, stack, "platform")
}

// Plugin gives the files of a plugin: those of its handler, then those of its program.
func Plugin(plugin PluginStack) ([]generated.File, error) {
	var files []generated.File
	for _, from := range []string{"handler/schema", "handler/" + plugin.Handler.Language} {
		rendered, err := render(from, plugin.Name, plugin)
		if err != nil {
			return nil, err
		}
		files = append(files, rendered...)
	}
	copies, err := kit(plugin.Handler.Language, plugin.Name)
	if err != nil {
		return nil, err
	}
	files = append(files, copies...)
	of, err := program(plugin.Stack, plugin, "plugin")
	return append(files, of...), err
}

// program gives the files of a Pulumi project.
func program(stack Stack, data any, kind string) ([]generated.File, error) {
	var files []generated.File
	for _, from := range []string{"program/", kind + "/"} {
		rendered, err := render(from+stack.Language, stack.Folder, data)
		if err != nil {
			return nil, err
		}
		files = append(files, rendered...)
	}
	for _, environment := range stack.Environments {
		rendered, err := render("environment", stack.Folder, environment)
		if err != nil {
			return nil, err
		}
		for _, file := range rendered {
			file.Path = strings.Replace(file.Path, "ENVIRONMENT", environment.Name, 1)
			files = append(files, file)
		}
	}
	return files, nil
}

// render fills in the templates of a folder.
func render(from, to string, data any) ([]generated.File, error) {
	var files []generated.File
	from = path.Join("templates", from)
	err := fs.WalkDir(templates, from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := templates.ReadFile(name)
		if err != nil {
			return err
		}
		content, err := fill(name, string(source), data)
		if err != nil || len(content) == 0 {
			return err
		}
		target := strings.TrimSuffix(strings.TrimPrefix(name, from+"/"), ".tmpl")
		files = append(files, generated.File{Path: path.Join(to, target), Content: content})
		return nil
	})
	return files, err
}

func fill(name, source string, data any) ([]byte, error) {
	parsed, err := template.New(name).Delims("<%", "%>").Option("missingkey=error").Parse(source)
	if err != nil {
		return nil, fmt.Errorf("the template %s: %w", name, err)
	}
	var filled bytes.Buffer
	if err := parsed.Execute(&filled, data); err != nil {
		return nil, fmt.Errorf("the template %s: %w", name, err)
	}
	return filled.Bytes(), nil
}
