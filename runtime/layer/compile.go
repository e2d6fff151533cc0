package layer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// EnginePackage is the import path of the binary.
const EnginePackage = "github.com/reventless/pulumi-reventless/runtime/cmd/reventless-engine"

// Target is a machine that the engine is built for, in Go's names.
type Target struct{ OS, Arch string }

// unameMachine is what `uname -m` says, by Go's name; "arm64" is itself outside Linux.
var unameMachine = map[Target]string{
	{"linux", "amd64"}:  "x86_64",
	{"linux", "arm64"}:  "aarch64",
	{"darwin", "amd64"}: "x86_64",
	{"darwin", "arm64"}: "arm64",
}

// unameSystem is what `uname -s` says, by Go's name.
var unameSystem = map[string]string{"linux": "Linux", "darwin": "Darwin"}

// Targets are the machines to build for: both architectures of Lambda, and this
// machine if it runs another system that can run the launcher.
func Targets() []Target {
	targets := []Target{{"linux", "amd64"}, {"linux", "arm64"}}
	host := Target{runtime.GOOS, runtime.GOARCH}
	if _, known := unameMachine[host]; known && !slices.Contains(targets, host) {
		targets = append(targets, host)
	}
	return targets
}

// Path is the binary's path in the layer, where the launcher looks for it.
func (t Target) Path() string {
	return folder + "engine-" + unameSystem[t.OS] + "-" + unameMachine[t]
}

// Compile builds the engine of this version for a target with the go command, in the
// module that the current folder belongs to. An error holds the compiler's messages.
func Compile(ctx context.Context, target Target, version string) (File, error) {
	folder, err := os.MkdirTemp("", "reventless-layer-")
	if err != nil {
		return File{}, fmt.Errorf("layer: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary := filepath.Join(folder, "engine")
	command := exec.CommandContext(ctx, "go", buildArguments(binary, version)...)
	command.Env = append(os.Environ(), buildEnvironment(target)...)
	if messages, err := command.CombinedOutput(); err != nil {
		return File{}, fmt.Errorf("layer: building the engine for %s/%s: %w\n%s", target.OS, target.Arch, err, messages)
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return File{}, fmt.Errorf("layer: %w", err)
	}
	return File{Name: target.Path(), Content: content}, nil
}

// buildArguments leave out what differs between machines (paths, version control,
// build id), what only a debugger needs, and the old RPC mode of aws-lambda-go.
func buildArguments(output, version string) []string {
	return []string{
		"build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
		"-ldflags", "-s -w -buildid= -X main.version=" + version, "-o", output, EnginePackage,
	}
}

// buildEnvironment makes a static binary for the oldest processors, whatever the
// builder's own settings are.
func buildEnvironment(target Target) []string {
	return []string{
		"GOOS=" + target.OS, "GOARCH=" + target.Arch, "CGO_ENABLED=0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0",
	}
}
