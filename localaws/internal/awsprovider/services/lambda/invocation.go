package lambda

import (
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

const (
	scopeCreateOnly = "CREATE_ONLY"
	scopeCRUD       = "CRUD"
)

// invocation behaves as the real one, its surprises included: an update that
// fails is stored as if it had been applied, a create that fails is not
// stored, there is no read, and functionName, qualifier and triggers replace
// (create of the new, then delete of the old).
func invocation() *define.Resource {
	return &define.Resource{
		Token:    "aws:lambda/invocation:Invocation",
		Noun:     "Lambda Invocation",
		Args:     define.ArgsOf(sdk.InvocationArgs{}),
		Result:   reflect.TypeFor[sdk.Invocation](),
		Defaults: map[string]any{"lifecycleScope": scopeCreateOnly, "qualifier": "$LATEST", "terraformKey": "tf"},
		Enums:    map[string][]string{"lifecycleScope": {scopeCreateOnly, scopeCRUD}},
		Validate: validateInvocation,
		ForceNew: []string{"functionName", "qualifier", "triggers"},
		ReplaceIf: func(_, updated property.Map, changed map[string]bool) []string {
			if changed["input"] && updated.String("lifecycleScope") == scopeCreateOnly {
				return []string{"input"}
			}
			return nil
		},
		Computed: []string{"result"},
		Volatile: func(changed map[string]bool, inputs property.Map) []string {
			if changed["input"] && inputs.String("lifecycleScope") == scopeCRUD {
				return []string{"result"}
			}
			return nil
		},
		Create: createInvocation,
		Update: updateInvocation,
		Delete: deleteInvocation,
	}
}

func validateInvocation(inputs property.Map) []inputcheck.Failure {
	if !inputs.Known("input") {
		return nil
	}
	if failures := define.JSONText(inputs, "input"); len(failures) > 0 {
		return failures
	}
	text := strings.TrimSpace(inputs.String("input"))
	if inputs.String("lifecycleScope") != scopeCreateOnly && !strings.HasPrefix(text, "{") {
		return define.Failed("input", `lifecycleScope other than "CREATE_ONLY" requires input to be a JSON object`)
	}
	return nil
}

// payload adds the lifecycle to the input: what happens, and the input of the
// last invocation (null on create).
func payload(inputs property.Map, action, previous string) ([]byte, error) {
	if inputs.String("lifecycleScope") == scopeCreateOnly {
		return []byte(inputs.String("input")), nil
	}
	body, err := object(inputs.String("input"))
	if err != nil {
		return nil, err
	}
	old, err := object(previous)
	if err != nil {
		return nil, err
	}
	if body == nil {
		body = map[string]any{}
	}
	body[inputs.String("terraformKey")] = map[string]any{"action": action, "prev_input": old}
	return json.Marshal(body)
}

func object(text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("the input is no JSON object: %w", err)
	}
	return m, nil
}

// call invokes synchronously; a function error is an error with its payload.
func call(ctx context.Context, c *define.Clients, inputs property.Map, body []byte) (string, error) {
	name := inputs.String("functionName")
	out, err := c.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Qualifier: inputs.StringPtr("qualifier"),
		InvocationType: types.InvocationTypeRequestResponse, Payload: body})
	if err != nil {
		return "", fmt.Errorf("invoking Lambda Function (%s): %w", name, err)
	}
	if out.FunctionError != nil {
		return "", fmt.Errorf("invoking Lambda Function (%s): %s", name, out.Payload)
	}
	return string(out.Payload), nil
}

func createInvocation(ctx context.Context, c *define.Clients, r define.Request) (string, error) {
	body, err := payload(r.Inputs, "create", "")
	if err != nil {
		return "", err
	}
	result, err := call(ctx, c, r.Inputs, body)
	if err != nil {
		return "", err
	}
	r.Produce("result", result)
	return fmt.Sprintf("%s_%s_%x", r.Inputs.String("functionName"), r.Inputs.String("qualifier"), md5.Sum(body)), nil
}

func updateInvocation(ctx context.Context, c *define.Clients, r define.Request) error {
	body, err := payload(r.Inputs, "update", r.State.String("input"))
	if err != nil {
		return err
	}
	result, err := call(ctx, c, r.Inputs, body)
	if err != nil {
		return err
	}
	r.Produce("result", result)
	return nil
}

func deleteInvocation(ctx context.Context, c *define.Clients, r define.Request) error {
	if r.Inputs.String("lifecycleScope") == scopeCreateOnly {
		return nil
	}
	body, err := payload(r.Inputs, "delete", r.Inputs.String("input"))
	if err != nil {
		return err
	}
	_, err = call(ctx, c, r.Inputs, body)
	return err
}

func getInvocation() *define.Function {
	return &define.Function{
		Token:  "aws:lambda/getInvocation:getInvocation",
		Args:   reflect.TypeFor[sdk.LookupInvocationArgs](),
		Result: reflect.TypeFor[sdk.LookupInvocationResult](),
		Call: func(ctx context.Context, c *define.Clients, args property.Map) (property.Values, error) {
			result, err := call(ctx, c, args, []byte(args.String("input")))
			if err != nil {
				return nil, err
			}
			qualifier := args.String("qualifier")
			if qualifier == "" {
				qualifier = "$LATEST"
			}
			id := fmt.Sprintf("%s_%s_%x", args.String("functionName"), qualifier, md5.Sum([]byte(result)))
			return property.Values{"id": id, "functionName": args.String("functionName"), "input": args.String("input"),
				"qualifier": qualifier, "result": result}, nil
		},
	}
}
