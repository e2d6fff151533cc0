package program_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/program"
)

// sources are the paths that the program of the folder a-aws is made of, with why.
func sources(t *testing.T, made *gittest.Repository, further ...string) (map[string]string, error) {
	t.Helper()
	repository, err := git.Open(t.Context(), made.Folder)
	require.NoError(t, err)
	listing, err := repository.Listing(t.Context())
	require.NoError(t, err)
	found, err := program.NewReader(repository, listing).Sources(t.Context(), "a-aws", further...)
	paths := map[string]string{}
	for _, source := range found {
		paths[source.Path] = source.Why
	}
	return paths, err
}

func TestSources(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files   map[string]string
		further []string
		want    map[string]string
	}{
		"YAML": {
			files: map[string]string{"a-aws/Pulumi.yaml": `
runtime: yaml
variables:
  same: &same ../anchor
resources:
  a:
    properties:
      code: {fn::fileArchive: ../a/src}
      schema: {Fn::readFile: "${pulumi.cwd}/../a/schema.graphql"}
      archives:
        - fn::assetArchive: {x: {fn::fileAsset: *same}, y: {fn::remoteAsset: ../remote}, z: {fn::stringAsset: ../text}}
      unknown: {fn::readFile: "../files/${name}.txt"}
      anything: {fn::readFile: "../${name}"}
      outside: {fn::readFile: ../../../outside}
`},
			want: map[string]string{
				"a/src": "fn::fileArchive of a-aws/Pulumi.yaml", "a/schema.graphql": "Fn::readFile of a-aws/Pulumi.yaml",
				"anchor": "fn::fileAsset of a-aws/Pulumi.yaml", "files": "fn::readFile of a-aws/Pulumi.yaml",
			},
		},
		"main of YAML": {
			files: map[string]string{"a-aws/Pulumi.yaml": "{runtime: yaml, main: ../program}", "program/Main.yaml": "x: {fn::readFile: data, fn::fileAsset: ../more}"},
			want:  map[string]string{"program": "`main` of a-aws/Pulumi.yaml", "program/data": "fn::readFile of program/Main.yaml", "more": "fn::fileAsset of program/Main.yaml"},
		},
		"main of JavaScript": {
			files: map[string]string{"a-aws/Pulumi.yaml": "{runtime: nodejs, main: ../lib/dist/index.js}"},
			want:  map[string]string{"lib/dist": "`main` of a-aws/Pulumi.yaml"},
		},
		"main within": {
			files: map[string]string{"a-aws/Pulumi.yaml": "{runtime: nodejs, main: src/index.js}", "a-aws/src/index.js": ""},
			want:  map[string]string{},
		},
		"npm paths, and theirs": {
			files: map[string]string{
				"a-aws/Pulumi.yaml": "{runtime: nodejs}", "a-aws/index.ts": "",
				"a-aws/package.json": `{"dependencies": {"b": "file:../b", "z": "^1.0.0"}, "devDependencies": {"c": "link:../c"}}`,
				"b/package.json":     `{"dependencies": {"d": "file:../d"}}`, "b/index.js": "", "d/index.js": "", "c/README": "",
				"d/package.json": `{"dependencies": {"b": "file:../b"}}`,
			},
			want: map[string]string{
				"b": "the dependency b of d/package.json", "c": "the dependency c of a-aws/package.json", "d": "the dependency d of b/package.json",
			},
		},
		"npm workspace by name": {
			files: map[string]string{
				"package.json": `{"workspaces": ["*", "libraries/**"]}`, "a-aws/Pulumi.yaml": "{runtime: nodejs}", "a-aws/index.js": "",
				"a-aws/package.json": `{"name": "@o/a-aws", "dependencies": {"@o/a": "*", "@o/deep": "workspace:^"}}`,
				"a/package.json":     `{"name": "@o/a", "dependencies": {"left-pad": "1"}}`, "libraries/x/deep/package.json": `{"name": "@o/deep"}`,
			},
			want: map[string]string{"a": "the dependency @o/a of a-aws/package.json", "libraries/x/deep": "the dependency @o/deep of a-aws/package.json"},
		},
		"pnpm workspace above the root's": {
			files: map[string]string{
				"pnpm-workspace.yaml": "packages: ['packages/*', '!packages/no']", "a-aws/Pulumi.yaml": "{runtime: nodejs}", "a-aws/index.js": "",
				"a-aws/package.json": `{"dependencies": {"b": "workspace:*"}}`, "packages/b/package.json": `{"name": "b"}`,
			},
			want: map[string]string{"packages/b": "the dependency b of a-aws/package.json"},
		},
		"a package.json that several share": {
			files: map[string]string{"a-aws/Pulumi.yaml": "{runtime: nodejs}", "a-aws/index.js": "", "package.json": "{}", "package-lock.json": "{}"},
			want:  map[string]string{"package.json": "it has the dependencies of a-aws", "package-lock.json": "it has the dependencies of a-aws"},
		},
		"code that YAML reads": {
			files: map[string]string{
				"a-aws/Pulumi.yaml": "x: {fn::fileArchive: ../a/src}", "a/src/index.mjs": "",
				"a/package.json": `{"dependencies": {"b": "file:../b"}}`, "package.json": "{}",
			},
			want: map[string]string{"a/src": "fn::fileArchive of a-aws/Pulumi.yaml", "a/package.json": "it has the dependencies of a/src", "b": "the dependency b of a/package.json"},
		},
		"requirements.txt": {
			files: map[string]string{
				"a-aws/Pulumi.yaml": "{runtime: python}", "a-aws/__main__.py": "",
				"a-aws/requirements.txt": "# ../no\n-e ../b\n../c[extra] ; python_version > '3'\nd @ file:../d\nrequests>=2 # ../no\n-r ../common.txt\nx @ https://example.com/x.whl\n-e git+https://example.com/y\n",
				"common.txt":             "--editable=../outside\n./e\n-r a-aws/requirements.txt\n", "b/x.py": "", "b/pyproject.toml": "[tool.uv.sources]\nf = {path = '../f', editable = true}",
			},
			want: map[string]string{
				"b": "`-e ../b` of a-aws/requirements.txt", "c": "`../c[extra] ; python_version > '3'` of a-aws/requirements.txt", "d": "`d @ file:../d` of a-aws/requirements.txt",
				"common.txt": "`-r ../common.txt` of a-aws/requirements.txt", "e": "`./e` of common.txt", "f": "the dependency ../f of b/pyproject.toml",
			},
		},
		"pyproject.toml": {
			files: map[string]string{"a-aws/Pulumi.yaml": "{runtime: python}", "a-aws/x.py": "", "a-aws/pyproject.toml": `
[project]
dependencies = ["b @ file:../b", "requests"]
[tool.poetry.dependencies]
python = "^3.12"
c = {path = "../c", develop = true}
[tool.poetry.group.dev.dependencies]
d = [{path = "../d", platform = "linux"}, {version = "1"}]
[tool.uv.sources]
e = {git = "https://example.com/e"}
`},
			want: map[string]string{
				"b": "the dependency ../b of a-aws/pyproject.toml", "c": "the dependency ../c of a-aws/pyproject.toml", "d": "the dependency ../d of a-aws/pyproject.toml",
			},
		},
		"go.mod": {
			files: map[string]string{
				"a-aws/Pulumi.yaml": "{runtime: go}", "a-aws/main.go": "package main",
				"a-aws/go.mod": "module m/a\nrequire m/w v1.0.0\nreplace (\n m/b => ../b\n m/c => m/d v1.0.0\n)\n", "go.work": "use (\n ./w\n ./v\n)\n",
				"w/go.mod": "module m/w", "v/go.mod": "module m/v",
			},
			want: map[string]string{"b": "`replace m/b => ../b` of a-aws/go.mod", "w": "`use ./w` of go.work"},
		},
		"imports within one module": {
			files: map[string]string{
				"go.mod": "module m", "a-aws/Pulumi.yaml": "{runtime: go}", "a-aws/main.go": "package main\nimport (\n\"fmt\"\n \"m/lib/b\"\n)",
				"lib/b/b.go": "package b\nimport \"m/lib/c\"", "lib/b/b_test.go": "package b\nimport \"m/lib/d\"", "lib/c/c.go": "package c", "lib/d/d.go": "package d", "lib/e.go": "package lib",
			},
			want: map[string]string{"go.mod": "it has the dependencies of a-aws", "lib/b": "imported by a-aws", "lib/c": "imported by lib/b"},
		},
		"packages within a folder": {
			files: map[string]string{
				"a-aws/Pulumi.yaml": "{runtime: nodejs}", "a-aws/function/index.js": "", "a-aws/function/package.json": `{"dependencies": {"b": "file:../../b"}}`,
				"a-aws/go/main.go": "package main", "a-aws/go/go.mod": "module m\nreplace x => ../../c", "a-aws.x/package.json": "{", "a-aws0/package.json": "{",
			},
			want: map[string]string{"b": "the dependency b of a-aws/function/package.json", "c": "`replace x => ../../c` of a-aws/go/go.mod"},
		},
		"a further folder": {
			files:   map[string]string{"a-aws/Pulumi.yaml": "{runtime: yaml}", "a/x.js": "", "a/package.json": `{"dependencies": {"b": "../b"}}`, "a-b/x.go": ""},
			further: []string{"a"},
			want:    map[string]string{"b": "the dependency b of a/package.json"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := gittest.New(t)
			made.Write(test.files)
			found, err := sources(t, made, test.further...)
			require.NoError(t, err)
			assert.Equal(t, test.want, found)
		})
	}
}

// TestSymbolicLinks counts a link itself and what it leads to.
func TestSymbolicLinks(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{"a-aws/Pulumi.yaml": "x: {fn::fileArchive: ../link/src}", "real/src/x": ""})
	require.NoError(t, os.Symlink("real", filepath.Join(made.Folder, "link")))
	found, err := sources(t, made)
	require.NoError(t, err)
	assert.Contains(t, found, "link/src")
	assert.Contains(t, found, "real/src")
}

func TestProblems(t *testing.T) {
	t.Parallel()
	made := gittest.New(t)
	made.Write(map[string]string{
		"a-aws/Pulumi.yaml": "{runtime: nodejs}", "a-aws/x.js": "", "a-aws/x.py": "", "a-aws/x.go": "",
		"a-aws/package.json": "{", "a-aws/pyproject.toml": "[", "a-aws/go.mod": "modul",
	})
	_, err := sources(t, made)
	for _, want := range []string{"a-aws/package.json is not as npm wants it", "a-aws/pyproject.toml is no TOML", "a-aws/go.mod:1: unknown directive: modul"} {
		assert.ErrorContains(t, err, want)
	}
}
