package change_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

const shopManifest = `platform: {path: platform-aws, name: shop-platform}
plugins:
  - {name: catalog, path: catalog-aws}
  - {name: ordering, path: ordering-aws, depends-on: [catalog], watch: [docs/rules.md]}
`

// shop is a repository with a manifest in the folder shop, all committed.
func shop(t *testing.T) (made *gittest.Repository, base string) {
	t.Helper()
	made = gittest.New(t)
	made.Write(map[string]string{
		"shop/deploy-manifest.yaml":                 shopManifest,
		"shop/platform-aws/Pulumi.yaml":             "{name: shop-platform, runtime: yaml, packages: {reventless: 1.0.0, random: 4.0.0}}",
		"shop/platform-aws/Pulumi.alpha.yaml":       "config: {}",
		"shop/catalog-aws/Pulumi.yaml":              "{name: shop-catalog, runtime: yaml, x: {fn::fileArchive: ../shared/src}}",
		"shop/catalog-aws/Pulumi.alpha.yaml":        "config: {}",
		"shop/catalog-aws/Pulumi.beta.yaml":         "config: {}",
		"shop/catalog/index.js":                     "1",
		"shop/catalog/package.json":                 `{"dependencies": {"library": "file:../library"}}`,
		"shop/ordering-aws/Pulumi.yaml":             "{name: shop-ordering, runtime: yaml, stackConfigDir: stacks}",
		"shop/ordering-aws/stacks/Pulumi.beta.yaml": "config: {}",
		"shop/docs/rules.md":                        "1",
		"package-lock.json":                         "{}",
		"README.md":                                 "1",
	})
	return made, made.Commit("base")
}

// detect finds what changed since the base.
func detect(t *testing.T, made *gittest.Repository, base string, environment string) *change.Result {
	t.Helper()
	repository, err := git.Open(t.Context(), made.Folder)
	require.NoError(t, err)
	read, err := manifest.Read(filepath.Join(made.Folder, "shop", manifest.File))
	require.NoError(t, err)
	plan, err := project.Read(read, environment)
	require.NoError(t, err)
	since, err := change.FindBase(t.Context(), repository, &base, os.LookupEnv)
	require.NoError(t, err)
	comparison, err := change.Compare(t.Context(), repository, since)
	require.NoError(t, err)
	result, err := comparison.Detect(t.Context(), plan)
	require.NoError(t, err)
	validate(t, result)
	return result
}

// validate checks a result against the schema.
func validate(t *testing.T, result *change.Result) {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(change.Schema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("result.json", schema))
	compiled, err := compiler.Compile("result.json")
	require.NoError(t, err)
	text, err := json.Marshal(result)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, compiled.Validate(value))
}

// reasons are those of a result's stacks as "file: rule", without a file as "why: rule".
func reasons(result *change.Result) map[string][]string {
	found := map[string][]string{}
	for _, stack := range result.Stacks {
		for _, reason := range stack.Reasons {
			for _, file := range reason.Files {
				found[stack.Name] = append(found[stack.Name], file+": "+string(reason.Rule))
			}
			if reason.Files == nil {
				found[stack.Name] = append(found[stack.Name], reason.Why+": "+string(reason.Rule))
			}
		}
	}
	return found
}

