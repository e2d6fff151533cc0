package workflows

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// archive is a .tar.gz with one program, a script that says its arguments.
func archive(t *testing.T, name string) []byte {
	t.Helper()
	var text bytes.Buffer
	zipped := gzip.NewWriter(&text)
	files := tar.NewWriter(zipped)
	script := "#!/bin/sh\necho " + name + " \"$@\"\n"
	require.NoError(t, files.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(script))}))
	_, err := files.Write([]byte(script))
	require.NoError(t, err)
	require.NoError(t, files.Close())
	require.NoError(t, zipped.Close())
	return text.Bytes()
}

// releases are the files of releases of ours and of Pulumi, by their paths.
func releases(t *testing.T) map[string][]byte {
	t.Helper()
	machine, pulumiMachine := runtime.GOOS+"-"+runtime.GOARCH, runtime.GOOS+"-"+strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
	files := map[string][]byte{
		"/v1.2.3/reventless-v1.2.3-" + machine + ".tar.gz":                 archive(t, "reventless"),
		"/v1.2.3/pulumi-resource-reventless-v1.2.3-" + machine + ".tar.gz": archive(t, "pulumi-resource-reventless"),
		"/v3.0.0/pulumi-v3.0.0-" + pulumiMachine + ".tar.gz":               archive(t, "pulumi/pulumi"),
	}
	sums := map[string]string{}
	for path, content := range files {
		list := "/v1.2.3/checksums.txt"
		if strings.HasPrefix(path, "/v3") {
			list = "/v3.0.0/pulumi-3.0.0-checksums.txt"
		}
		sums[list] += fmt.Sprintf("%x  %s\n", sha256.Sum256(content), filepath.Base(path))
	}
	for list, text := range sums {
		files[list] = []byte(text)
	}
	return files
}

// install runs the script against releases.
func install(t *testing.T, files map[string][]byte, variables ...string) (folder, out string, err error) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl, which the runners of GitHub have")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, exists := files[r.URL.Path]
		if !exists {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	folder = t.TempDir()
	command := exec.Command(filepath.Join(action, "install.sh"))
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "RUNNER_TEMP=" + folder, "GITHUB_PATH=" + filepath.Join(folder, "path"),
		"REVENTLESS_RELEASES=" + server.URL, "PULUMI_RELEASES=" + server.URL, "REVENTLESS_VERSION=1.2.3", "PULUMI_VERSION=3.0.0"}, variables...)
	printed, err := command.CombinedOutput()
	return folder, string(printed), err
}

func TestInstall(t *testing.T) {
	t.Parallel()
	folder, out, err := install(t, releases(t))
	require.NoError(t, err, out)
	assert.Contains(t, out, "pulumi plugin install resource reventless 1.2.3 --file "+folder)
	assert.NotContains(t, out, "::error")
	path, err := os.ReadFile(filepath.Join(folder, "path"))
	require.NoError(t, err)
	said, err := exec.Command(filepath.Join(strings.TrimSpace(string(path)), "reventless"), "ci").Output()
	require.NoError(t, err)
	assert.Equal(t, "reventless ci\n", string(said))

	folder, out, err = install(t, releases(t), "PULUMI_VERSION=", "REVENTLESS_VERSION=v1.2.3")
	require.NoError(t, err, out)
	assert.NoFileExists(t, filepath.Join(folder, "reventless", "bin", "pulumi"))
}

func TestInstallRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change    func(files map[string][]byte)
		variables []string
		problem   string
	}{
		"another file": {func(files map[string][]byte) {
			for path := range files {
				if strings.Contains(path, "/reventless-v") {
					files[path] = append(files[path], 'x')
				}
			}
		}, nil, "is not what the release says: its SHA-256 is another than in checksums.txt"},
		"no checksum": {func(files map[string][]byte) { files["/v3.0.0/pulumi-3.0.0-checksums.txt"] = nil }, nil, "pulumi-3.0.0-checksums.txt of the release has no checksum of pulumi-v3.0.0"},
		"no release":  {func(map[string][]byte) {}, []string{"REVENTLESS_VERSION=9.9.9"}, "could not be downloaded: is there such a release?"},
		"no version":  {func(map[string][]byte) {}, []string{"REVENTLESS_VERSION="}, "reventless-version is empty"},
		"a path":      {func(map[string][]byte) {}, []string{"PULUMI_VERSION=../3.0.0"}, "../3.0.0 is no version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := releases(t)
			test.change(files)
			_, out, err := install(t, files, test.variables...)
			require.Error(t, err)
			assert.Contains(t, out, "::error title=Set up Reventless::")
			assert.Contains(t, out, test.problem)
		})
	}
}

func TestBuild(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs(filepath.Join(action, "build.sh"))
	require.NoError(t, err)
	command := exec.Command(script)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "BUILD_COMMAND=false | cat; touch built")
	require.Error(t, command.Run(), "a failure in a pipe counts")
	assert.NoFileExists(t, filepath.Join(command.Dir, "built"))
	command = exec.Command(script)
	command.Dir = t.TempDir()
	require.NoError(t, command.Run(), "there is nothing to build")
}
