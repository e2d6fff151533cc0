package localconfig

import (
	"strings"
	"unicode"
)

// UIBundleVariable is the environment variable with the address of a plugin's part of the
// host UI: CATALOG_UI_BUNDLE_URL for catalog, ONLINE_SHOP_UI_BUNDLE_URL for online-shop and
// OnlineShop.
func UIBundleVariable(plugin string) string {
	var name strings.Builder
	letters := []rune(plugin)
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && startsWord(letters, i) {
			name.WriteByte('_')
		}
		if r == '-' {
			r = '_'
		}
		name.WriteRune(unicode.ToUpper(r))
	}
	return name.String() + "_UI_BUNDLE_URL"
}

// startsWord says whether a capital begins a word: after a small letter or digit, or as the
// last of several capitals, as the S of HTTPServer.
func startsWord(letters []rune, i int) bool {
	before := letters[i-1]
	if unicode.IsLower(before) || unicode.IsDigit(before) {
		return true
	}
	return unicode.IsUpper(before) && i+1 < len(letters) && unicode.IsLower(letters[i+1])
}