func TestRules(t *testing.T) {
	t.Parallel()
	all := func(what string) map[string][]string {
		return map[string][]string{"platform": {what}, "catalog": {what}, "ordering": {what}}
	}
	tests := map[string]struct {
		write  map[string]string
		remove []string
		want   map[string][]string
	}{
		"nothing":                {nil, nil, map[string][]string{}},
		"nobody's file":          {map[string]string{"README.md": "2", "shop/other/package.json": "{}", "shop/catalog-awsome/x": ""}, nil, map[string][]string{}},
		"own folder":             {map[string]string{"shop/catalog-aws/sub/new": ""}, nil, map[string][]string{"catalog": {"shop/catalog-aws/sub/new: folder"}}},
		"beside":                 {map[string]string{"shop/catalog/index.js": "2", "shop/ordering-spec/x": ""}, nil, map[string][]string{"catalog": {"shop/catalog/index.js: beside"}, "ordering": {"shop/ordering-spec/x: beside"}}},
		"beside, gone":           {nil, []string{"shop/catalog/index.js"}, map[string][]string{"catalog": {"shop/catalog/index.js: beside"}}},
		"what the program reads": {map[string]string{"shop/shared/src/x": ""}, nil, map[string][]string{"catalog": {"shop/shared/src/x: reads"}}},
		"a dependency":           {map[string]string{"shop/library/x": ""}, nil, map[string][]string{"catalog": {"shop/library/x: dependency"}}},
		"watched":                {map[string]string{"shop/docs/rules.md": "2", "shop/docs/rules.md.bak": ""}, nil, map[string][]string{"ordering": {"shop/docs/rules.md: watch"}}},
		"own configuration":      {map[string]string{"shop/catalog-aws/Pulumi.alpha.yaml": "config: {a: b}"}, nil, map[string][]string{"catalog": {"shop/catalog-aws/Pulumi.alpha.yaml: configuration"}}},
		"configuration elsewhere": {
			map[string]string{"shop/ordering-aws/stacks/Pulumi.alpha.yaml": "config: {a: b}"}, nil, map[string][]string{"ordering": {"shop/ordering-aws/stacks/Pulumi.alpha.yaml: configuration"}},
		},
		"other environments": {
			map[string]string{"shop/catalog-aws/Pulumi.beta.yaml": "", "shop/catalog-aws/Pulumi.gamma.yaml": "", "shop/catalog-aws/Pulumi.alpha.yaml.disabled": ""},
			[]string{"shop/ordering-aws/stacks/Pulumi.beta.yaml"}, map[string][]string{},
		},
		"local configuration": {map[string]string{"shop/catalog-aws/Pulumi.local.yaml": "stack: a/b/c"}, nil, map[string][]string{"catalog": {"shop/catalog-aws/Pulumi.local.yaml: configuration"}}},
		"no configuration":    {map[string]string{"shop/catalog-aws/templates/Pulumi.beta.yaml": ""}, nil, map[string][]string{"catalog": {"shop/catalog-aws/templates/Pulumi.beta.yaml: folder"}}},
		"a lock file":         {map[string]string{"package-lock.json": "{\"a\": 1}"}, nil, all("package-lock.json: framework")},
		"beside the manifest": {map[string]string{"shop/.node-version": "22"}, nil, all("shop/.node-version: framework")},
		"a provider's version": {
			map[string]string{"shop/platform-aws/Pulumi.yaml": "{name: shop-platform, runtime: yaml, packages: {reventless: 1.0.1, random: 4.0.0}}"}, nil, map[string][]string{
				"platform": {"shop/platform-aws/Pulumi.yaml: framework", "shop/platform-aws/Pulumi.yaml: folder"},
				"catalog":  {"shop/platform-aws/Pulumi.yaml: framework"}, "ordering": {"shop/platform-aws/Pulumi.yaml: framework"},
			},
		},
		"a plugin's version": {
			map[string]string{"shop/platform-aws/Pulumi.yaml": "{name: shop-platform, runtime: yaml, packages: {reventless: 1.0.0, random: 4.0.0}, plugins: {providers: [{name: aws, version: 6.0.0}]}}"}, nil, map[string][]string{
				"platform": {"shop/platform-aws/Pulumi.yaml: framework", "shop/platform-aws/Pulumi.yaml: folder"},
				"catalog":  {"shop/platform-aws/Pulumi.yaml: framework"}, "ordering": {"shop/platform-aws/Pulumi.yaml: framework"},
			},
		},
		"another provider's version": {
			map[string]string{"shop/platform-aws/Pulumi.yaml": "{name: shop-platform, runtime: yaml, packages: {reventless: 1.0.0, random: 5.0.0}}"}, nil,
			map[string][]string{"platform": {"shop/platform-aws/Pulumi.yaml: folder"}},
		},
		"the manifest's layout": {map[string]string{"shop/deploy-manifest.yaml": "# new comment\n" + shopManifest}, nil, map[string][]string{}},
		"the manifest's entries": {
			map[string]string{
				"shop/new/Pulumi.yaml": "name: shop-new",
				"shop/deploy-manifest.yaml": `platform: {path: platform-aws, watch: [docs]}
plugins: [{name: katalog, path: ./catalog-aws/}, {name: ordering, path: ordering-aws, depends-on: [], watch: [docs/rules.md]}, {name: new, path: new}]`,
			}, nil, map[string][]string{
				"platform": {"its watch was []: manifest"}, "katalog": {"its entry was called catalog: manifest"},
				"ordering": {"its depends-on was [catalog]: manifest"}, "new": {"its entry is new: manifest", "shop/new/Pulumi.yaml: folder"},
			},
		},
		"an entry that moves": {
			map[string]string{
				"shop/moved/Pulumi.yaml":    "name: shop-catalog",
				"shop/deploy-manifest.yaml": "plugins: [{name: catalog, path: moved}, {name: ordering, path: ordering-aws, depends-on: [catalog], watch: [docs/rules.md]}, {name: p, path: platform-aws}]",
			}, []string{"shop/catalog-aws"}, map[string][]string{
				"catalog": {"its path was catalog-aws: manifest", "shop/moved/Pulumi.yaml: folder"}, "p": {"its entry was called platform: manifest"},
			},
		},
		"a stack within another's folder": {
			map[string]string{
				"shop/Pulumi.yaml": "name: outer", "shop/catalog-aws/x": "", "shop/x": "", "shop/Pulumi.beta.yaml": "",
				"shop/deploy-manifest.yaml": "platform: {path: platform-aws}\nplugins: [{name: outer, path: .}, {name: catalog, path: catalog-aws}, {name: ordering, path: ordering-aws, depends-on: [catalog], watch: [docs/rules.md]}]",
			}, nil, map[string][]string{
				"catalog": {"shop/catalog-aws/x: folder"}, "outer": {"its entry is new: manifest", "shop/Pulumi.yaml: folder", "shop/x: folder"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, base := shop(t)
			made.Write(test.write)
			for _, gone := range test.remove {
				made.Remove(gone)
			}
			result := detect(t, made, base, "alpha")
			assert.Equal(t, test.want, reasons(result))
			assert.Empty(t, result.Removed)
		})
	}
}

func TestResult(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	made.Write(map[string]string{"shop/catalog/index.js": "2", "shop/docs/rules.md": "2"})
	head := made.Commit("Second [Skip Deploy]")
	result := detect(t, made, base, "alpha")
	assert.Equal(t, &change.Result{
		Environment: "alpha", Base: change.Base{Commit: base, From: "--base"}, Head: head, SkipDeploy: true, Removed: []change.Removed{},
		Stacks: []change.Stack{
			{Name: "platform", Path: "platform-aws", Project: "shop-platform", Reasons: []change.Reason{}},
			{Name: "catalog", Path: "catalog-aws", Project: "shop-catalog", Changed: true, Reasons: []change.Reason{{change.RuleBeside, "it belongs to catalog-aws", []string{"shop/catalog/index.js"}}}},
			{Name: "ordering", Path: "ordering-aws", Project: "shop-ordering", Changed: true, Skipped: "there is no ordering-aws/Pulumi.alpha.yaml",
				Reasons: []change.Reason{{change.RuleWatch, "it watches docs/rules.md", []string{"shop/docs/rules.md"}}}},
		},
	}, result)
	assert.Equal(t, []string{"catalog"}, result.Changed())
	assert.False(t, detect(t, made, head, "alpha").Stacks[1].Changed, "nothing changed since the head")
}

func TestRemoved(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	rest := "platform: {path: platform-aws, name: shop-platform}\nplugins: [{name: ordering, path: ordering-aws, watch: [docs/rules.md]}]"
	made.Write(map[string]string{"shop/deploy-manifest.yaml": rest})
	removed := change.Removed{Name: "catalog", Path: "catalog-aws", Project: "shop-catalog", Command: "pulumi destroy --cwd shop/catalog-aws --stack alpha"}
	assert.Equal(t, []change.Removed{removed}, detect(t, made, base, "alpha").Removed)

	made.Remove("shop/catalog-aws")
	removed.Command = "git worktree add ../removed-" + base[:12] + " " + base[:12] + " && pulumi destroy --cwd ../removed-" + base[:12] + "/shop/catalog-aws --stack alpha"
	assert.Equal(t, []change.Removed{removed}, detect(t, made, base, "alpha").Removed)
	assert.Empty(t, detect(t, made, base, "feature/x").Removed, "no stack can be there")
	assert.Empty(t, detect(t, made, "", "alpha").Removed, "without a base nothing is known")

	// The command does what it says: it has the project as it was.
	made.Git("worktree", "add", "../removed-"+base[:12], base[:12])
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Join(made.Folder, "..", "removed-"+base[:12])) })
	assert.FileExists(t, filepath.Join(made.Folder, "..", "removed-"+base[:12], "shop/catalog-aws/Pulumi.yaml"))
}

