package lambda

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
)

func asError[T error](err error, target *T) bool { return errors.As(err, target) }

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func TestReadsAnswerWhatWasWritten(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	arn := b.layer(t, "lay", files{"a.txt": "a"})
	code := archive(t, files{"index.js": "exports.handler = async () => 1"})
	created, err := b.CreateFunction(t.Context(), &sdk.CreateFunctionInput{
		FunctionName: aws.String("f"), Role: aws.String(role), Runtime: types.RuntimeNodejs22x, Handler: aws.String("index.handler"),
		Code: &types.FunctionCode{ZipFile: code}, Layers: []string{arn}, MemorySize: aws.Int32(256), Timeout: aws.Int32(9), Description: aws.String("d"),
		Architectures: []types.Architecture{types.ArchitectureArm64}, Tags: map[string]string{"k": "v"}, TracingConfig: &types.TracingConfig{Mode: types.TracingModeActive},
		LoggingConfig: &types.LoggingConfig{LogGroup: aws.String("/g"), LogFormat: types.LogFormatJson}, Environment: &types.Environment{Variables: map[string]string{"AB": "c"}},
	})
	require.NoError(t, err)
	got, err := b.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: created.FunctionArn})
	require.NoError(t, err)
	c := got.Configuration
	assert.Equal(t, "arn:aws:lambda:eu-central-1:123456789012:function:f", *c.FunctionArn)
	assert.Equal(t, hash(code), *c.CodeSha256)
	assert.Equal(t, int64(len(code)), c.CodeSize)
	assert.Equal(t, []types.Architecture{types.ArchitectureArm64}, c.Architectures)
	assert.Equal(t, arn, *c.Layers[0].Arn)
	assert.Equal(t, types.StateActive, c.State)
	assert.Equal(t, types.LastUpdateStatusSuccessful, c.LastUpdateStatus)
	assert.Equal(t, "$LATEST", *c.Version)
	assert.Equal(t, int32(256), *c.MemorySize)
	assert.Equal(t, types.TracingModeActive, c.TracingConfig.Mode)
	assert.Equal(t, &types.LoggingConfig{LogGroup: aws.String("/g"), LogFormat: types.LogFormatJson, ApplicationLogLevel: types.ApplicationLogLevelInfo, SystemLogLevel: types.SystemLogLevelInfo}, c.LoggingConfig)
	assert.Equal(t, map[string]string{"AB": "c"}, c.Environment.Variables)
	assert.Equal(t, map[string]string{"k": "v"}, got.Tags)
	assert.Contains(t, b.service.Inventory(), inventory.Item{Service: "lambda", Type: "function", ID: "f"})
}

func TestUpdateAndDelete(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "f", types.RuntimeNodejs22x, files{"index.js": "exports.handler = async () => 'one' + (process.env.XY ?? '')"}, nil)
	assert.Equal(t, `"one"`, b.call(t, "f", "{}"))
	name := aws.String("f")
	_, err := b.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{FunctionName: name, Environment: &types.Environment{Variables: map[string]string{"XY": "!"}}})
	require.NoError(t, err)
	assert.Equal(t, `"one!"`, b.call(t, "f", "{}"))
	_, err = b.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{FunctionName: name, ZipFile: archive(t, files{"index.js": "exports.handler = async () => 'two'"})})
	require.NoError(t, err)
	assert.Equal(t, `"two"`, b.call(t, "f", "{}"))
	_, err = b.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: name})
	require.NoError(t, err)
	_, err = b.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: name})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "Function not found: arn:aws:lambda:eu-central-1:123456789012:function:f", *missing.Message)
}

