package archive

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumiarchive "github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func files(t *testing.T, zipped []byte) map[string]*zip.File {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	require.NoError(t, err)
	out := map[string]*zip.File{}
	for _, f := range r.File {
		out[f.Name] = f
	}
	return out
}

func folder(t *testing.T) *resource.Archive {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "lib"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bootstrap"), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lib", "data.json"), []byte("{}"), 0o644))
	a, err := pulumiarchive.FromPath(dir)
	require.NoError(t, err)
	return a
}

func TestZipOfFolderKeepsExecutables(t *testing.T) {
	t.Parallel()
	a := folder(t)
	first, err := Zip(a)
	require.NoError(t, err)
	second, err := Zip(a)
	require.NoError(t, err)
	assert.Equal(t, first, second, "the same contents give the same bytes")
	got := files(t, first)
	assert.Equal(t, os.FileMode(0o755), got["bootstrap"].Mode())
	assert.Zero(t, got["lib/data.json"].Mode()&0o111)
}

func TestZipOfTextAssets(t *testing.T) {
	t.Parallel()
	text, err := asset.FromText("exports.handler = 1")
	require.NoError(t, err)
	a, err := pulumiarchive.FromAssets(map[string]any{"z.js": text, "a.js": text})
	require.NoError(t, err)
	zipped, err := Zip(a)
	require.NoError(t, err)
	assert.Len(t, files(t, zipped), 2)
	assert.Len(t, SHA256(zipped), 44)
}

func TestZipFileIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	zipped, err := Zip(folder(t))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "code.zip")
	require.NoError(t, os.WriteFile(path, zipped, 0o600))
	a, err := pulumiarchive.FromPath(path)
	require.NoError(t, err)
	got, err := Zip(a)
	require.NoError(t, err)
	assert.Equal(t, zipped, got)
}

func TestZipNamesTheMissingPath(t *testing.T) {
	t.Parallel()
	_, err := Zip(&resource.Archive{Path: filepath.Join(t.TempDir(), "gone")})
	assert.ErrorContains(t, err, "gone")
}
