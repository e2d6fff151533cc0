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
	// Purpose is the value of [definition.EnvFunction], Component the component whose own
	// function it is, "" for a shared one. They are the last parts of the names.
	Purpose, Component string
	Description        string
	Code               pulumi.ArchiveInput
	Runtime, Handler   string
	Architecture       string
	// Memory is in MB, Timeout in seconds.
	Memory, Timeout int
	// Concurrency is how many may run at the same time, 0 for no limit but the account's.
	Concurrency int
	Layers      pulumi.StringArray
	Environment pulumi.StringMap
	// Statements say what the function may do beside writing its log.
	Statements []iam.Statement
}

// Part is the part of the component that the function is, the last part of its names.
func (s Spec) Part() string {
	if s.Component == "" {
		return s.Purpose
	}
	return s.Purpose + "-" + s.Component
}

// Function is a function.
type Function struct {
	Name string
	// NameOutput is the name as the resource returns it: whoever uses it waits for the
	// function.
	NameOutput pulumi.StringOutput
	ARN        pulumi.StringOutput
	Timeout    int
	// ReadsStreams says that the function reads streams of tables.
	ReadsStreams bool
	// Ready is what a caller of the function has to depend on.
	Ready []pulumi.Resource
}

// Name is the physical name of the function that is this part.
func Name(owner component.Owner, part string) string {
	return owner.Physical(naming.Function, part)
}

// New makes a function, see the package comment.
func New(ctx *pulumi.Context, owner component.Owner, spec Spec) (*Function, error) {
	part := spec.Part()
	name := Name(owner, part)
	logs, err := logGroup(ctx, owner, part, name)
	if err != nil {
		return nil, err
	}
	statements := append([]iam.Statement{
		iam.Allow(iam.On(pulumi.Sprintf("%s:*", logs.Arn)), "logs:CreateLogStream", "logs:PutLogEvents"),
	}, spec.Statements...)
	if owner.Tracing {
		statements = append(statements, iam.Everything("xray:PutTraceSegments", "xray:PutTelemetryRecords"))
	}
	role, err := iam.NewRole(ctx, owner, part, iam.Trust{Service: iam.Lambda}, statements...)
	if err != nil {
		return nil, err
	}
	resource, err := lambda.NewFunction(ctx, owner.Logical(part), arguments(owner, name, spec, role, logs),
		owner.Child(pulumi.DependsOn(role.Ready)))
	if err != nil {
		return nil, fmt.Errorf("the function %s: %w", part, err)
	}
	return &Function{
		Name:       name,
		NameOutput: resource.Name,
		ARN:        resource.Arn,
		Timeout:    spec.Timeout,
		Ready:      append([]pulumi.Resource{resource}, role.Ready...),
	}, nil
}

func logGroup(ctx *pulumi.Context, owner component.Owner, part, function string) (*cloudwatch.LogGroup, error) {
	group, err := cloudwatch.NewLogGroup(ctx, owner.Logical(part), &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/reventless/" + function),
		RetentionInDays: pulumi.Int(owner.LogRetentionDays),
		Tags:            owner.TagsOf(part),
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the log group of %s: %w", part, err)
	}
	return group, nil
}

func arguments(owner component.Owner, name string, spec Spec, role *iam.Role, logs *cloudwatch.LogGroup) *lambda.FunctionArgs {
	environment := pulumi.StringMap{definition.EnvFunction: pulumi.String(spec.Purpose)}
	if spec.Component != "" {
		environment[definition.EnvComponent] = pulumi.String(spec.Component)
	}
	for key, value := range spec.Environment {
		environment[key] = value
	}
	var reserved pulumi.IntPtrInput
	if spec.Concurrency > 0 {
		reserved = pulumi.Int(spec.Concurrency)
	}
	return &lambda.FunctionArgs{
		ReservedConcurrentExecutions: reserved,

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
		TracingConfig: tracing(owner),
		Tags:          owner.TagsOf(spec.Part()),
	}
}

// tracing is nil without tracing: a function then only passes on what its caller traces.
func tracing(owner component.Owner) lambda.FunctionTracingConfigPtrInput {
	if !owner.Tracing {
		return nil
	}
	return lambda.FunctionTracingConfigArgs{Mode: pulumi.String("Active")}
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
