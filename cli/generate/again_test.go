package generate_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// generatedRepository is a repository with a platform, and two plugins that have files of every kind.
func generatedRepository(t *testing.T) repository {
	t.Helper()
	r := newRepository(t)
	r.run("platform --region eu-west-1")
	r.run("plugin catalog --language typescript")
	r.run("plugin ordering --language go --handler go --depends-on catalog")
	return r
}

func TestAgainChangesNothing(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	before := r.snapshot()
	for _, line := range []string{"platform", "plugin catalog", "plugin ordering", "plugin ordering --depends-on catalog --env alpha"} {
		for line := range strings.Lines(r.run(line)) {
			assert.True(t, strings.HasPrefix(line, "unchanged "), line)
		}
	}
	assert.Equal(t, before, r.snapshot())
}

// TestEditedFilesAreKept edits every file in turn: it stays, whatever kind of file it is.
func TestEditedFilesAreKept(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	for path, text := range r.snapshot() {
		if !strings.HasPrefix(path, "catalog") {
			continue
		}
		for name, edited := range map[string]string{"added": text + "\n", "without mark": text[strings.Index(text, "\n\n")+1:] + "\n", "empty": ""} {
			r.write(path, edited)
			if path == "catalog-aws/Pulumi.yaml" && name == "empty" {
				continue // then the language is not known
			}
			out := r.run("plugin catalog --language typescript")
			assert.Equal(t, "kept (edited)", fate(t, out, path), name)
			assert.Equal(t, edited, r.read(path), "%s, %s", path, name)
		}
		r.write(path, text)
	}
	assert.NotContains(t, r.run("plugin catalog"), "kept")
}

// TestUneditedFilesAreBroughtUpToDate asks for other things than before.
func TestUneditedFilesAreBroughtUpToDate(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	r.write("ordering-aws/main.go", r.read("ordering-aws/main.go")+"// mine\n")
	kept := r.read("ordering-aws/main.go")
	out := r.run("platform --env main --region eu-north-1")
	assert.Equal(t, "updated", fate(t, out, "platform-aws/Pulumi.alpha.yaml"))
	assert.Equal(t, "created", fate(t, out, "platform-aws/Pulumi.main.yaml"))
	assert.Equal(t, "unchanged", fate(t, out, "platform-aws/Pulumi.yaml"))
	out = r.run("plugin ordering --env main --org acme")
	assert.Equal(t, "updated", fate(t, out, "ordering-aws/Pulumi.alpha.yaml"))
	assert.Equal(t, "created", fate(t, out, "ordering-aws/Pulumi.main.yaml"))
	assert.Equal(t, "kept (edited)", fate(t, out, "ordering-aws/main.go"))
	assert.Equal(t, kept, r.read("ordering-aws/main.go"))
	assert.Contains(t, r.read("ordering-aws/Pulumi.alpha.yaml"), "aws:region: eu-north-1\n  platform:stack: acme/my-app-platform/alpha\n")
}

// TestNewerTemplates plays a release with other templates: what it wants differs from what
// the one before wrote, in files with comments and without.
func TestNewerTemplates(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	r.write(".reventless/generated.json", strings.Replace(r.read(".reventless/generated.json"), "catalog-aws/package.json", "catalog-aws/other.json", 1))
	r.write("catalog-aws/package.json", "{}\n")
	assert.Equal(t, "kept (edited)", fate(t, r.run("plugin catalog"), "catalog-aws/package.json"), "not recorded")
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte("{}\n")))[:16]
	r.write(".reventless/generated.json", `{"files": {"catalog-aws/package.json": "`+hash+`"}}`)
	out := r.run("plugin catalog")
	assert.Equal(t, "updated", fate(t, out, "catalog-aws/package.json"), "recorded as it is")
	assert.Equal(t, "updated", fate(t, out, ".reventless/generated.json"))
	assert.Contains(t, r.read("catalog-aws/package.json"), `"@reventless/pulumi-reventless": "^1.2.0-alpha.3"`)
}

func TestLostRecord(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	before := r.snapshot()
	require.NoError(t, os.RemoveAll(filepath.Join(r.root, ".reventless")))
	r.run("plugin catalog")
	assert.Equal(t, before, r.snapshot(), "files that are as wanted are recorded again")
}

// TestCrash removes what a crash would not have written: running again makes it whole.
func TestCrash(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.run("platform --region eu-west-1")
	platform := r.snapshot()
	r.run("plugin catalog --language typescript")
	whole := r.snapshot()
	for path := range whole {
		if _, before := platform[path]; before {
			continue
		}
		r.remove(path)
		r.write("deploy-manifest.yaml", platform["deploy-manifest.yaml"]) // it is the last to be written
		r.run("plugin catalog --language typescript")
		require.Equal(t, whole, r.snapshot(), path)
	}
}

// TestLinesOfPulumi has the lines that the pulumi command adds to a stack's configuration.
func TestLinesOfPulumi(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	const file, salt = "catalog-aws/Pulumi.alpha.yaml", "encryptionsalt: v1:abc=:def\n"
	r.write(file, r.read(file)+salt)
	assert.Equal(t, "unchanged", fate(t, r.run("plugin catalog"), file))
	assert.Equal(t, "updated", fate(t, r.run("plugin catalog --org acme"), file))
	assert.Contains(t, r.read(file), "platform:stack: acme/my-app-platform/alpha\n"+salt)
	r.write(file, strings.Replace(r.read(file), "config:", "config:\n  mine: 1", 1))
	assert.Equal(t, "kept (edited)", fate(t, r.run("plugin catalog --org other"), file))
}

func TestOtherLineEnds(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	for path, text := range r.snapshot() {
		r.write(path, strings.ReplaceAll(text, "\n", "\r\n"))
	}
	assert.NotContains(t, r.run("plugin catalog"), "kept")
	assert.NotContains(t, r.run("plugin ordering"), "updated")
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	out, hints, err := r.try("platform", "--region", "eu-west-1", "--dry-run")
	require.NoError(t, err)
	assert.Equal(t, "created", fate(t, out, "deploy-manifest.yaml"))
	assert.Equal(t, "Nothing was written, because of --dry-run.\n", hints)
	assert.Empty(t, r.snapshot())
}

// TestDependenciesOfTheManifest takes what a plugin depends on from the entry, which the user
// may change.
func TestDependenciesOfTheManifest(t *testing.T) {
	t.Parallel()
	r := generatedRepository(t)
	_, _, err := r.try("plugin", "catalog", "--depends-on", "ordering")
	require.ErrorContains(t, err, "deploy-manifest.yaml:7: the entry of catalog is yours by now: add ordering to its depends-on")
	text := strings.Replace(r.read("deploy-manifest.yaml"), "depends-on:\n      - catalog", "depends-on: []", 1)
	r.write("deploy-manifest.yaml", strings.Replace(text, "depends-on: []", "depends-on: [ordering]", 1))
	r.run("plugin catalog")
	assert.Contains(t, r.read("catalog-aws/Pulumi.alpha.yaml"), "- organization/my-app-ordering/alpha\n")
	assert.Contains(t, r.read("catalog-aws/index.ts"), `plugin: "ordering"`)
}
