package hostui

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCacheControl(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prefixes []string
		want     string
	}{
		"index.html": {nil, revalidate}, "config.json": {nil, revalidate}, "assets/app.html": {[]string{"assets/"}, revalidate},
		"assets/main.3f2a1b9c.js": {nil, immutable}, "assets/index-BxT3a9Kd.js": {nil, immutable}, "assets/index-BxT3a9Kd.js.map": {nil, immutable},
		"static/js/main.8d3d6c4f2b0e4a1c9f7e.css": {nil, immutable},
		// Words and dates are no hashes.
		"jquery-datatable.js": {nil, revalidate}, "report-20261130.csv": {nil, revalidate}, "en-australia.json": {nil, revalidate},
		"my-JavaScript.js": {nil, revalidate}, "style.css": {nil, revalidate}, "assets/index-DiwrgTda.js": {nil, revalidate},
		"assets/index-DiwrgTdb.js": {[]string{"/assets/"}, immutable},
	}
	for key, test := range tests {
		assert.Equal(t, test.want, cacheControl(key, test.prefixes), key)
	}
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"a/index.html": "text/html; charset=utf-8", "main.MJS": "text/javascript; charset=utf-8", "font.woff2": "font/woff2", "LICENSE": "application/octet-stream",
	} {
		assert.Equal(t, want, contentType(key), key)
	}
}

func TestBundleOfAnArchive(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.zip")
	created, err := os.Create(path)
	require.NoError(t, err)
	writer := zip.NewWriter(created)
	for _, name := range []string{"index.html", "assets/main.js", ".DS_Store"} {
		entry, err := writer.Create(name)
		require.NoError(t, err)
		_, err = entry.Write([]byte(name))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, created.Close())
	found, problems := bundle(path)
	require.Empty(t, problems)
	require.Len(t, found, 2)
	assert.Equal(t, "assets/main.js", found[0].key)
	content, err := os.ReadFile(found[0].path)
	require.NoError(t, err)
	assert.Equal(t, "assets/main.js", string(content))
}

// TestShellIsItsOwn checks that the platform's own page loads nothing from elsewhere, and
// that no data become HTML. GraphiQL is not looked through: the page's
// Content-Security-Policy holds for it too.
func TestShellIsItsOwn(t *testing.T) {
	t.Parallel()
	found, problems := shellFiles()
	require.Empty(t, problems)
	for _, f := range found {
		if strings.HasPrefix(f.key, explorerFolder) {
			assert.Equal(t, immutable, cacheControl(f.key, nil), f.key)
			continue
		}
		content, err := os.ReadFile(f.path)
		require.NoError(t, err)
		text := strings.ReplaceAll(string(content), `xmlns="http://www.w3.org/2000/svg"`, "")
		for _, forbidden := range []string{"http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "style=", "onclick="} {
			assert.NotContains(t, text, forbidden, f.key)
		}
	}
}
