// Package release checks what a release consists of: the names of its archives are those
// that Pulumi asks for, and the programs in them say their version.
package release

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"text/template"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The archives that `make archives` built, and their version.
var (
	archives = flag.String("archives", "", "the folder of built archives to check")
	version  = flag.String("version", "1.2.3-beta.4", "the version of the archives")
)

// root is the repository's folder.
var root = filepath.Join("..", "..")

// configuration is what is checked of .goreleaser.yaml.
type configuration struct {
	Builds []struct {
		ID, Main     string
		Goos, Goarch []string
		Ldflags      []string
	}
	Archives []struct {
		ID           string
		IDs          []string `yaml:"ids"`
		Formats      []string
		NameTemplate string `yaml:"name_template"`
	}
	Before struct{ Hooks []string }
}

func TestPulumiFindsTheProvider(t *testing.T) {
	t.Parallel()
	release := read(t)
	provider := release.Archives[0]
	require.Equal(t, []string{"provider"}, provider.IDs)
	require.Equal(t, []string{"tar.gz"}, provider.Formats)
	require.Equal(t, "provider", release.Builds[0].ID)
	var names []string
	for _, system := range release.Builds[0].Goos {
		for _, machine := range release.Builds[0].Goarch {
			names = append(names, expand(t, provider.NameTemplate, system, machine)+".tar.gz")
		}
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, machine := range []string{"amd64", "arm64"} {
			assert.Equal(t, "pulumi-resource-reventless-v"+*version+"-"+system+"-"+machine+".tar.gz", download(t, names, system, machine))
		}
	}
}

// download lets Pulumi download the provider from where the schema says, and gives the
// asset that it chose.
func download(t *testing.T, assets []string, system, machine string) string {
	t.Helper()
	var schema struct{ Name, PluginDownloadURL string }
	text, err := os.ReadFile(filepath.Join(root, "schema.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &schema))
	made := semver.MustParse(*version)
	plugin := workspace.PluginDescriptor{Name: schema.Name, Kind: apitype.ResourcePlugin, Version: &made, PluginDownloadURL: schema.PluginDownloadURL}
	source, err := plugin.GetSource()
	require.NoError(t, err)
	const prefix = "https://api.github.com/assets/"
	type asset struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	var listed struct {
		Assets []asset `json:"assets"`
	}
	for _, name := range assets {
		listed.Assets = append(listed.Assets, asset{name, prefix + name})
	}
	var chosen string
	answer := func(request *http.Request) (io.ReadCloser, int64, error) {
		if name, is := strings.CutPrefix(request.URL.String(), prefix); is {
			chosen = name
			return io.NopCloser(strings.NewReader("")), 0, nil
		}
		assert.Equal(t, "https://api.github.com/repos/reventless/pulumi-reventless/releases/tags/v"+*version, request.URL.String())
		text, err := json.Marshal(listed)
		return io.NopCloser(bytes.NewReader(text)), int64(len(text)), err
	}
	body, _, err := source.Download(context.Background(), made, system, machine, answer)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	return chosen
}

// TestProgramsAreThere checks that what is built is there, knows its version, and carries
// the layer.
func TestProgramsAreThere(t *testing.T) {
	t.Parallel()
	release := read(t)
	linked := map[string]string{
		"provider": "-X github.com/reventless/pulumi-reventless/provider.Version={{ .Version }}", "cli": "-X main.version={{ .Version }}",
	}
	var built []string
	for _, build := range release.Builds {
		assert.FileExists(t, filepath.Join(root, filepath.FromSlash(build.Main), "main.go"))
		assert.Contains(t, strings.Join(build.Ldflags, " "), linked[build.ID])
		built = append(built, build.ID)
	}
	var packed []string
	for _, archive := range release.Archives {
		packed = append(packed, archive.IDs...)
	}
	assert.ElementsMatch(t, built, packed, "each program is in one archive")
	assert.Contains(t, strings.Join(release.Before.Hooks, "\n"), "build-layer -version {{ .Version }} -o provider/internal/artifact/dist/runtime-layer.zip")
}

// TestArchives looks at the built archives: checksums, the programs that run on this machine,
// and, of GoReleaser's, the lists of what is in them. Without archives there is nothing to
// check.
func TestArchives(t *testing.T) {
	t.Parallel()
	if *archives == "" {
		return // `make archives` and `make release-snapshot` give them
	}
	text, err := os.ReadFile(filepath.Join(*archives, "pulumi-reventless_"+*version+"_checksums.txt"))
	require.NoError(t, err)
	contents := map[string][]byte{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		contents[name], err = os.ReadFile(filepath.Join(*archives, name))
		require.NoError(t, err)
		actual := sha256.Sum256(contents[name])
		assert.Equal(t, hex.EncodeToString(actual[:]), sum, name)
	}
	for _, program := range []string{"pulumi-resource-reventless", "reventless"} {
		checkProgram(t, program, archive(program))
		assert.Contains(t, contents, archive(program))
	}
	_, local := contents[archive("reventless-localaws")]
	if !local {
		return // `make archives` makes neither this nor the lists
	}
	folder := unpack(t, archive("reventless-localaws"))
	assert.FileExists(t, filepath.Join(folder, "localaws"))
	assert.FileExists(t, filepath.Join(folder, "stand-in", "pulumi-resource-aws"))
	for name := range contents {
		if strings.HasSuffix(name, ".tar.gz") {
			assert.Contains(t, string(contents[name+".sbom.json"]), "github.com/aws/aws-sdk-go-v2", "the list of what is in %s", name)
		}
	}
}

// archive is the name of a program's archive for this machine.
func archive(program string) string {
	return fmt.Sprintf("%s-v%s-%s-%s.tar.gz", program, *version, runtime.GOOS, runtime.GOARCH)
}

func unpack(t *testing.T, name string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	require.NoError(t, exec.CommandContext(t.Context(), "tar", "-xzf", filepath.Join(*archives, name), "-C", folder).Run(), name)
	return folder
}

func checkProgram(t *testing.T, program, archive string) {
	t.Helper()
	folder := unpack(t, archive)
	output, err := exec.CommandContext(t.Context(), filepath.Join(folder, program), "--version").CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.Equal(t, program+" version "+*version+"\n", string(output))
	assert.FileExists(t, filepath.Join(folder, "LICENSE"))
}

// read reads the configuration.
func read(t *testing.T) configuration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yaml"))
	require.NoError(t, err)
	var release configuration
	require.NoError(t, yaml.Unmarshal(text, &release))
	return release
}

// expand fills a template as GoReleaser does.
func expand(t *testing.T, text, system, machine string) string {
	t.Helper()
	var expanded strings.Builder
	parsed, err := template.New("name").Option("missingkey=error").Parse(text)
	require.NoError(t, err)
	require.NoError(t, parsed.Execute(&expanded, map[string]string{"Version": *version, "Os": system, "Arch": machine}))
	return expanded.String()
}
