package docs

import (
	"path/filepath"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/tests/docs/program"
)

// errorsOf provoke the errors that documents explain, by name.
var errorsOf = map[string]func(*run) error{
	"no-platform-stack": func(r *run) error {
		return r.deploy(program.Options{Config: map[string]string{"aws:region": "eu-west-1"}})
	},
	"no-such-stack": func(r *run) error { return r.deploy(program.Options{Stacks: program.Stacks{}}) },
	"no-output": func(r *run) error {
		return r.deploy(program.Options{Stacks: program.Stacks{program.Platform: {}}})
	},
	"other-format": func(r *run) error {
		platform := program.DeployedPlatform()
		platform["platform"].(map[string]any)["formatVersion"] = "2"
		return r.deploy(program.Options{Stacks: program.Stacks{program.Platform: platform}})
	},
	"refused": func(r *run) error {
		return r.deploy(program.Options{Refusal: []protocol.Problem{{
			Code: protocol.CodeFieldConflict, Message: "Mutation.addProduct belongs to the plugin shelf", Line: 2, Column: 3,
		}}})
	},
}

// deploy constructs a small plugin in other surroundings.
func (r *run) deploy(options program.Options) error {
	options.Folder = filepath.Join(r.folder, "catalog-aws")
	if err := r.write("catalog-aws/Pulumi.yaml", catalog); err != nil {
		return err
	}
	return program.Construct(r, catalog, options)
}

const catalog = `
resources:
  catalog:
    type: reventless:index:Plugin
    properties:
      code: {fn::fileArchive: ../catalog/src}
      schema: {fn::readFile: ../catalog/schema.graphql}
      aggregates: {Product: {commands: {addProduct: AddProduct}}}
`
