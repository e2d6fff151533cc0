// Command build-layer builds the engine for all machines that it runs on and packs
// it into the zip file of the runtime layer, which the provider embeds. It writes the
// file at once or not at all, and prints what it weighs.
//
//	go run ./runtime/layer/cmd/build-layer -version 1.2.3 -o provider/internal/artifact/dist/runtime-layer.zip
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/reventless/pulumi-reventless/runtime/layer"
)

func main() {
	output := flag.String("o", "provider/internal/artifact/dist/runtime-layer.zip", "the zip file to write")
	version := flag.String("version", "development", "the version that the engine says it has")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := build(ctx, *output, *version); err != nil {
		fmt.Fprintln(os.Stderr, "build-layer:", err)
		os.Exit(1)
	}
}

// build compiles one target after the other: each build uses all processors.
func build(ctx context.Context, output, version string) error {
	var binaries []layer.File
	for _, target := range layer.Targets() {
		binary, err := layer.Compile(ctx, target, version)
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %5.1f MB\n", binary.Name, megabytes(len(binary.Content)))
		binaries = append(binaries, binary)
	}
	var archive bytes.Buffer
	if err := layer.Write(&archive, binaries...); err != nil {
		return err
	}
	fmt.Printf("%-34s %5.1f MB\n", filepath.Base(output), megabytes(archive.Len()))
	return replace(output, archive.Bytes())
}

func megabytes(bytes int) float64 { return float64(bytes) / (1 << 20) }

// replace writes a file beside the old one and then puts it in its place.
func replace(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".runtime-layer-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(content)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(temporary.Name(), path)
}
