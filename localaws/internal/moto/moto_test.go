package moto

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// command is where `make tools` installs moto_server.
const command = "../../../.venv/bin/moto_server"

func TestStartAnswersUntilClosed(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{Command: command, AccountID: "123456789012", Region: "eu-central-1"})
	require.NoError(t, err)
	response, err := http.Get(server.URL() + "/moto-api/data.json")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusOK, response.StatusCode)
	server.Close()
	_, err = http.Get(server.URL() + "/moto-api/data.json")
	assert.Error(t, err)
}

func TestStartSaysHowToInstall(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Command: filepath.Join(t.TempDir(), "moto_server")})
	assert.ErrorContains(t, err, "make tools")
	assert.ErrorContains(t, err, "--moto")
}

func TestStartRefusesOldVersions(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for name, script := range map[string]string{"moto_server": "exit 1", "python3": "echo 5.1.22"} {
		require.NoError(t, os.WriteFile(filepath.Join(directory, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	}
	_, err := Start(t.Context(), Options{Command: filepath.Join(directory, "moto_server")})
	assert.ErrorContains(t, err, "moto 5.1.22")
	assert.ErrorContains(t, err, "make tools")
}

func TestNewEnough(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"5.2.1": true, "5.2": true, "5.10.0": true, "6.0.0": true, "5.1.9": false, "4.9.9": false, "": false, "x.y": false} {
		assert.Equal(t, want, newEnough(version), version)
	}
}
