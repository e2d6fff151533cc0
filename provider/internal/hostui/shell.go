package hostui

import (
	"embed"
	"io/fs"

	"github.com/reventless/pulumi-reventless/provider/internal/artifact"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// shell is the platform's own page: plain files, which need no build.
//
//go:embed shell
var shell embed.FS

// Shell are the files of the platform's own page.
func Shell() (fs.FS, error) { return fs.Sub(shell, "shell") }

func shellFiles() ([]file, []validate.Problem) {
	own, err := Shell()
	if err != nil {
		return nil, refused("the platform's own page cannot be read: %v", err)
	}
	return files("the platform's own page", own, func(_ string, content []byte) (string, error) { return artifact.File(content) })
}
