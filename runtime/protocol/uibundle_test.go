package protocol

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCheckUIBundleURL(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "https://ui.example.com/catalog/remoteEntry.js", "http://127.0.0.1:3000/a.js", "http://localhost/a.js", "http://[::1]:80/"} {
		assert.Empty(t, CheckUIBundleURL(address), address)
	}
	for address, want := range map[string]string{
		"ui.example.com/a.js": "no URL", "http://ui.example.com": "must begin with https://", "javascript:alert(1)": "no URL", "ftp://x/y": "must begin with https://",
		"https://me:secret@ui.example.com/": "user or password", "https://x/" + strings.Repeat("a", 2100): "at most 2048", "https://:80/": "no URL",
	} {
		assert.Contains(t, CheckUIBundleURL(address), want, address)
	}
}
