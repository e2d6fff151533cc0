package hostui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/graphiql"
	"github.com/reventless/pulumi-reventless/provider/internal/artifact"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

const (
	// explorerFolder has the files of GraphiQL, explorerKey is the file that tells the page
	// how they are called.
	explorerFolder = "graphiql/"
	explorerKey    = "graphiql.json"
)

// shell is the platform's own page: plain files, which need no build.
//
//go:embed shell
var shell embed.FS

// shellFiles are the files of the platform's own page, with those of GraphiQL.
func shellFiles() ([]file, []validate.Problem) {
	const name = "the platform's own page"
	own, err := fs.Sub(shell, "shell")
	if err != nil {
		return nil, refused("%s cannot be read: %v", name, err)
	}
	found, problems := files(name, own, func(_ string, content []byte) (string, error) { return artifact.File(content) })
	added, err := explorerFiles()
	if err != nil {
		problems = append(problems, refused("%s cannot be written: %v", name, err)...)
	}
	return append(found, added...), problems
}

// explorerFiles are those of GraphiQL, and the one that names them.
func explorerFiles() ([]file, error) {
	names, err := json.Marshal(map[string]string{
		"script": "/" + explorerFolder + graphiql.Script().Name, "styles": "/" + explorerFolder + graphiql.Styles().Name,
	})
	if err != nil {
		return nil, err
	}
	contents := map[string][]byte{explorerKey: names}
	for _, f := range graphiql.Files() {
		contents[explorerFolder+f.Name] = f.Content
	}
	var made []file
	for _, key := range slices.Sorted(maps.Keys(contents)) {
		path, err := artifact.File(contents[key])
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(contents[key])
		made = append(made, file{key: key, path: path, hash: hex.EncodeToString(sum[:])})
	}
	return made, nil
}
