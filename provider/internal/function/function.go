// Package function makes Lambda functions, each with a log group of its own, a role of
// its own and its event source mappings.
//
//  1. The log group comes first, under a name of our own that the function is told to
//     use: the group that Lambda would create by itself has no retention, and declaring
//     that one races with its creation.
//  2. The role allows to write to this log group, and what the caller asks for.
//  3. The function depends on the role's policy, so do the mappings: Lambda refuses a
//     mapping whose function may not read the source.
package function

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/artifact"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/iam"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// CustomRuntime is the runtime of functions that bring their own bootstrap.
const CustomRuntime = "provided.al2023"

// Spec says what a function is made of.
type Spec struct {
	// Purpose is the value of [definition.EnvFunction] and the last part of the names.
	Purpose          string
	Description      string
	Code             pulumi.ArchiveInput
	Runtime, Handler string
	Architecture     string
	// Memory is in MB, Timeout in seconds.
	Memory, Timeout int
	Layers          pulumi.StringArray
	Environment     pulumi.StringMap
	// Statements say what the function may do beside writing its log.
	Statements []iam.Statement
}

// Function is a function.
type Function struct {
	Name string
	// NameOutput is the name as the resource returns it: whoever uses it waits for the
	// function.
	NameOutput pulumi.StringOutput
	ARN        pulumi.StringOutput
	Timeout    int
	// Ready is what a caller of the function has to depend on.
	Ready []pulumi.Resource
}

// Name is the physical name of the function with this purpose.
func Name(owner component.Owner, purpose string) string {
	return owner.Physical(naming.Function, purpose)
}

// New makes a function, see the package comment.
func New(ctx *pulumi.Context, owner component.Owner, spec Spec) (*Function, error) {
	name := Name(owner, spec.Purpose)
	logs, err := logGroup(ctx, owner, spec.Purpose, name)
	if err != nil {
		return nil, err
	}
	statements := append([]iam.Statement{
		iam.Allow(iam.On(pulumi.Sprintf("%s:*", logs.Arn)), "logs:CreateLogStream", "logs:PutLogEvents"),
	}, spec.Statements...)
	role, err := iam.NewRole(ctx, owner, spec.Purpose, iam.Lambda, nil, statements...)
	if err != nil {
		return nil, err
	}
	resource, err := lambda.NewFunction(ctx, owner.Logical(spec.Purpose), arguments(owner, name, spec, role, logs),
		owner.Child(pulumi.DependsOn(role.Ready)))
	if err != nil {
		return nil, fmt.Errorf("the function %s: %w", spec.Purpose, err)
	}
	return &Function{
		Name:       name,
		NameOutput: resource.Name,
		ARN:        resource.Arn,
		Timeout:    spec.Timeout,
		Ready:      append([]pulumi.Resource{resource}, role.Ready...),
	}, nil
}

func logGroup(ctx *pulumi.Context, owner component.Owner, purpose, function string) (*cloudwatch.LogGroup, error) {
	group, err := cloudwatch.NewLogGroup(ctx, owner.Logical(purpose), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/reventless/" + function),
		RetentionInDays: pulumi.Int(owner.LogRetentionDays),
		Tags:            owner.Tags,
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the log group of %s: %w", purpose, err)
	}
	return group, nil
}

func arguments(owner component.Owner, name string, spec Spec, role *iam.Role, logs *cloudwatch.LogGroup) *lambda.FunctionArgs {
	environment := pulumi.StringMap{definition.EnvFunction: pulumi.String(spec.Purpose)}
	for key, value := range spec.Environment {
		environment[key] = value
	}
	return &lambda.FunctionArgs{
		Name:          pulumi.String(name),
		Description:   pulumi.String(spec.Description),
		Role:          role.ARN,
		Code:          spec.Code,
		Runtime:       pulumi.String(spec.Runtime),
		Handler:       pulumi.String(spec.Handler),
		Architectures: pulumi.StringArray{pulumi.String(spec.Architecture)},
		MemorySize:    pulumi.Int(spec.Memory),
		Timeout:       pulumi.Int(spec.Timeout),
		Layers:        spec.Layers,
		Environment:   &lambda.FunctionEnvironmentArgs{Variables: environment},
		LoggingConfig: &lambda.FunctionLoggingConfigArgs{
			LogFormat: pulumi.String("Text"),
			LogGroup:  logs.Name,
		},
		Tags: owner.Tags,
	}
}

// Engine fills in what makes a function run our engine without a handler: the bootstrap
// and the runtime layer.
func (s Spec) Engine(runtimeLayer pulumi.StringInput) (Spec, error) {
	path, err := artifact.Bootstrap()
	if err != nil {
		return Spec{}, err
	}
	environment := pulumi.StringMap{definition.EnvEngine: pulumi.String(definition.EnginePath)}
	for key, value := range s.Environment {
		environment[key] = value
	}
	s.Code = pulumi.NewFileArchive(path)
	s.Runtime, s.Handler = CustomRuntime, "bootstrap"
	s.Layers = append(pulumi.StringArray{runtimeLayer}, s.Layers...)
	s.Environment = environment
	return s, nil
}
