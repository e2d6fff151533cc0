package generate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRefusals asks for what cannot be made: all problems are said at once, and nothing is
// written.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files     map[string]string
		arguments []string
		want      []string
	}{
		"nothing is known": {nil, []string{"plugin", "catalog"}, []string{
			"make a platform first with 'reventless generate platform', or name that of another repository with --platform", "--region, such as eu-west-1",
		}},
		"all at once": {shop, []string{
			"plugin", "OrderEntry", "--language", "typescrpt", "--handler", "ruby", "--env", "local", "--env", "a/b", "--region", "Ireland",
			"--depends-on", "catlog", "--org", "a b", "--platform", "shop",
		}, []string{
			`a plugin cannot be called "OrderEntry": use lower-case letters and digits, with single hyphens between them, and begin with a letter, such as order-entry`,
			`--language has no value "typescrpt", but yaml, typescript, python, go. Did you mean "typescript"?`, `--handler has no value "ruby"`,
			"--env local: an environment cannot be called local", `--env "a/b"`, `"Ireland" is no AWS region`,
			`--depends-on catlog: deploy-manifest.yaml has no such plugin, but catalog. Did you mean "catalog"?`, `--org "a b"`, `--platform "shop"`,
			"deploy-manifest.yaml:1: the manifest has a platform of its own",
		}},
		"reserved":        {shop, []string{"plugin", "platform"}, []string{"a plugin cannot be called platform: it is the platform's name"}},
		"of Pulumi":       {shop, []string{"plugin", "pulumi"}, []string{"Pulumi YAML has a variable of this name"}},
		"with suffix":     {shop, []string{"plugin", "stock-aws"}, []string{"-aws is how the folders of Pulumi projects end"}},
		"too long":        {shop, []string{"plugin", "a123456789b123456789c123456789d123456789e"}, []string{"has 41 letters, but at most 40"}},
		"there":           {shop, []string{"plugin", "catalog"}, []string{"deploy-manifest.yaml:2: there is a plugin catalog already, in infra/catalog"}},
		"same in the API": {shop, []string{"plugin", "cata-log"}, []string{"deploy-manifest.yaml:2: catalog and cata-log would have the same names in the API, CataLogItem"}},
		"its project":     {shop, []string{"plugin", "stock"}, []string{"deploy-manifest.yaml:2: the Pulumi project of catalog is called shop-stock, as that of stock would be"}},
		"folders of others": {
			map[string]string{"deploy-manifest.yaml": shop["deploy-manifest.yaml"], "stock/notes.txt": "mine", "stock-aws/Pulumi.yaml": "name: x"},
			[]string{"plugin", "stock"}, []string{"the folder stock is there, and nothing in it was generated", "the folder stock-aws is there"},
		},
		"no such environment": {shop, []string{"plugin", "new", "--env", "beta"}, []string{"the platform has no environment beta, but alpha: make it first with 'reventless generate platform --env beta'"}},
		"itself":              {shop, []string{"plugin", "new", "--depends-on", "new"}, []string{"a plugin cannot depend on itself"}},
		"platform elsewhere": {
			map[string]string{"deploy-manifest.yaml": "platform: {path: infra, name: x}"}, []string{"platform", "--region", "eu-west-1"},
			[]string{"deploy-manifest.yaml:1: there is a platform already, in infra"},
		},
		"platform of another name": {shop, []string{"platform", "other"}, []string{"the platform is there already, and its project is called shop-platform: leave out the name"}},
		"application":              {nil, []string{"platform", "My_App", "--region", "eu-west-1"}, []string{`an application cannot be called "My_App"`, "such as my-app"}},
		"manifest with problems":   {map[string]string{"deploy-manifest.yaml": "platform: {pth: x}"}, []string{"platform"}, []string{`platform has no key "pth"`}},
		"manifest in one line":     {map[string]string{"deploy-manifest.yaml": "{plugins: []}"}, []string{"platform", "--region", "eu-west-1"}, []string{"neither a platform nor plugins"}},
		"other language": {
			map[string]string{"platform-aws/Pulumi.yaml": "name: x\nruntime: {name: dotnet}"}, []string{"platform", "--region", "eu-west-1"},
			[]string{`platform-aws/Pulumi.yaml has the runtime "dotnet", for which nothing is generated, but for go, nodejs, python, yaml`},
		},
		"workspace": {
			map[string]string{"deploy-manifest.yaml": shop["deploy-manifest.yaml"], "platform-aws/Pulumi.alpha.yaml": shop["platform-aws/Pulumi.alpha.yaml"], "package.json": "{"},
			[]string{"plugin", "stock"}, []string{"package.json: "},
		},
		"record": {
			map[string]string{"deploy-manifest.yaml": shop["deploy-manifest.yaml"], ".reventless/generated.json": "{"},
			[]string{"plugin", "stock", "--region", "eu-west-1"}, []string{".reventless/generated.json cannot be read"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			for path, text := range test.files {
				r.write(path, text)
			}
			before := r.snapshot()
			out, _, err := r.try(test.arguments...)
			require.Error(t, err)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assert.Empty(t, out)
			assert.Equal(t, before, r.snapshot())
		})
	}
}

// shop is a repository with a platform and a plugin that were not generated.
var shop = map[string]string{
	"deploy-manifest.yaml":           "platform: {path: platform-aws, name: shop-platform}\nplugins: [{name: catalog, path: infra/catalog}]\n",
	"platform-aws/Pulumi.yaml":       "name: shop-platform\nruntime: yaml\n",
	"platform-aws/Pulumi.alpha.yaml": "config:\n  aws:region: eu-west-1\n",
	"infra/catalog/Pulumi.yaml":      "name: shop-stock\nruntime: yaml\n",
}

func TestManifestAbove(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.run("platform --region eu-west-1")
	below := repository{t, r.root + "/platform-aws"}
	_, _, err := below.try("plugin", "catalog")
	assert.ErrorContains(t, err, "but above it: name its folder with --cwd "+r.root)
	_, _, err = repository{t, r.root + "/nowhere"}.try("platform")
	assert.ErrorContains(t, err, "there is no folder")
}

func TestLanguageStays(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.run("platform --region eu-west-1 --language go")
	r.run("plugin catalog --language typescript --handler python")
	_, _, err := r.try("plugin", "catalog", "--language", "python", "--handler", "nodejs")
	assert.ErrorContains(t, err, "catalog-aws is in typescript already")
	assert.ErrorContains(t, err, "catalog is in python already")
	r.remove("catalog/src/handler.py")
	assert.Equal(t, "created", fate(t, r.run("plugin catalog"), "catalog/src/handler.py"), "the package file tells too")
	_, _, err = r.try("platform", "--language", "yaml")
	assert.ErrorContains(t, err, "platform-aws is in go already")
}
