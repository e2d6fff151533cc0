package main

import (
	"bufio"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInterruptEndsEverything(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "localaws")
	output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(output))
	data := filepath.Join(t.TempDir(), "data")
	command := exec.Command(binary, "--port", "0", "--data", data, "--region", "us-east-2")
	pipe, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	line, err := bufio.NewReader(pipe).ReadString('\n')
	require.NoError(t, err)
	url := strings.TrimSpace(strings.TrimPrefix(line, "local AWS ready at "))
	response, err := http.Get(url + "/_localaws/health")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	listed, err := exec.Command("pgrep", "-P", strconv.Itoa(command.Process.Pid)).Output()
	require.NoError(t, err, "moto_server is a child")
	started := time.Now()
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	require.NoError(t, command.Wait())
	assert.Less(t, time.Since(started), 10*time.Second)
	for child := range strings.FieldsSeq(string(listed)) {
		pid, err := strconv.Atoi(child)
		require.NoError(t, err)
		assert.Error(t, syscall.Kill(pid, 0), "a child outlived the local AWS")
	}
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	assert.ErrorContains(t, run([]string{"--port", "0", "--moto", "/nowhere/moto_server"}), "make tools")
}
