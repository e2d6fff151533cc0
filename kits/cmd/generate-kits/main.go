// Command generate-kits writes the types of the handler kits from the contract between
// engine and handler, and the version into the kits' packages.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/reventless/pulumi-reventless/kits"
)

func main() {
	folder := flag.String("folder", "kits", "the folder of the kits")
	version := flag.String("version", "", "the version of the kits")
	flag.Parse()
	if err := kits.Generate(*folder, *version); err != nil {
		fmt.Fprintln(os.Stderr, "generate-kits:", err)
		os.Exit(1)
	}
}
