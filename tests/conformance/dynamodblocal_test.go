package conformance

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// directoryVariable names the folder with the jar files of DynamoDB Local; the default is
// where `make dynamodb-local` puts them.
const directoryVariable = "DYNAMODB_LOCAL_DIR"

// startTimeout is how long DynamoDB Local may take to start.
const startTimeout = 60 * time.Second

// startDynamoDBLocal starts DynamoDB Local and returns its address. It ends with the test,
// and also when this process dies.
func startDynamoDBLocal(t *testing.T) string {
	root := moduleRoot(t)
	jars := os.Getenv(directoryVariable)
	if jars == "" {
		jars = filepath.Join(root, ".tools", "dynamodb-local")
	}
	java, missing := exec.LookPath("java")
	found, err := filepath.Glob(filepath.Join(jars, "DynamoDBLocal-*.jar"))
	require.NoError(t, err)
	if missing != nil || len(found) == 0 {
		t.Skipf("NOT RUN: the suite against DynamoDB Local needs a JDK (java) and its jar files in %s; `make dynamodb-local` installs them, %s names another folder", jars, directoryVariable)
	}
	command := exec.Command(java, "-Djava.library.path="+jars, "-cp", filepath.Join(jars, "*"),
		filepath.Join(root, "tests", "conformance", "dynamodb-local", "Loopback.java"))
	command.Env = append(os.Environ(), "DDB_LOCAL_TELEMETRY=0")
	return launch(t, command)
}

// launch starts the command and waits for the line that names its port.
func launch(t *testing.T, command *exec.Cmd) string {
	var errors bytes.Buffer
	command.Stderr = &errors
	stdin, err := command.StdinPipe() // it ends when this is closed
	require.NoError(t, err)
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	timer := time.AfterFunc(startTimeout, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if port, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			go func() {
				for lines.Scan() { // else it would stop when the pipe is full
				}
			}()
			return "http://127.0.0.1:" + port
		}
	}
	_ = command.Wait()
	require.Fail(t, "DynamoDB Local did not start", errors.String())
	return ""
}
