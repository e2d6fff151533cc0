package localconfig

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUIBundleVariable(t *testing.T) {
	t.Parallel()
	for plugin, want := range map[string]string{
		"catalog": "CATALOG_UI_BUNDLE_URL", "Catalog": "CATALOG_UI_BUNDLE_URL", "online-shop": "ONLINE_SHOP_UI_BUNDLE_URL",
		"OnlineShop": "ONLINE_SHOP_UI_BUNDLE_URL", "HTTPServer": "HTTP_SERVER_UI_BUNDLE_URL", "shop2Go": "SHOP2_GO_UI_BUNDLE_URL",
	} {
		assert.Equal(t, want, UIBundleVariable(plugin), plugin)
	}
}