func TestUpdateInProgress(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "f", types.RuntimeNodejs22x, files{"index.js": "exports.handler = async () => 'one'"}, nil)
	require.NoError(t, b.faults.Set(faults.Settings{Lambda: faults.LambdaSettings{UpdateMillis: 1500}}))
	update := &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: archive(t, files{"index.js": "exports.handler = async () => 'two'"})}
	output, err := b.UpdateFunctionCode(t.Context(), update)
	require.NoError(t, err)
	assert.Equal(t, types.LastUpdateStatusInProgress, output.LastUpdateStatus)
	_, err = b.UpdateFunctionCode(t.Context(), update)
	var conflict *types.ResourceConflictException
	require.ErrorAs(t, err, &conflict)
	assert.Contains(t, *conflict.Message, "An update is in progress for resource: arn:aws:lambda")
	assert.Equal(t, `"one"`, b.call(t, "f", "{}"), "the old code answers")
	require.NoError(t, sdk.NewFunctionUpdatedV2Waiter(b.Client, func(o *sdk.FunctionUpdatedV2WaiterOptions) { o.MinDelay = 50 * time.Millisecond }).
		Wait(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("f")}, 10*time.Second))
	assert.Equal(t, `"two"`, b.call(t, "f", "{}"))
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	environment := func(key, value string) func(*sdk.CreateFunctionInput) {
		return func(i *sdk.CreateFunctionInput) {
			i.Environment = &types.Environment{Variables: map[string]string{key: value}}
		}
	}
	tests := map[string]struct {
		change func(*sdk.CreateFunctionInput)
		says   string
	}{
		"long name":            {func(i *sdk.CreateFunctionInput) { i.FunctionName = aws.String(strings.Repeat("x", 65)) }, "length less than or equal to 64"},
		"name":                 {func(i *sdk.CreateFunctionInput) { i.FunctionName = aws.String("a.b") }, "functionName"},
		"reserved variable":    {environment("AWS_REGION", "secret"), "Reserved keys used in this request: AWS_REGION"},
		"reserved prefix":      {environment("AWS_LAMBDA_FUNCTION_X", "secret"), "Reserved keys"},
		"short variable":       {environment("A", "secret"), "environment.variables"},
		"environment too long": {environment("ABC", strings.Repeat("secret", 700)), "exceeded the 4KB limit"},
		"unknown layer": {func(i *sdk.CreateFunctionInput) {
			i.Layers = []string{"arn:aws:lambda:eu-central-1:123456789012:layer:x:1"}
		}, "layer:x:1 does not exist"},
		"timeout":           {func(i *sdk.CreateFunctionInput) { i.Timeout = aws.Int32(901) }, "'901' at 'timeout'"},
		"memory":            {func(i *sdk.CreateFunctionInput) { i.MemorySize = aws.Int32(64) }, "memorySize"},
		"role":              {func(i *sdk.CreateFunctionInput) { i.Role = aws.String("nobody") }, "'role'"},
		"runtime":           {func(i *sdk.CreateFunctionInput) { i.Runtime = types.RuntimeJava21 }, `"java21"`},
		"handler":           {func(i *sdk.CreateFunctionInput) { i.Handler = nil }, "Handler are mandatory"},
		"not a zip":         {func(i *sdk.CreateFunctionInput) { i.Code = &types.FunctionCode{ZipFile: []byte("x")} }, "Could not unzip"},
		"no code":           {func(i *sdk.CreateFunctionInput) { i.Code = &types.FunctionCode{} }, "source for function code"},
		"zip leaves folder": {func(i *sdk.CreateFunctionInput) { i.Code.ZipFile = archive(t, files{"../x": "y"}) }, "leaves its folder"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			input := &sdk.CreateFunctionInput{FunctionName: aws.String("ok"), Role: aws.String(role), Runtime: types.RuntimeNodejs22x,
				Handler: aws.String("index.handler"), Code: &types.FunctionCode{ZipFile: archive(t, files{"index.js": ""})}}
			test.change(input)
			_, err := b.CreateFunction(t.Context(), input)
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
	assert.Empty(t, b.service.Inventory())
}

func TestCreateTwice(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	b.create(t, "f", types.RuntimeNodejs22x, files{"index.js": ""}, nil)
	_, err := b.CreateFunction(t.Context(), &sdk.CreateFunctionInput{FunctionName: aws.String("f"), Role: aws.String(role), Code: &types.FunctionCode{}})
	var conflict *types.ResourceConflictException
	require.ErrorAs(t, err, &conflict)
	assert.Equal(t, "Function already exist: f", *conflict.Message)
}

func TestLayerVersions(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	first, second := b.layer(t, "l", files{"a": "1"}), b.layer(t, "l", files{"a": "2"})
	assert.Equal(t, "arn:aws:lambda:eu-central-1:123456789012:layer:l:2", second)
	byARN, err := b.GetLayerVersionByArn(t.Context(), &sdk.GetLayerVersionByArnInput{Arn: &first})
	require.NoError(t, err)
	assert.Equal(t, int64(1), byARN.Version)
	b.create(t, "f", types.RuntimeProvidedal2023, files{"bootstrap": bootstrap}, func(i *sdk.CreateFunctionInput) { i.Layers = []string{first} })
	_, err = b.DeleteLayerVersion(t.Context(), &sdk.DeleteLayerVersionInput{LayerName: aws.String("l"), VersionNumber: aws.Int64(1)})
	require.NoError(t, err)
	_, err = b.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: aws.String("l"), VersionNumber: aws.Int64(1)})
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	list, err := b.ListLayerVersions(t.Context(), &sdk.ListLayerVersionsInput{LayerName: aws.String("l")})
	require.NoError(t, err)
	assert.Len(t, list.LayerVersions, 1)
	_, err = b.UpdateFunctionCode(t.Context(), &sdk.UpdateFunctionCodeInput{FunctionName: aws.String("f"), ZipFile: archive(t, files{"bootstrap": bootstrap, "x": ""})})
	require.NoError(t, err, "a function keeps a deleted layer version")
	assert.Equal(t, "arn:aws:lambda:eu-central-1:123456789012:layer:l:3", b.layer(t, "l", files{"a": "3"}), "numbers are not used again")
}

