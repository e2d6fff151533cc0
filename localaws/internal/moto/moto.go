// Package moto runs moto_server, which plays the services that the local AWS does
// not play itself: DynamoDB, SQS, SNS, IAM, CloudWatch Logs and more.
//
//  1. [Start] checks that the program is there and that its version is not older
//     than 5.2.
//  2. It starts it as a child process on a free loopback port, by a script of ours that
//     mends what makes moto too slow (server.py), and waits until it answers.
//  3. [Server.Save] writes all that it holds to a file, from which another one can begin
//     (image.py).
//  4. [Server.Close] ends it. Its state is in memory and ends with it.
package moto

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/process"
)

const (
	minimumMajor, minimumMinor = 5, 2

	startAttempts = 3
	startTimeout  = 60 * time.Second
	stopGrace     = 2 * time.Second
	pollInterval  = 50 * time.Millisecond

	// imagePath is that of image.py.
	imagePath = "/_localaws/image"
)

// program runs moto_server with what we mend, imaging lets it be saved.
var (
	//go:embed server.py
	program string
	//go:embed image.py
	imaging string
)

// ErrRestore says that moto_server did not begin with what was to be restored.
var ErrRestore = errors.New("what is to be restored cannot be read")

// Options say how to run moto_server.
type Options struct {
	// Command is the path of moto_server. Its directory must hold the Python
	// interpreter (python3 or python) that moto is installed for.
	Command string
	// AccountID is the account that everything belongs to, Region the default
	// region.
	AccountID, Region string
	// Log receives the output of moto_server; nil discards it.
	Log io.Writer
	// Image is the file that [Server.Save] writes; without it nothing can be saved.
	Image string
	// Restore is such a file to begin with; "" begins empty.
	Restore string
}

// Server is a running moto_server.
type Server struct {
	url     string
	process *process.Process
	image   string
}

// Start starts moto_server and returns when it answers. An error says what is
// missing and how to install it.
func Start(ctx context.Context, options Options) (*Server, error) {
	if err := checkVersion(ctx, options.Command); err != nil {
		return nil, err
	}
	var problems []error
	for range startAttempts { // another process may take the port before moto_server does
		server, err := startOnce(ctx, options)
		if err == nil {
			return server, nil
		}
		problems = append(problems, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(problems...)
}

// URL is the base address, as in http://127.0.0.1:5000, without a slash at the end.
func (s *Server) URL() string { return s.url }

// Done is closed when moto_server has ended.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// Close ends moto_server and waits for its end.
func (s *Server) Close() { s.process.Stop(stopGrace) }

// Save writes everything that it holds to the file that was named, between two requests.
func (s *Server) Save(ctx context.Context) error {
	if s.image == "" {
		return errors.New("save what moto_server holds: it was started without a file for it")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+imagePath, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("save what moto_server holds: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(string(text))
	}
	if err != nil {
		return fmt.Errorf("save what moto_server holds: %w", err)
	}
	return nil
}

func startOnce(ctx context.Context, options Options) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	python, err := interpreter(filepath.Dir(options.Command))
	if err != nil {
		return nil, err
	}
	child, err := process.Start(process.Options{
		Command: []string{python, "-c", imaging + "\n" + program, "-H", "127.0.0.1", "-p", strconv.Itoa(port)},
		Env:     environment(options),
		Stdout:  options.Log,
		Stderr:  options.Log,
	})
	if err != nil {
		return nil, err
	}
	server := &Server{url: "http://127.0.0.1:" + strconv.Itoa(port), process: child, image: options.Image}
	if err := server.waitUntilReady(ctx); err != nil {
		child.Kill()
		if options.Restore != "" && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", ErrRestore, err)
		}
		return nil, err
	}
	return server, nil
}

func (s *Server) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !s.answers(ctx) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("start moto_server: no answer on %s: %w", s.url, ctx.Err())
		case <-s.process.Done():
			return fmt.Errorf("start moto_server: it ended before it answered on %s: %w; its log in the data folder says why", s.url, s.process.Err())
		case <-time.After(pollInterval):
		}
	}
	return nil
}

func (s *Server) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/moto-api/data.json", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func environment(options Options) []string {
	environment := append(os.Environ(),
		"MOTO_ACCOUNT_ID="+options.AccountID,
		"AWS_DEFAULT_REGION="+options.Region,
		// Without them, attaching AWSLambdaBasicExecutionRole is NoSuchEntity.
		"MOTO_IAM_LOAD_MANAGED_POLICIES=true",
		// Else a certificate stays pending for a minute.
		"MOTO_ACM_VALIDATION_WAIT=1",
		"PYTHONUNBUFFERED=1",
	)
	if options.Image != "" {
		environment = append(environment, "LOCALAWS_IMAGE_SAVE="+options.Image)
	}
	if options.Restore != "" {
		environment = append(environment, "LOCALAWS_IMAGE_LOAD="+options.Restore)
	}
	return environment
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port for moto_server: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func checkVersion(ctx context.Context, command string) error {
	if info, err := os.Stat(command); err != nil || info.IsDir() {
		return fmt.Errorf("moto_server is not at %q: run `make tools`, or name its path with --moto or LOCALAWS_MOTO", command)
	}
	version, err := installedVersion(ctx, filepath.Dir(command))
	if err != nil {
		return fmt.Errorf("ask for the version of moto beside %q: %w; run `make tools` to install it", command, err)
	}
	if !newEnough(version) {
		return fmt.Errorf("moto %s at %q is too old: %d.%d or later is needed; run `make tools`", version, command, minimumMajor, minimumMinor)
	}
	return nil
}

// Versions are those of moto and Python, which an image is bound to. It takes a tenth of a
// second to ask for them.
func Versions(ctx context.Context, command string) (string, error) {
	python, err := interpreter(filepath.Dir(command))
	if err != nil {
		return "", err
	}
	output, err := exec.CommandContext(ctx, python, "-c", "import importlib.metadata as m, platform; print('moto', m.version('moto'), 'python', platform.python_version())").Output()
	return strings.TrimSpace(string(output)), err
}

// installedVersion asks Python, since moto_server itself has no option for it.
func installedVersion(ctx context.Context, directory string) (string, error) {
	python, err := interpreter(directory)
	if err != nil {
		return "", err
	}
	output, err := exec.CommandContext(ctx, python, "-c", "import importlib.metadata as m; print(m.version('moto'))").Output()
	return strings.TrimSpace(string(output)), err
}

// interpreter is the path of Python in a folder.
func interpreter(directory string) (string, error) {
	var problems []error
	for _, name := range []string{"python3", "python"} {
		path, err := exec.LookPath(filepath.Join(directory, name))
		if err == nil {
			return path, nil
		}
		problems = append(problems, err)
	}
	return "", errors.Join(problems...)
}

func newEnough(version string) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err1 != nil || err2 != nil {
		return false
	}
	return major > minimumMajor || major == minimumMajor && minor >= minimumMinor
}
