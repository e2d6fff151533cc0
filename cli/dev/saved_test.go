package dev

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws"
)

// put makes files below what is saved of an environment.
func (s saved) put(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(s.folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

// TestFindSaved finds the newest one that is whole, wherever a dev was killed.
func TestFindSaved(t *testing.T) {
	t.Parallel()
	const label = `{"Version": "1.0.0"}`
	tests := map[string]struct {
		files map[string]string
		// want is the folder, wrong what keeps it from being used.
		want, wrong string
	}{
		"nothing yet":                     {},
		"one":                             {files: map[string]string{"7/saved.json": label}, want: "7"},
		"killed while the first is made":  {files: map[string]string{"unfinished/saved.json": label}},
		"killed while another is made":    {files: map[string]string{"9/saved.json": label, "unfinished/aws/image.json": ""}, want: "9"},
		"killed before the older is gone": {files: map[string]string{"9/saved.json": label, "10/saved.json": label}, want: "10"},
		"half of the older is gone":       {files: map[string]string{"9/aws/x": "", "10/saved.json": label}, want: "10"},
		"another release":                 {files: map[string]string{"3/saved.json": `{"Version": "0.9.0"}`}, want: "3", wrong: "it was made with reventless 0.9.0, this is 1.0.0"},
		"unreadable":                      {files: map[string]string{"3/saved.json": `{`}, want: "3", wrong: "saved.json: unexpected end of JSON input"},
		"without a label":                 {files: map[string]string{"3/aws/x": ""}, want: "3", wrong: "no such file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSaved(t.TempDir(), "feature/x")
			s.put(t, test.files)
			folder, at, err := s.find("1.0.0")
			if test.want != "" {
				test.want = filepath.Join(s.folder, test.want)
			}
			assert.Equal(t, test.want, folder)
			if test.wrong != "" {
				require.ErrorIs(t, err, localaws.ErrImage)
				require.ErrorContains(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want == "", at.IsZero())
		})
	}
}

func TestSetAside(t *testing.T) {
	t.Parallel()
	s := newSaved(t.TempDir(), "alpha")
	for _, number := range []string{"1", "2"} {
		s.put(t, map[string]string{number + "/which": number})
		to, err := s.setAside(filepath.Join(s.folder, number))
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(to, "which"))
		require.NoError(t, err)
		assert.Equal(t, number, string(text), "the last one is kept")
		folder, _, err := s.find("1.0.0")
		require.NoError(t, err)
		assert.Empty(t, folder)
	}
}

func TestKeepSaved(t *testing.T) {
	t.Parallel()
	s := newSaved(t.TempDir(), "alpha")
	s.put(t, map[string]string{"1/x": "", "2/x": "", "unfinished/x": ""})
	require.NoError(t, s.keep(2))
	entries, err := os.ReadDir(s.folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, "2", entries[0].Name())
	require.NoError(t, s.forget())
	assert.NoDirExists(t, s.folder)
}

// TestRestore copies into a workspace, whose backend is there and empty.
func TestRestore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w := &workspace{pulumi: filepath.Join(folder, "pulumi"), folder: filepath.Join(folder, "config")}
	require.NoError(t, os.MkdirAll(w.state(), 0o755))
	s := newSaved(folder, "alpha")
	s.put(t, map[string]string{"1/state/.pulumi/stacks/shop/alpha.json": "{}", "1/config/catalog-aws-1/Pulumi.alpha.yaml": "config: {}"})
	require.NoError(t, restore(filepath.Join(s.folder, "1"), w))
	assert.FileExists(t, filepath.Join(w.state(), ".pulumi", "stacks", "shop", "alpha.json"))
	assert.FileExists(t, filepath.Join(w.folder, "catalog-aws-1", "Pulumi.alpha.yaml"))
	require.ErrorIs(t, restore(filepath.Join(s.folder, "2"), w), localaws.ErrImage)
}
