package settings

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/cause"
)

// readStackOutputs is the engine's own function behind stack references. A function's
// failure is an answer, while a reference to an unknown stack ends the deployment with
// an error of the engine beside ours; and it leaves no copy of the other stack's outputs
// in this stack's state.
const readStackOutputs = "pulumi:pulumi:readStackOutputs"

// Output reads one output of another stack, as it was last deployed. The owner says in
// the error whose stack that is: "platform" or "plugin".
func Output(ctx *pulumi.Context, stack, output, owner, export string, options ...pulumi.InvokeOption) (map[string]any, error) {
	var answer struct {
		Outputs map[string]any `pulumi:"outputs"`
	}
	if _, err := ctx.InvokePackageRaw(readStackOutputs, map[string]any{"name": stack}, &answer, "", options...); err != nil {
		return nil, unreadable(stack, owner, err)
	}
	value, exists := answer.Outputs[output]
	if !exists || value == nil {
		return nil, fmt.Errorf("the stack %q has no output %q: it was not deployed yet, or its program does not export it\n"+
			"Let the program of the %s export it, in Pulumi.yaml:\n"+
			"    outputs:\n      %[2]s: %[4]s\n"+
			"and deploy that stack again with `pulumi up`", stack, output, owner, export)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the output %q of the stack %q is no object; let the program of the %s export `%[2]s: %[4]s` and deploy it again",
			output, stack, owner, export)
	}
	return object, nil
}

func unreadable(stack, owner string, err error) error {
	text := cause.Text(err)
	if strings.Contains(text, "unknown stack") || strings.Contains(text, "no stack") || strings.Contains(text, "not found") {
		return fmt.Errorf("the stack %q of the %s does not exist: it has not been created or deployed yet, or its name is wrong\n"+
			"A stack's name is <org>/<project>/<stack>; deploy the %[2]s first with `pulumi up --stack %[3]s` in its folder",
			stack, owner, stack[strings.LastIndex(stack, "/")+1:])
	}
	return fmt.Errorf("the outputs of the stack %q of the %s cannot be read: %s\n"+
		"A stack's name is <org>/<project>/<stack>, such as organization/shop-platform/alpha", stack, owner, text)
}
