package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/cause"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// readStackOutputs is the engine's own function behind stack references. A function's
// failure is an answer, while a reference to an unknown stack ends the deployment with
// an error of the engine beside ours; and it leaves no copy of the other stack's outputs
// in this stack's state.
const readStackOutputs = "pulumi:pulumi:readStackOutputs"

// errNotDeployed is what the errors of a stack are that does not exist or has not exported
// its output yet.
var errNotDeployed = errors.New("not deployed")

// notDeployed is an error of this text.
type notDeployed string

func (e notDeployed) Error() string { return string(e) }

// Is makes every such error an [errNotDeployed].
func (e notDeployed) Is(target error) bool { return target == errNotDeployed }

// Awaited says whether an error of [Output] is only that a preview comes before the first
// deployment of a stack which is to be deployed before this one.
func Awaited(ctx *pulumi.Context, stack string, err error) bool {
	return ctx.DryRun() && errors.Is(err, errNotDeployed) && localconfig.Expected(stack)
}

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
		return nil, notDeployed(fmt.Sprintf("the stack %q has no output %q: it was not deployed yet, or its program does not export it\n"+
			"Let the program of the %s export it, in Pulumi.yaml:\n"+
			"    outputs:\n      %[2]s: %[4]s\n"+
			"and deploy that stack again with `pulumi up`", stack, output, owner, export))
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
		return notDeployed(fmt.Sprintf("the stack %q of the %s does not exist: it has not been created or deployed yet, or its name is wrong\n"+
			"A stack's name is <org>/<project>/<stack>; deploy the %[2]s first with `pulumi up --stack %[3]s` in its folder",
			stack, owner, stack[strings.LastIndex(stack, "/")+1:]))
	}
	return fmt.Errorf("the outputs of the stack %q of the %s cannot be read: %s\n"+
		"A stack's name is <org>/<project>/<stack>, such as organization/shop-platform/alpha", stack, owner, text)
}
