package projectfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

func TestParse(t *testing.T) {
	t.Parallel()
	none := map[string]string{}
	tests := map[string]struct {
		text string
		want projectfile.File
	}{
		"empty": {"", projectfile.File{Providers: none}},
		"all": {"name: shop\nmain: src\nstackConfigDir: stacks\npackages: {reventless: 1.0.0}\nplugins: {providers: [{name: aws, version: 6.0.0}]}\n" +
			"x: [{fn::readFile: a}, {FN::FILEASSET: &b ../b}, {fn::fileArchive: *b}, {fn::stringAsset: c}, {fn::fileAsset: {fn::readFile: d}}]",
			projectfile.File{
				Name: "shop", Main: "src", StackConfigDir: "stacks",
				Providers: map[string]string{"reventless": "package 1.0.0\n", "aws": "plugin map[name:aws version:6.0.0]\n"},
				Reads:     []projectfile.Reading{{"fn::readFile", "a"}, {"FN::FILEASSET", "../b"}, {"fn::fileArchive", "../b"}, {"fn::readFile", "d"}},
			}},
		"JSON":        {`{"name": "shop"}`, projectfile.File{Name: "shop", Providers: none}},
		"wrong types": {"name: []\nmain: {}\npackages: 1\nplugins: []\nstackConfigDir:", projectfile.File{Providers: none}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // parsed, then kept
				file, err := projectfile.Parse([]byte(test.text))
				require.NoError(t, err)
				assert.Equal(t, &test.want, file)
			}
		})
	}
	_, err := projectfile.Parse([]byte("name: ["))
	assert.ErrorContains(t, err, "it is no YAML: line 1")
}

func TestName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: shop\nx:\n  name: other": "shop", "x: 1\r\nname:  a-b.c \r\n": "a-b.c", `name: "shop"`: "shop", `{name: shop}`: "shop",
		"name: &a shop\nx: *a": "shop", "name: [": "", "x: y": "", "x: |\n  a\nname: shop # ours": "shop",
	} {
		assert.Equal(t, want, projectfile.Name([]byte(text)), text)
	}
}

func TestMayNameProviders(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"name: a\nx: # of plugins\n  packages: 1": false, "": false, "name: a\npackages:\n  x: y": true, "plugins : {}": true,
		`"packages": {}`: true, "'plugins': {}": true, ` {"name": "a"}`: true,
	} {
		assert.Equal(t, want, projectfile.MayNameProviders([]byte(text)), text)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, _, err := projectfile.Read(folder)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.yml"), []byte("name: shop"), 0o600))
	file, name, err := projectfile.Read(folder)
	require.NoError(t, err)
	assert.Equal(t, "Pulumi.yml", name)
	assert.Equal(t, "shop", file.Name)
}
