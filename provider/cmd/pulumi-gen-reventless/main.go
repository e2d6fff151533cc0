// Command pulumi-gen-reventless writes schema.json, the SDKs and docs/reference.md below a folder.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/reventless/pulumi-reventless/provider"
	"github.com/reventless/pulumi-reventless/provider/internal/generate"
)

func main() {
	folder := flag.String("o", ".", "the folder to write to")
	version := flag.String("version", provider.Version, "the version of the SDKs")
	flag.Parse()
	if err := run(*folder, *version); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder, version string) error {
	server, err := provider.Server()
	if err != nil {
		return err
	}
	spec, err := generate.Schema(context.Background(), server)
	if err != nil {
		return err
	}
	sdks, err := generate.SDKs(spec, version)
	if err != nil {
		return err
	}
	return generate.Write(folder, spec, sdks)
}
