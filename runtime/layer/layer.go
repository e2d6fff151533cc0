// Package layer makes the runtime layer: the Lambda layer with which every function
// of ours runs the engine.
//
//  1. [Compile] builds reventless-engine for each [Target]: both architectures of
//     Lambda, and the machine that the provider is built on, where local AWS runs the
//     same layer.
//  2. [Write] packs the binaries and a launcher, which picks the one for the machine
//     that it runs on, into a zip file. One layer so serves functions of both
//     architectures.
//
// The zip file depends on nothing but its contents, and the binaries on nothing but
// the sources, the version and the Go release: paths, times and build ids are left
// out. The same inputs give the same bytes, so an unchanged layer is no change for
// Pulumi, wherever the provider was built.
//
// Lambda unpacks a layer below /opt; a zip file for it must hold executable files
// with mode 0755.
// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
package layer

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"fmt"
	"io"
	"slices"
	"time"
)

// folder is where everything is in the layer.
const folder = "reventless/"

// Launcher is the shell script at reventless/engine. It replaces itself with the
// binary for the machine, which has the names that uname gives. In Lambda sh is bash,
// which knows the machine itself; starting a program to ask would make every cold
// start some milliseconds longer.
const Launcher = `#!/bin/sh
case "$OSTYPE $HOSTTYPE" in
"linux-gnu x86_64" | "linux-gnu aarch64") machine="Linux $HOSTTYPE" ;;
*) machine=$(uname -sm) ;;
esac
exec "${0%/*}/engine-${machine% *}-${machine#* }" "$@"
`

// File is a file of the layer with its path in it. All files are executable.
type File struct {
	Name    string
	Content []byte
}

// epoch is the time of every file: the first that a zip file can hold.
var epoch = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// Write writes the layer's zip file: the launcher and the binaries, sorted by name.
func Write(w io.Writer, binaries ...File) error {
	files := append([]File{{Name: folder + "engine", Content: []byte(Launcher)}}, binaries...)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	for _, file := range files {
		if err := add(archive, file); err != nil {
			return fmt.Errorf("layer: packing %s: %w", file.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("layer: finishing the zip file: %w", err)
	}
	return nil
}

// add writes one file. The mode is that of Unix, which Lambda reads.
func add(archive *zip.Writer, file File) error {
	header := &zip.FileHeader{Name: file.Name, Method: zip.Deflate, Modified: epoch}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = entry.Write(file.Content)
	return err
}