// TestRenamedProject leaves a stack behind though the manifest is as it was.
func TestRenamedProject(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	made.Write(map[string]string{"shop/catalog-aws/Pulumi.yaml": "{name: shop-products, runtime: yaml}"})
	removed := detect(t, made, base, "alpha").Removed
	require.Len(t, removed, 1)
	assert.Equal(t, "shop-catalog", removed[0].Project)
	assert.Contains(t, removed[0].Command, "git worktree add")
}

func TestManifestAtBase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before func(made *gittest.Repository)
		want   string
	}{
		"there was none": {func(made *gittest.Repository) { made.Remove("shop/deploy-manifest.yaml") }, "the manifest is new: manifest"},
		"it was broken": {
			func(made *gittest.Repository) {
				made.Write(map[string]string{"shop/deploy-manifest.yaml": "platfrom: {}"})
			},
			`its entry cannot be compared: shop/deploy-manifest.yaml at the base:1: the manifest has no key "platfrom", but platform, plugins. Did you mean "platform"?: manifest`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, _ := shop(t)
			test.before(made)
			base := made.Commit("before")
			made.Write(map[string]string{"shop/deploy-manifest.yaml": shopManifest})
			for stack, found := range reasons(detect(t, made, base, "alpha")) {
				assert.Equal(t, []string{test.want}, found, stack)
			}
		})
	}
}

