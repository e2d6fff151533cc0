package validate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// runtimes are the Lambda runtimes that the engine works with, each with the shape of
// its handler. Managed runtimes are those whose start the engine can wrap
// (AWS_LAMBDA_EXEC_WRAPPER); in provided.al2023 the plugin is a Go program that holds
// the engine as a library.
var runtimes = map[string]handlerShape{
	"nodejs20.x":      fileHandler,
	"nodejs22.x":      fileHandler,
	"nodejs24.x":      fileHandler,
	"python3.11":      fileHandler,
	"python3.12":      fileHandler,
	"python3.13":      fileHandler,
	"ruby3.3":         rubyHandler,
	"ruby3.4":         rubyHandler,
	"java17":          javaHandler,
	"java21":          javaHandler,
	"dotnet8":         dotnetHandler,
	"provided.al2023": goHandler,
}

// Runtimes are the names of the supported runtimes in order.
func Runtimes() []string { return sorted(runtimes) }

// Custom is the runtime of plugins that bring their own bootstrap.
const Custom = "provided.al2023"

// handlerShape is what a runtime's handler looks like.
type handlerShape struct {
	pattern *regexp.Regexp
	example string
}

var (
	fileHandler   = handlerShape{regexp.MustCompile(`^[\w./-]+\.[A-Za-z_$][\w$]*$`), "index.handler (file index, function handler)"}
	rubyHandler   = handlerShape{regexp.MustCompile(`^[\w./-]+\.[A-Za-z_][\w.:]*$`), "index.handler or file.Module::Class.method"}
	javaHandler   = handlerShape{regexp.MustCompile(`^[\w.$]+(::\w+)?$`), "com.example.Handler::handle"}
	dotnetHandler = handlerShape{regexp.MustCompile(`^[\w.]+(::[\w.]+::\w+)?$`), "Assembly::Namespace.Class::Method"}
	goHandler     = handlerShape{regexp.MustCompile(`^bootstrap$`), "bootstrap"}
)

// DefaultHandler is the handler of a runtime when none is given, "" when there is no
// usual one.
func DefaultHandler(runtime string) string {
	switch {
	case runtime == Custom:
		return "bootstrap"
	case strings.HasPrefix(runtime, "java"), strings.HasPrefix(runtime, "dotnet"):
		return ""
	}
	return "index.handler"
}

// Architectures are the instruction sets of Lambda functions.
var Architectures = []string{"arm64", "x86_64"}

// MinMemory and MaxMemory are how many MB a function may have.
const MinMemory, MaxMemory = localconfig.MinMemory, localconfig.MaxMemory

// maxTimeout is how many seconds a function may run.
const maxTimeout = 900

// function checks what the plugin's functions are made of.
func (f *findings) function(plugin declaration.Plugin) {
	f.code("runtime", "handler", plugin.Runtime, plugin.Handler)
	if !slices.Contains(Architectures, plugin.Architecture) {
		f.add("architecture", "%q is no architecture; use %s", plugin.Architecture, strings.Join(Architectures, " or "))
	}
	f.memory("memory", plugin.Memory)
	f.timeout("timeout", plugin.Timeout)
}

// code checks a runtime and its handler.
func (f *findings) code(runtimePath, handlerPath, runtime, handler string) {
	shape, supported := runtimes[runtime]
	switch {
	case !supported:
		f.add(runtimePath, "%q is no supported runtime.%s Supported: %s.", runtime,
			DidYouMean(runtime, Runtimes()), strings.Join(Runtimes(), ", "))
	case handler == "":
		f.add(handlerPath, "the runtime %s has no usual handler; give one such as %s", runtime, shape.example)
	case !shape.pattern.MatchString(handler):
		f.add(handlerPath, "%q is no handler for the runtime %s; it looks like %s", handler, runtime, shape.example)
	}
}

func (f *findings) memory(path string, megabytes int) {
	if megabytes < MinMemory || megabytes > MaxMemory {
		f.add(path, "%d MB are not possible; a function has %d to %d MB", megabytes, MinMemory, MaxMemory)
	}
}

func (f *findings) timeout(path string, seconds int) {
	if seconds < 1 || seconds > maxTimeout {
		f.add(path, "%d seconds are not possible; a function runs for 1 to %d seconds", seconds, maxTimeout)
	}
}
