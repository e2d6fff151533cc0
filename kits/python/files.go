// Package python has the files of the kit for Python, for those who copy them.
package python

import "embed"

// Files are the modules of the package, below Folder.
//
//go:embed src/reventless_handler/*.py
var Files embed.FS

// Folder is where the package is in Files.
const Folder = "src/reventless_handler"