func TestPolicyTagsAndSmallReads(t *testing.T) {
	t.Parallel()
	b := newBed(t, nil)
	name := aws.String("f")
	b.create(t, "f", types.RuntimeNodejs22x, files{"index.js": ""}, nil)
	ctx := t.Context()
	var missing *types.ResourceNotFoundException
	_, err := b.GetPolicy(ctx, &sdk.GetPolicyInput{FunctionName: name})
	require.ErrorAs(t, err, &missing)
	permission := &sdk.AddPermissionInput{FunctionName: name, StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("appsync.amazonaws.com"), SourceArn: aws.String("arn:x")}
	_, err = b.AddPermission(ctx, permission)
	require.NoError(t, err)
	_, err = b.AddPermission(ctx, permission)
	var conflict *types.ResourceConflictException
	require.ErrorAs(t, err, &conflict)
	policy, err := b.GetPolicy(ctx, &sdk.GetPolicyInput{FunctionName: name})
	require.NoError(t, err)
	assert.True(t, containsAll(*policy.Policy, `"Service":"appsync.amazonaws.com"`, `"AWS:SourceArn":"arn:x"`))
	_, err = b.RemovePermission(ctx, &sdk.RemovePermissionInput{FunctionName: name, StatementId: aws.String("s")})
	require.NoError(t, err)
	arn := aws.String(b.service.functionARN("f", ""))
	_, err = b.TagResource(ctx, &sdk.TagResourceInput{Resource: arn, Tags: map[string]string{"a": "1", "b": "2"}})
	require.NoError(t, err)
	_, err = b.UntagResource(ctx, &sdk.UntagResourceInput{Resource: arn, TagKeys: []string{"a"}})
	require.NoError(t, err)
	tags, err := b.ListTags(ctx, &sdk.ListTagsInput{Resource: arn})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"b": "2"}, tags.Tags)
	versions, err := b.ListVersionsByFunction(ctx, &sdk.ListVersionsByFunctionInput{FunctionName: name})
	require.NoError(t, err)
	assert.Len(t, versions.Versions, 1)
	_, err = b.GetFunctionCodeSigningConfig(ctx, &sdk.GetFunctionCodeSigningConfigInput{FunctionName: name})
	require.NoError(t, err)
	_, err = b.GetFunctionEventInvokeConfig(ctx, &sdk.GetFunctionEventInvokeConfigInput{FunctionName: name})
	require.ErrorAs(t, err, &missing)
	dry, err := b.Invoke(ctx, &sdk.InvokeInput{FunctionName: name, InvocationType: types.InvocationTypeDryRun})
	require.NoError(t, err)
	assert.Equal(t, int32(204), dry.StatusCode)
}
