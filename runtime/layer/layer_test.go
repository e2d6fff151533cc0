package layer_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/layer"
)

// fakes are tiny binaries, given in two orders.
var fakes = []layer.File{
	{Name: layer.Target{OS: "linux", Arch: "arm64"}.Path(), Content: []byte("#!/bin/sh\necho arm \"$@\"\n")},
	{Name: layer.Target{OS: "linux", Arch: "amd64"}.Path(), Content: []byte("#!/bin/sh\necho amd \"$@\"\n")},
	{Name: layer.Target{OS: "darwin", Arch: "arm64"}.Path(), Content: []byte("#!/bin/sh\necho mac \"$@\"\n")},
}

func TestSameInputsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	first, second, other := write(t, fakes...), write(t, fakes[2], fakes[1], fakes[0]), write(t, fakes[:2]...)
	assert.Equal(t, first, second)
	assert.NotEqual(t, first, other)
}

func TestContents(t *testing.T) {
	t.Parallel()
	archive := write(t, fakes...)
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	var names []string
	for _, file := range reader.File {
		names = append(names, file.Name)
		assert.Equal(t, os.FileMode(0o755), file.Mode(), file.Name)
		assert.Equal(t, 1980, file.Modified.Year(), file.Name)
	}
	assert.Equal(t, []string{
		"reventless/engine", "reventless/engine-Darwin-arm64",
		"reventless/engine-Linux-aarch64", "reventless/engine-Linux-x86_64",
	}, names)
}

func TestLauncherPicksTheMachine(t *testing.T) {
	t.Parallel()
	archive := write(t, fakes...)
	folder := unpack(t, archive)
	machines := filepath.Join(folder, "bin")
	require.NoError(t, os.Mkdir(machines, 0o755))
	for uname, want := range map[string]string{"Linux x86_64": "amd", "Linux aarch64": "arm", "Darwin arm64": "mac"} {
		require.NoError(t, os.WriteFile(filepath.Join(machines, "uname"), []byte("#!/bin/sh\necho "+uname+"\n"), 0o755))
		command := exec.Command(filepath.Join(folder, "reventless", "engine"), "node", "two words")
		command.Env = []string{"PATH=" + machines + ":" + os.Getenv("PATH")}
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, want+" node two words\n", string(out))
	}
}

func TestLauncherAsksNobodyInLambda(t *testing.T) {
	t.Parallel()
	folder := unpack(t, write(t, fakes...))
	for machine, want := range map[string]string{"x86_64": "amd", "aarch64": "arm"} {
		command := exec.Command(filepath.Join(folder, "reventless", "engine"), "node")
		command.Env = []string{"PATH=/nowhere", "OSTYPE=linux-gnu", "HOSTTYPE=" + machine}
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, want+" node\n", string(out))
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	targets := layer.Targets()
	assert.Contains(t, targets, layer.Target{OS: "linux", Arch: "amd64"})
	assert.Contains(t, targets, layer.Target{OS: "linux", Arch: "arm64"})
}

func TestCompileNamesWhatItCannotBuild(t *testing.T) {
	t.Parallel()
	_, err := layer.Compile(t.Context(), layer.Target{OS: "linux", Arch: "abacus"}, "1.0.0")
	require.ErrorContains(t, err, "building the engine for linux/abacus")
}

func write(t *testing.T, files ...layer.File) []byte {
	t.Helper()
	var archive bytes.Buffer
	require.NoError(t, layer.Write(&archive, files...))
	return archive.Bytes()
}

// unpack unpacks as Lambda does, below a folder that stands for /opt.
func unpack(t *testing.T, archive []byte) string {
	t.Helper()
	folder := t.TempDir()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	for _, file := range reader.File {
		path := filepath.Join(folder, file.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		content, err := file.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, file.Mode()))
	}
	return folder
}
