// Package artifact hands out the archives and files that the provider carries inside itself.
//
//  1. `make provider` builds the runtime layer into dist/, which is embedded here; the
//     package compiles without it, so that tests of other packages need no build.
//  2. [RuntimeLayer], [Bootstrap] and [File] write an archive or file to the user's cache folder, under
//     a name made of its content's hash: one file per content, written once.
//  3. They return its path for a Pulumi file archive or asset. Pulumi compares these by
//     content, so it does not matter that the path differs between machines.
package artifact

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

//go:embed all:dist
var dist embed.FS

// layerFile is what `make provider` puts into dist.
const layerFile = "dist/runtime-layer.zip"

// bootstrapScript starts the engine in functions that have no handler. The engine is
// in the runtime layer; its path comes by the environment.
const bootstrapScript = "#!/bin/sh\nexec \"$REVENTLESS_ENGINE\"\n"

// ErrNoRuntimeLayer means that the provider was built without the runtime layer.
var ErrNoRuntimeLayer = errors.New("this provider was built without the runtime layer, " +
	"which the functions in AWS need: build it with `make provider`")

// RuntimeLayer returns the path of the runtime layer's zip file, see the package
// comment. It returns [ErrNoRuntimeLayer] when the provider carries none.
func RuntimeLayer() (string, error) {
	return runtimeLayer()
}

// Bootstrap returns the path of a zip file with one executable file, "bootstrap",
// which starts the engine from the runtime layer.
func Bootstrap() (string, error) {
	return bootstrap()
}

var runtimeLayer = sync.OnceValues(func() (string, error) {
	content, err := dist.ReadFile(layerFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoRuntimeLayer
	}
	if err != nil {
		return "", fmt.Errorf("reading the embedded runtime layer: %w", err)
	}
	return store("runtime-layer", ".zip", content)
})

var bootstrap = sync.OnceValues(func() (string, error) {
	content, err := bootstrapZip()
	if err != nil {
		return "", fmt.Errorf("building the bootstrap archive: %w", err)
	}
	return store("bootstrap", ".zip", content)
})

// bootstrapZip is the same bytes every time: fixed name, mode and time.
func bootstrapZip() ([]byte, error) {
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	header := &zip.FileHeader{
		Name:     "bootstrap",
		Method:   zip.Deflate,
		Modified: time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	header.SetMode(0o755)
	file, err := writer.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write([]byte(bootstrapScript)); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// File returns the path of a file with this content, for a Pulumi file asset.
func File(content []byte) (string, error) {
	return store("file", "", content)
}

// store writes content under its hash into the cache folder and returns the path.
func store(name, extension string, content []byte) (string, error) {
	dir, err := folder()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	path := filepath.Join(dir, name+"-"+hex.EncodeToString(sum[:])[:32]+extension)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(content)) {
		return path, nil
	}
	if err := write(path, content); err != nil {
		return "", fmt.Errorf("writing %s: %w", path, err)
	}
	return path, nil
}

// folder is the cache folder, below the temporary folder where a user has none.
func folder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	dir := filepath.Join(base, "reventless", "archives")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("creating the cache folder of the provider: %w", err)
	}
	return dir, nil
}

// write writes beside the target and renames, because several providers may run at
// the same time and none may see half a file.
func write(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, writeErr := temporary.Write(content)
	if err := errors.Join(writeErr, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
