package compatibility_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/compatibility"
)

// record is the version that is released, whose schema is to be recorded.
var record = flag.String("record", "", "the version whose schema is recorded as the released one")

// root is the repository's folder.
var root = filepath.Join("..", "..", "..")

// recorded is the schema of the version that was released last, with that version in it.
var recorded = filepath.Join(root, "provider", "testdata", "released", "schema.json")

// TestReleased refuses a schema that breaks programs of the last released version, unless
// the version that is being made may do so.
func TestReleased(t *testing.T) {
	t.Parallel()
	current := load(t, filepath.Join(root, "schema.json"))
	if *record != "" {
		write(t, current, *record)
	}
	former := load(t, recorded)
	released, err := semver.Parse(former.Version)
	require.NoError(t, err, "the version in %s", recorded)
	version := making(t)
	breaking := compatibility.Breaking(former, current)
	if len(breaking) == 0 || compatibility.Allowed(released, version) {
		return
	}
	t.Errorf("schema.json breaks programs of %s. Leave what they use as it is, or make it a version that may break them: "+
		"VERSION in the Makefile, now %s", released, version)
	for _, problem := range breaking {
		t.Error(problem)
	}
}

// making is the version that is being made.
func making(t *testing.T) semver.Version {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^VERSION \?= (\S+)$`).FindSubmatch(makefile)
	require.NotNil(t, found, "the Makefile says VERSION ?=")
	version, err := semver.Parse(string(found[1]))
	require.NoError(t, err)
	return version
}

// load reads a schema.
func load(t *testing.T, path string) schema.PackageSpec {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal(text, &spec))
	return spec
}

// write records a schema as that of a version.
func write(t *testing.T, spec schema.PackageSpec, version string) {
	t.Helper()
	parsed, err := semver.Parse(version)
	require.NoError(t, err, "-record names a semantic version")
	spec.Version = parsed.String()
	text, err := json.MarshalIndent(spec, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(recorded, append(text, '\n'), 0o644))
}
