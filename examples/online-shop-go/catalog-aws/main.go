// The catalog, categories and products.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/examples/online-shop-go/stacks"
)

func main() { pulumi.Run(stacks.Catalog) }
