package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

func TestReadShop(t *testing.T) {
	t.Parallel()
	read, err := manifest.Read("../../../examples/online-shop/deploy-manifest.yaml")
	require.NoError(t, err)
	assert.Equal(t, []string{"platform", "catalog", "ordering", "shipping"}, read.Names())
	platform, _ := read.Stack("platform")
	assert.True(t, platform.Platform)
	assert.Equal(t, "online-shop-platform", platform.Project)
	ordering, known := read.Stack("ordering")
	assert.True(t, known)
	assert.Equal(t, "online-shop-ordering", ordering.Project)
	assert.Equal(t, []string{"catalog"}, ordering.DependsOn)
	assert.True(t, filepath.IsAbs(ordering.Folder))
	assert.Equal(t, 11, ordering.Line)
}

func TestParseProblems(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"no YAML": {"plugins: [", []string{"m.yaml is no YAML: line 1"}},
		"empty":   {"", []string{"m.yaml:1: it has neither a platform nor plugins"}},
		"a list":  {"- a", []string{"m.yaml:1: the manifest must have the keys platform, plugins"}},
		"all at once": {
			"platfrom: {}\nplugins:\n  - name: a b\n    path: a\n  - path: x\n    depend-on: [a]\n  - name: c\n",
			[]string{
				`m.yaml:1: the manifest has no key "platfrom", but platform, plugins. Did you mean "platform"?`,
				`m.yaml:3: the name "a b" must be of letters`,
				`m.yaml:5: plugins[1] has no name`,
				`m.yaml:6: plugins[1] has no key "depend-on", but name, path, depends-on, watch. Did you mean "depends-on"?`,
				"m.yaml:7: plugins[2] has no path: add the folder of its Pulumi project, as in `path: c-aws`",
			},
		},
		"platform without path": {"platform: {name: p}", []string{"m.yaml:1: platform has no path"}},
		"plugin called platform": {
			"plugins: [{name: platform, path: a}]", []string{"m.yaml:1: a plugin cannot be called platform"},
		},
		"twice": {
			"plugins:\n- {name: a, path: x}\n- {name: a, path: ./x/}",
			[]string{"m.yaml:3: the name a is that of line 2 too", "m.yaml:3: the path ./x/ is that of line 2 too"},
		},
		"dependencies": {
			"plugins:\n- {name: a, path: x, depends-on: [a, catalgo]}\n- {name: catalog, path: y, depends-on: a}",
			[]string{"m.yaml:2: a depends on itself", `m.yaml:2: a depends on "catalgo", which the manifest does not have`, `Did you mean "catalog"?`,
				"m.yaml:3: plugins[1].depends-on must be a list, as in `[a]`"},
		},
		"circle": {
			"plugins:\n- {name: a, path: x, depends-on: [b]}\n- {name: b, path: y, depends-on: [c]}\n- {name: c, path: z, depends-on: [b]}",
			[]string{"m.yaml:3: these depend on each other in a circle, so none can be deployed first: b → c → b"},
		},
		"key twice": {"plugins:\n- {name: a, path: x}\nplugins: []", []string{"m.yaml:3: the manifest has plugins twice"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := manifest.Parse("m.yaml", []byte(test.text))
			require.Error(t, err)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			if name != "no YAML" {
				assert.Len(t, strings.Split(err.Error(), "m.yaml:"), len(problems(test.want))+1, err)
			}
		})
	}
}

// problems are those of the texts that begin a problem.
func problems(texts []string) (begins []string) {
	for _, text := range texts {
		if strings.HasPrefix(text, "m.yaml:") {
			begins = append(begins, text)
		}
	}
	return begins
}

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []string
	}{
		"platform alone":             {"platform: {path: p}", []string{"platform"}},
		"plugins alone":              {"plugins: [{name: a, path: x, depends-on: }]", []string{"a"}},
		"platform after the plugins": {"plugins: [{name: a, path: x, depends-on: [platform]}]\nplatform: {path: p}", []string{"platform", "a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, err := manifest.Parse("m.yaml", []byte(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, read.Names())
		})
	}
}

func TestResolveProblems(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	write("deploy-manifest.yaml", `platform: {path: p, name: shop-platform}
plugins:
  - {name: a, path: a}
  - {name: b, path: b}
  - {name: c, path: c, watch: [nowhere]}
  - {name: d, path: d}
`)
	write("p/Pulumi.yaml", "name: other")
	write("b/README", "")
	write("c/Pulumi.yaml", "name: same")
	write("d/Pulumi.yaml", "name: same")
	_, err := manifest.Read(filepath.Join(folder, manifest.File))
	for _, want := range []string{
		"deploy-manifest.yaml:1: platform has the name shop-platform, but the Pulumi project in p is called other",
		"deploy-manifest.yaml:3: the path a of a: there is no such folder",
		"deploy-manifest.yaml:4: the path b of b: the folder has no Pulumi.yaml",
		"deploy-manifest.yaml:5: c watches nowhere, which is not there",
		"deploy-manifest.yaml:6: c and d are of one Pulumi project name, same",
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	path, err := manifest.Find("../../../examples/online-shop/catalog/src")
	require.NoError(t, err)
	assert.Equal(t, "online-shop", filepath.Base(filepath.Dir(path)))
	_, err = manifest.Find(t.TempDir())
	assert.ErrorContains(t, err, "name it with --manifest")
}
