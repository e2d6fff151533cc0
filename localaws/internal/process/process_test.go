package process

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKillEndsGrandchildren(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/pid"
	p, err := Start(Options{Command: []string{"/bin/sh", "-c", "sleep 60 & echo $! > " + file + "; wait"}, Env: os.Environ()})
	require.NoError(t, err)
	pid := readPID(t, file)
	p.Kill()
	assert.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil }, 5*time.Second, 10*time.Millisecond, "the grandchild must be gone")
}

func TestEndOfTheChildEndsItsGroup(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/pid"
	var output bytes.Buffer
	p, err := Start(Options{Command: []string{"/bin/sh", "-c", "sleep 60 & echo $! > " + file + "; echo out; exit 3"}, Env: os.Environ(), Stdout: &output})
	require.NoError(t, err)
	<-p.Done()
	var exit *exec.ExitError
	require.ErrorAs(t, p.Err(), &exit)
	assert.Equal(t, 3, exit.ExitCode())
	assert.Equal(t, "out\n", output.String())
	pid := readPID(t, file)
	assert.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil }, 5*time.Second, 10*time.Millisecond)
}

func TestStopKillsAfterTheGrace(t *testing.T) {
	t.Parallel()
	p, err := Start(Options{Command: []string{"/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"}, Env: os.Environ()})
	require.NoError(t, err)
	p.Stop(50 * time.Millisecond)
	assert.Error(t, p.Err())
}

func TestStartNamesTheProgram(t *testing.T) {
	t.Parallel()
	_, err := Start(Options{Command: []string{"/no/such/program"}})
	assert.ErrorContains(t, err, "/no/such/program")
	_, err = Start(Options{})
	assert.ErrorContains(t, err, "no command")
}

func readPID(t *testing.T, file string) int {
	t.Helper()
	var pid int
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	}, 5*time.Second, 5*time.Millisecond)
	return pid
}
