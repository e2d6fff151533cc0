package awsprovider

import (
	"testing"

	pulumiarchive "github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

const (
	functionARN   = "arn:aws:lambda:eu-west-1:123456789012:function:fn"
	functionsPath = "/2015-03-31/functions"
	invokeRoute   = "POST " + functionsPath + "/fn/invocations"
)

func codeOf(t *testing.T, text string) any {
	t.Helper()
	file, err := asset.FromText(text)
	require.NoError(t, err)
	a, err := pulumiarchive.FromAssets(map[string]any{"index.mjs": file})
	require.NoError(t, err)
	return a
}

func functionInputs(t *testing.T, text string) property.Values {
	return property.Values{"name": "fn", "role": "arn:aws:iam::1:role/r", "handler": "index.handler", "runtime": "nodejs22.x",
		"code": codeOf(t, text), "environment": property.Values{"variables": map[string]string{"A": "1"}},
		"loggingConfig": property.Values{"logFormat": "JSON", "logGroup": "g"}}
}

// fakeFunction serves one function and counts how often it is Pending.
func fakeFunction(t *testing.T) *fakeAWS {
	f := newFakeAWS(t)
	config := map[string]any{"FunctionName": "fn", "FunctionArn": functionARN, "Role": "arn:aws:iam::1:role/r", "Handler": "index.handler",
		"Runtime": "nodejs22.x", "State": "Active", "LastUpdateStatus": "Successful", "CodeSha256": "sha", "CodeSize": 7, "Timeout": 3,
		"MemorySize": 128, "PackageType": "Zip", "Architectures": []string{"x86_64"}, "LastModified": "now",
		"Environment":   map[string]any{"Variables": map[string]string{"A": "1"}},
		"LoggingConfig": map[string]any{"LogFormat": "JSON", "LogGroup": "g", "ApplicationLogLevel": "INFO"}}
	pending := 2
	f.respond("POST "+functionsPath, 201, config)
	f.on("GET "+functionsPath+"/fn/configuration", func(map[string]any) (int, any) {
		if pending--; pending >= 0 {
			return 200, map[string]any{"State": "Pending", "LastUpdateStatus": "InProgress"}
		}
		return 200, config
	})
	f.respond("GET "+functionsPath+"/fn", 200, map[string]any{"Configuration": config})
	f.respond("PUT "+functionsPath+"/fn/configuration", 200, config)
	f.respond("PUT "+functionsPath+"/fn/code", 200, config)
	return f
}

func TestFunction(t *testing.T) {
	t.Parallel()
	f := fakeFunction(t)
	l := newLab(t, connectedTo(f.URL), functionType, "fn")
	state := l.create(functionInputs(t, "one"))
	assert.Equal(t, "fn", l.id)
	assert.Equal(t, 3, f.count("GET "+functionsPath+"/fn/configuration"), "waits until the function is Active")
	assert.NotEmpty(t, f.last("POST " + functionsPath)["Code"].(map[string]any)["ZipFile"])
	assert.Equal(t, functionARN+":$LATEST", state.String("qualifiedArn"))
	assert.Equal(t, "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"+functionARN+"/invocations", state.String("invokeArn"))
	assert.Equal(t, "INFO", state.Object("loggingConfig").String("applicationLogLevel"))

	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(functionInputs(t, "one")).GetChanges(), "same code, no drift")

	changed := functionInputs(t, "two")
	assert.Equal(t, []string{"code"}, l.diff(changed).GetDiffs())
	planned, err := l.tryUpdate(changed, true)
	require.NoError(t, err)
	assert.True(t, planned["codeSha256"].IsComputed())
	assert.Equal(t, functionARN, planned["arn"].StringValue(), "the ARN stays known")
	l.update(changed)
	assert.Equal(t, 1, f.count("PUT "+functionsPath+"/fn/code"))
	assert.Zero(t, f.count("PUT "+functionsPath+"/fn/configuration"))

	delete(changed, "environment")
	l.update(changed)
	assert.Equal(t, map[string]any{"Variables": map[string]any{}}, f.last("PUT " + functionsPath + "/fn/configuration")["Environment"],
		"a removed environment is cleared")
}

func TestFunctionWaitsForItsRole(t *testing.T) {
	t.Parallel()
	f := fakeFunction(t)
	attempts := 0
	f.on("POST "+functionsPath, func(map[string]any) (int, any) {
		if attempts++; attempts == 1 {
			return 400, awsError{"InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."}
		}
		return 201, map[string]any{}
	})
	newLab(t, connectedTo(f.URL), functionType, "fn").create(functionInputs(t, "one"))
	assert.Equal(t, 2, attempts)
}

func TestFunctionThatFailsToStartIsSaved(t *testing.T) {
	t.Parallel()
	f := fakeFunction(t)
	f.respond("GET "+functionsPath+"/fn/configuration", 200, map[string]any{"State": "Failed", "StateReason": "no image"})
	err := newLab(t, connectedTo(f.URL), functionType, "fn").tryCreate(functionInputs(t, "one"))
	saved := savedState(err)
	require.NotNil(t, saved)
	assert.Equal(t, "fn", saved.GetId())
	assert.Contains(t, saved.GetReasons()[0], "no image")
}

