package skeleton

import (
	"bytes"
	"io/fs"
	"path"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
	"github.com/reventless/pulumi-reventless/kits/nodejs"
	"github.com/reventless/pulumi-reventless/kits/python"
)

// kit copies the kit of a handler's language into a folder beside what is deployed: types for
// the editor, and the test kit. So a new handler's tests run at once, with nothing to
// install. Go's kit is in the module that the handler needs anyway.
func kit(language, folder string) ([]generated.File, error) {
	switch language {
	case NodeJS:
		return copied(nodejs.Files, ".", path.Join(folder, "kit"))
	case Python:
		return copied(python.Files, python.Folder, path.Join(folder, "kit", path.Base(python.Folder)))
	}
	return nil, nil
}

func copied(files fs.FS, from, to string) ([]generated.File, error) {
	entries, err := fs.ReadDir(files, from)
	if err != nil {
		return nil, err
	}
	var copies []generated.File
	for _, entry := range entries {
		text, err := fs.ReadFile(files, path.Join(from, entry.Name()))
		if err != nil {
			return nil, err
		}
		// A copy is as free to be edited as what is generated beside it.
		text = bytes.Replace(text, []byte(" Do not edit."), nil, 1)
		copies = append(copies, generated.File{Path: path.Join(to, entry.Name()), Content: text})
	}
	return copies, nil
}
