package lambda

import (
	"embed"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// The programs that play the language runtimes of AWS.
//
//go:embed runtimes/node.mjs runtimes/python.py
var runtimePrograms embed.FS

const (
	nodeProgram   = "node.mjs"
	pythonProgram = "python.py"
)

// interpreters finds the interpreters of this computer.
type interpreters struct {
	folder string
	logger *slog.Logger

	mutex sync.Mutex
	found map[string]interpreter
}

type interpreter struct {
	path string
	err  error
}

func newInterpreters(folder string, logger *slog.Logger) (*interpreters, error) {
	for _, name := range []string{nodeProgram, pythonProgram} {
		content, err := runtimePrograms.ReadFile("runtimes/" + name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return nil, fmt.Errorf("write the language runtimes: %w", err)
		}
	}
	return &interpreters{folder: folder, logger: logger, found: map[string]interpreter{}}, nil
}

// command is how a runtime is started, without exec wrapper.
func (i *interpreters) command(runtime, folder string) ([]string, error) {
	switch {
	case strings.HasPrefix(runtime, "nodejs"):
		node, err := i.find(runtime)
		return []string{node, filepath.Join(i.folder, nodeProgram)}, err
	case strings.HasPrefix(runtime, "python"):
		python, err := i.find(runtime)
		return []string{python, filepath.Join(i.folder, pythonProgram)}, err
	}
	for _, directory := range []string{"task", "opt"} {
		path := filepath.Join(folder, directory, "bootstrap")
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return []string{path}, nil
		}
	}
	return nil, fmt.Errorf("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]") //nolint:staticcheck // AWS's text
}

// find finds a runtime's interpreter once, and says when it is of another version.
func (i *interpreters) find(runtime string) (string, error) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if known, ok := i.found[runtime]; ok {
		return known.path, known.err
	}
	var result interpreter
	if strings.HasPrefix(runtime, "nodejs") {
		result = i.findNode(runtime)
	} else {
		result = i.findPython(runtime)
	}
	i.found[runtime] = result
	return result.path, result.err
}

func (i *interpreters) findNode(runtime string) interpreter {
	wanted := strings.TrimSuffix(strings.TrimPrefix(runtime, "nodejs"), ".x")
	return i.ask(runtime, "v"+wanted+".", []string{"node" + wanted, "node"}, "-p", "process.execPath+'\\n'+process.version")
}

func (i *interpreters) findPython(runtime string) interpreter {
	// The path that the interpreter itself names is not a slow version switcher.
	return i.ask(runtime, strings.TrimPrefix(runtime, "python")+".", []string{runtime, "python3", "python"}, "-c", "import sys,platform;print(sys.executable);print(platform.python_version())")
}

// ask lets each program that exists print its path and version; the first that can
// is taken.
func (i *interpreters) ask(runtime, wanted string, names []string, arguments ...string) interpreter {
	for _, name := range names {
		output, err := exec.Command(name, arguments...).Output()
		lines := strings.Split(strings.TrimSpace(string(output)), "\n")
		if err != nil || len(lines) != 2 {
			continue
		}
		if !strings.HasPrefix(lines[1], wanted) {
			i.logger.Warn("the function's runtime is played by another version than on AWS", "runtime", runtime, "version", lines[1], "path", lines[0])
		}
		return interpreter{path: lines[0]}
	}
	return interpreter{err: fmt.Errorf("the runtime %s needs %s on the PATH of the local AWS: install it and start again", runtime, names[len(names)-1])}
}