func TestLayerVersion(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	arn := "arn:aws:lambda:eu-west-1:123456789012:layer:runtime:3"
	stored := map[string]any{"LayerVersionArn": arn, "LayerArn": arn[:len(arn)-2], "Version": 3, "CreatedDate": "now",
		"Content": map[string]any{"CodeSha256": "sha", "CodeSize": 9}}
	f.respond("POST /2018-10-31/layers/runtime/versions", 201, stored)
	f.respond("GET /2018-10-31/layers/runtime/versions/3", 200, stored)
	l := newLab(t, connectedTo(f.URL), "aws:lambda/layerVersion:LayerVersion", "runtime")
	state := l.create(property.Values{"layerName": "runtime", "code": codeOf(t, "one"), "skipDestroy": true})
	assert.Equal(t, arn, l.id)
	assert.Equal(t, "3", state.String("version"))
	r := l.diff(property.Values{"layerName": "runtime", "code": codeOf(t, "two"), "skipDestroy": true})
	assert.Equal(t, []string{"code"}, r.GetReplaces())
	assert.False(t, r.GetDeleteBeforeReplace())
	require.NoError(t, l.tryDelete())
	assert.Zero(t, f.count("DELETE /2018-10-31/layers/runtime/versions/3"), "skipDestroy keeps the version")
}

func TestEventSourceMapping(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	const mappings = "/2015-03-31/event-source-mappings"
	stored := map[string]any{"UUID": "u-1", "State": "Enabled", "FunctionArn": functionARN, "EventSourceArn": "arn:q", "BatchSize": 10,
		"FunctionResponseTypes": []string{"ReportBatchItemFailures"}, "DestinationConfig": map[string]any{}}
	f.respond("POST "+mappings, 202, stored)
	f.respond("GET "+mappings+"/u-1", 200, stored)
	l := newLab(t, connectedTo(f.URL), "aws:lambda/eventSourceMapping:EventSourceMapping", "m")
	inputs := property.Values{"functionName": "fn", "eventSourceArn": "arn:q", "functionResponseTypes": []string{"ReportBatchItemFailures"},
		"filterCriteria": property.Values{"filters": []any{property.Values{"pattern": `{"eventName":["INSERT"]}`}}}}
	state := l.create(inputs)
	assert.Equal(t, "u-1", l.id)
	assert.Equal(t, "u-1", state.String("uuid"))
	assert.Equal(t, "fn", state.String("functionName"), "the given name stays")
	assert.Equal(t, "arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:u-1", state.String("arn"))
	f.respond("DELETE "+mappings+"/u-1", 404, awsError{"ResourceNotFoundException", "gone"})
	require.NoError(t, l.tryDelete())
}

func crud(input string) property.Values {
	return property.Values{"functionName": "fn", "input": input, "lifecycleScope": "CRUD"}
}

func TestInvocationLifecycle(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.respond(invokeRoute, 200, map[string]any{"ok": true})
	l := newLab(t, connectedTo(f.URL), invocationType, "i")
	state := l.create(crud(`{"v":1}`))
	assert.Equal(t, map[string]any{"v": 1.0, "tf": map[string]any{"action": "create", "prev_input": nil}}, f.last(invokeRoute))
	assert.JSONEq(t, `{"ok":true}`, state.String("result"))
	assert.Regexp(t, `^fn_\$LATEST_[0-9a-f]{32}$`, l.id)

	planned, err := l.tryUpdate(crud(`{"v":2}`), true)
	require.NoError(t, err)
	assert.True(t, planned["result"].IsComputed(), "the result of a changed input is unknown")
	l.update(crud(`{"v":2}`))
	assert.Equal(t, map[string]any{"action": "update", "prev_input": map[string]any{"v": 1.0}}, f.last(invokeRoute)["tf"])

	require.NoError(t, l.tryDelete())
	assert.Equal(t, map[string]any{"v": 2.0, "tf": map[string]any{"action": "delete", "prev_input": map[string]any{"v": 2.0}}}, f.last(invokeRoute))
	assert.Equal(t, 3, f.count(invokeRoute))
}

func TestInvocationFailures(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.respond(invokeRoute, 200, functionError("the platform is away"))
	l := newLab(t, connectedTo(f.URL), invocationType, "i")
	err := l.tryCreate(crud(`{"v":1}`))
	require.ErrorContains(t, err, "the platform is away")
	assert.Nil(t, savedState(err), "a failed create is not stored")

	f.respond(invokeRoute, 200, map[string]any{"ok": true})
	l.create(crud(`{"v":1}`))
	f.respond(invokeRoute, 200, functionError("the platform is away"))
	_, err = l.tryUpdate(crud(`{"v":2}`), false)
	saved := savedState(err)
	require.NotNil(t, saved, "a failed update is saved as applied")
	assert.JSONEq(t, `{"v":2}`, saved.GetInputs().GetFields()["input"].GetStringValue())
	assert.JSONEq(t, `{"v":2}`, saved.GetProperties().GetFields()["input"].GetStringValue())
	assert.NotContains(t, saved.GetProperties().GetFields(), "result")
	assert.Contains(t, saved.GetReasons()[0], "the platform is away")
	assert.ErrorContains(t, l.tryDelete(), "the platform is away", "a failing delete is an error")
}

func TestInvocationCreateOnly(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.respond(invokeRoute, 200, map[string]any{})
	l := newLab(t, connectedTo(f.URL), invocationType, "i")
	l.create(property.Values{"functionName": "fn", "input": `{"v":1}`})
	assert.Equal(t, map[string]any{"v": 1.0}, f.last(invokeRoute), "the input is sent as it is")
	require.NoError(t, l.tryDelete())
	assert.Equal(t, 1, f.count(invokeRoute))
}

func TestGetInvocation(t *testing.T) {
	t.Parallel()
	f := newFakeAWS(t)
	f.respond(invokeRoute, 200, map[string]any{"answer": 42})
	r, err := connectedTo(f.URL).Invoke(t.Context(), &rpc.InvokeRequest{Tok: "aws:lambda/getInvocation:getInvocation",
		Args: encoded(t, property.Values{"functionName": "fn", "input": "{}"}.Map())})
	require.NoError(t, err)
	assert.JSONEq(t, `{"answer":42}`, r.GetReturn().GetFields()["result"].GetStringValue())
}
