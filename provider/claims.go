package provider

import (
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/validate"
	"github.com/reventless/pulumi-reventless/provider/internal/wire"
)

// claims are the names of plugins that resources of the running deployments have. The
// registry tells plugins of one name apart by their stack, so two of one program would
// replace each other's fields in turn.
type claims struct {
	mutex sync.Mutex
	names map[claim]string
}

// claim is a plugin's name on the API of a platform.
type claim struct {
	deployment, api, plugin string
}

// take takes the plugin's name for a resource. The platform of the first preview of a
// program is not known yet, so nothing is checked there.
func (c *claims) take(ctx *pulumi.Context, resource string, checked *checkedPlugin) error {
	if !checked.platform.known {
		return nil
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.names == nil {
		c.names = map[claim]string{}
	}
	wanted := claim{wire.Deployment(ctx.Context()), checked.platform.APIID, checked.plugin.Name}
	if other, taken := c.names[wanted]; taken && other != resource {
		return validate.Error("plugin "+checked.plugin.Name, []validate.Problem{{Path: "name", Reason: fmt.Sprintf(
			"the resource %q of this program is a plugin of the same name; give one of the two another name", other)}})
	}
	c.names[wanted] = resource
	return nil
}
