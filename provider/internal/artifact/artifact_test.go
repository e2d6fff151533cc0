package artifact_test

import (
	"archive/zip"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/artifact"
)

func TestBootstrapIsOneExecutableFile(t *testing.T) {
	t.Parallel()
	path, err := artifact.Bootstrap()
	require.NoError(t, err)
	archive, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer archive.Close()
	require.Len(t, archive.File, 1)
	assert.Equal(t, "bootstrap", archive.File[0].Name)
	assert.Equal(t, os.FileMode(0o755), archive.File[0].Mode().Perm())
	file, err := archive.File[0].Open()
	require.NoError(t, err)
	script, err := io.ReadAll(file)
	require.NoError(t, err)
	assert.Contains(t, string(script), `exec "$REVENTLESS_ENGINE"`)
}

func TestRuntimeLayerIsAFileOrAClearError(t *testing.T) {
	t.Parallel()
	path, err := artifact.RuntimeLayer()
	if errors.Is(err, artifact.ErrNoRuntimeLayer) {
		assert.ErrorContains(t, err, "make provider")
		return
	}
	require.NoError(t, err)
	assert.FileExists(t, path)
}