// TestStackOutside has a stack whose folder is not in the repository.
func TestStackOutside(t *testing.T) {
	t.Parallel()
	made, base := shop(t)
	elsewhere := gittest.New(t)
	elsewhere.Write(map[string]string{"Pulumi.yaml": "name: shop-platform"})
	made.Remove("shop/platform-aws")
	require.NoError(t, os.Symlink(elsewhere.Folder, filepath.Join(made.Folder, "shop/platform-aws")))
	found := reasons(detect(t, made, base, "alpha"))
	assert.Equal(t, map[string][]string{"platform": {"its folder is in another repository, where it is not known what changed: outside"}}, found)
}

// TestSubmodule changes the commit of a submodule that a program reads a folder of.
func TestSubmodule(t *testing.T) {
	t.Parallel()
	made, _ := shop(t)
	library := gittest.New(t)
	library.Write(map[string]string{"src/x": "1"})
	library.Commit("first")
	made.Git("submodule", "--quiet", "add", "file://"+library.Folder, "shop/shared")
	base := made.Commit("with a submodule")
	assert.Empty(t, reasons(detect(t, made, base, "alpha")))
	module := filepath.Join(made.Folder, "shop", "shared")
	made.Git("-C", module, "commit", "--quiet", "--allow-empty", "--message", "second")
	assert.Equal(t, map[string][]string{"catalog": {"shop/shared: reads"}}, reasons(detect(t, made, base, "alpha")))
}
