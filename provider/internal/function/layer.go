package function

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// NewRuntimeLayer makes the layer with the engine for both architectures from a zip file.
func NewRuntimeLayer(ctx *pulumi.Context, owner component.Owner, path string) (*lambda.LayerVersion, error) {
	return layer(ctx, owner, "runtime", "The engine of Reventless", pulumi.NewFileArchive(path))
}

// NewDefinitionLayer makes the layer with a plugin's definition.
func NewDefinitionLayer(ctx *pulumi.Context, owner component.Owner, plugin definition.Definition) (*lambda.LayerVersion, error) {
	content, err := json.Marshal(plugin)
	if err != nil {
		return nil, fmt.Errorf("rendering the plugin's definition: %w", err)
	}
	return layer(ctx, owner, "definition", "The definition of plugin "+plugin.Plugin, pulumi.NewAssetArchive(map[string]any{
		"reventless/plugin.json": pulumi.NewStringAsset(string(content)),
	}))
}

func layer(ctx *pulumi.Context, owner component.Owner, part, description string, code pulumi.Archive) (*lambda.LayerVersion, error) {
	resource, err := lambda.NewLayerVersion(ctx, owner.Logical(part), &lambda.LayerVersionArgs{
		LayerName:               pulumi.String(owner.Physical(naming.Layer, part)),
		Description:             pulumi.String(description),
		Code:                    code,
		CompatibleArchitectures: pulumi.ToStringArray([]string{"arm64", "x86_64"}),
	}, owner.Versioned())
	if err != nil {
		return nil, fmt.Errorf("the layer %s: %w", part, err)
	}
	return resource, nil
}
