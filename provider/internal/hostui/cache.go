package hostui

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	// immutable is the Cache-Control of files that never change under their name.
	immutable = "public, max-age=31536000, immutable"
	// revalidate lets browsers keep a file, and ask each time whether it is still the same.
	revalidate = "no-cache"
)

// cacheControl is the Cache-Control of a file. To take a file for immutable that is not
// would show users an old one for a year, while the other mistake costs a short request. So
// in doubt it is not.
func cacheControl(key string, prefixes []string) string {
	if path.Ext(key) == ".html" {
		return revalidate
	}
	named := slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, strings.TrimPrefix(prefix, "/")) })
	if named || hashed(path.Base(key)) {
		return immutable
	}
	return revalidate
}

// hashPart is what may be the hash in the name of a file: main.3f2a1b9c.js,
// index-BxT3a9Kd.js.
var hashPart = regexp.MustCompile(`[.-]([0-9A-Za-z_-]{8}|[0-9a-f]{8,64}|[0-9A-Za-z]{16,64})(\.[0-9a-z]+)+$`)

// hashed says whether a name has a hash that nobody would take for a word or a date: with
// digits, and letters that are of both cases or hexadecimal throughout.
func hashed(base string) bool {
	match := hashPart.FindStringSubmatch(base)
	if match == nil {
		return false
	}
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(match[1], is) }
	hexadecimal := !has(func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
	return has(unicode.IsDigit) && has(unicode.IsLower) && (hexadecimal || has(unicode.IsUpper))
}

// contentTypes are those of what web sites are made of. The machine's own table is not
// asked: it differs from one to the next, and so would the deployment.
var contentTypes = map[string]string{
	".avif": "image/avif", ".bin": "application/octet-stream", ".css": "text/css; charset=utf-8", ".csv": "text/csv; charset=utf-8",
	".eot": "application/vnd.ms-fontobject", ".gif": "image/gif", ".html": "text/html; charset=utf-8", ".ico": "image/x-icon",
	".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".js": "text/javascript; charset=utf-8", ".json": "application/json",
	".map": "application/json", ".md": "text/markdown; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".mp3": "audio/mpeg",
	".mp4": "video/mp4", ".otf": "font/otf", ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml",
	".ttf": "font/ttf", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm", ".webm": "video/webm",
	".webmanifest": "application/manifest+json", ".webp": "image/webp", ".woff": "font/woff", ".woff2": "font/woff2",
	".xml": "application/xml", ".zip": "application/zip",
}

// contentType is the Content-Type of a file.
func contentType(key string) string {
	if kind, known := contentTypes[strings.ToLower(path.Ext(key))]; known {
		return kind
	}
	return "application/octet-stream"
}
