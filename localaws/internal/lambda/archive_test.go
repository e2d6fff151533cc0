package lambda

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func zipOf(t *testing.T, entries map[string]fs.FileMode) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for name, mode := range entries {
		header := &zip.FileHeader{Name: name}
		if mode != 0 {
			header.SetMode(mode)
		}
		entry, err := writer.CreateHeader(header)
		require.NoError(t, err)
		_, err = entry.Write([]byte("../target"))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

func TestUnzipKeepsPermissionsAndRefusesEscapes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	size, err := unzip(zipOf(t, map[string]fs.FileMode{"plain": 0o644, "run": 0o755, "none": 0, "d/link": fs.ModeSymlink | 0o777}), folder, 1000)
	require.NoError(t, err)
	assert.Equal(t, int64(4*len("../target")), size)
	for name, want := range map[string]fs.FileMode{"plain": 0o644, "run": 0o755, "none": 0o755} {
		info, err := os.Stat(filepath.Join(folder, name))
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode().Perm(), name)
	}
	target, err := os.Readlink(filepath.Join(folder, "d/link"))
	require.NoError(t, err)
	assert.Equal(t, "../target", target)
	_, err = unzip(zipOf(t, map[string]fs.FileMode{"link": fs.ModeSymlink | 0o777}), t.TempDir(), 1000)
	assert.ErrorContains(t, err, "leaves its folder")
	_, err = unzip(zipOf(t, map[string]fs.FileMode{"a": 0o644}), t.TempDir(), 3)
	assert.ErrorContains(t, err, "Unzipped size")
}

func TestFunctionNames(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		"f":   {"f", ""},
		"f:v": {"f", "v"},
		"1:f": {"1", "f"},
		"arn:aws:lambda:eu-central-1:123456789012:function:f":         {"f", ""},
		"arn:aws:lambda:eu-central-1:123456789012:function:f:$LATEST": {"f", "$LATEST"},
		"123456789012:function:f":                                     {"f", ""},
	}
	for reference, want := range tests {
		name, qualifier := functionName(reference)
		assert.Equal(t, want, [2]string{name, qualifier}, reference)
	}
}
