package appsyncjs

import (
	_ "embed"

	"github.com/evanw/esbuild/pkg/api"
)

// codeFile is the name that AppSync gives to a resolver's code in its messages.
const codeFile = "code.js"

//go:embed aws-appsync-utils.js
var utilities string

//go:embed dynamodb.js
var dynamodb string

// entry exposes the code's handlers to machine.go. The utilities come first, so that
// they can take away what AppSync's runtime does not have before the code is loaded.
const entry = `import { evaluate } from "@aws-appsync/utils/evaluate";
import * as code from "code";
globalThis.__entry = {
  evaluate: (handler, context) => evaluate(code[handler], context),
  exported: (handler) => typeof code[handler] === "function",
};`

// modules are the modules that code may import, by name.
var modules = map[string]string{
	"@aws-appsync/utils":          utilities,
	"@aws-appsync/utils/dynamodb": dynamodb,
}

// bundle makes one script of the code and the utilities.
func bundle(code string) (string, []CodeError) {
	result := api.Build(api.BuildOptions{
		Stdin:     &api.StdinOptions{Contents: entry, Sourcefile: "entry.js"},
		Bundle:    true,
		Format:    api.FormatIIFE,
		Target:    api.ES2017,
		Sourcemap: api.SourceMapInline,
		LogLevel:  api.LogLevelSilent,
		Plugins:   []api.Plugin{{Name: "appsync", Setup: func(build api.PluginBuild) { provide(build, code) }}},
	})
	if len(result.Errors) > 0 {
		return "", codeErrors(result.Errors)
	}
	return string(result.OutputFiles[0].Contents), nil
}

// provide answers every import from memory.
func provide(build api.PluginBuild, code string) {
	build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		switch _, ok := modules[args.Path]; {
		case args.Path == "code":
			return api.OnResolveResult{Path: codeFile, Namespace: "appsync"}, nil
		case args.Path == "@aws-appsync/utils/evaluate":
			return api.OnResolveResult{Path: "@aws-appsync/utils", Namespace: "appsync"}, nil
		case ok:
			return api.OnResolveResult{Path: args.Path, Namespace: "appsync"}, nil
		}
		return api.OnResolveResult{Errors: []api.Message{{Text: "The module '" + args.Path + "' is not supported: code may import @aws-appsync/utils and @aws-appsync/utils/dynamodb; bundle everything else."}}}, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "appsync"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		contents, ok := modules[args.Path]
		if !ok {
			contents = code
		}
		return api.OnLoadResult{Contents: &contents, Loader: api.LoaderJS}, nil
	})
}

func codeErrors(messages []api.Message) []CodeError {
	var problems []CodeError
	for _, message := range messages {
		problem := CodeError{Type: "PARSER_ERROR", Value: message.Text}
		if at := message.Location; at != nil {
			problem.Location = Location{Line: at.Line, Column: at.Column + 1, Span: at.Length}
		}
		problems = append(problems, problem)
	}
	return problems
}
