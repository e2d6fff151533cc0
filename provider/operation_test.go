package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
)

func class(c stackclass.Class) *StackClass {
	given := StackClass(c)
	return &given
}

// guarded are a plugin with all kinds of data.
func guarded(t *testing.T) PluginArgs {
	t.Helper()
	args := catalog(t)
	args.Tasks = map[string]declaration.Task{"Import": {Bucket: &declaration.Bucket{}}}
	return args
}

// protected are the resources that Pulumi refuses to delete.
func (e *engine) protected() []string {
	var names []string
	for _, made := range e.made {
		if made.RegisterRPC != nil && made.RegisterRPC.GetProtect() {
			names = append(names, made.TypeToken[strings.LastIndex(made.TypeToken, ":")+1:]+" "+made.Name)
		}
	}
	slices.Sort(names)
	return names
}

// alarmed are the alarms.
func (e *engine) alarmed() []string {
	var names []string
	for _, made := range e.made {
		if strings.HasSuffix(made.TypeToken, ":MetricAlarm") {
			names = append(names, made.Name)
		}
	}
	slices.Sort(names)
	return names
}

func TestPluginByClass(t *testing.T) {
	t.Parallel()
	all := []string{"catalog-dead-letters", "catalog-errors", "catalog-lag", "catalog-throttles"}
	kept := []string{"BucketV2 catalog-Import-task", "Guard catalog-guard", "Table catalog-Category-events", "Table catalog-Product-events"}
	days, no := 7, false
	tests := map[string]struct {
		platform  stackclass.Class
		args      func(*PluginArgs)
		protected []string
		alarms    []string
		days      int
		recovery  bool
		empties   bool
	}{
		"standard":                     {platform: stackclass.Standard, days: 30, recovery: true},
		"of a production platform":     {platform: stackclass.Production, protected: kept, alarms: all, days: 30, recovery: true},
		"itself in production":         {platform: stackclass.Standard, args: func(a *PluginArgs) { a.StackClass = class(stackclass.Production) }, protected: kept, alarms: all, days: 365, recovery: true},
		"disposable":                   {platform: stackclass.Production, args: func(a *PluginArgs) { a.StackClass = class(stackclass.Disposable) }, days: 3, empties: true},
		"arguments go before a class":  {platform: stackclass.Production, args: func(a *PluginArgs) { a.LogRetention, a.Alarms = &days, &Alarms{Enabled: &no} }, protected: kept, days: 7, recovery: true},
		"alarms without being special": {platform: stackclass.Standard, args: func(a *PluginArgs) { a.Alarms = &Alarms{} }, alarms: all, days: 30, recovery: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			platform := testPlatform()
			platform.Class = test.platform
			e.outputs[platformStack]["platform"] = anyMap(platform.Values())
			args := guarded(t)
			if test.args != nil {
				test.args(&args)
			}
			require.NoError(t, deployPlugin(t, e, "catalog", args))
			assert.Equal(t, test.protected, e.protected())
			assert.Equal(t, test.alarms, e.alarmed())
			log := e.find(t, "Table", "catalog-Product-events").Inputs
			assert.Equal(t, len(test.protected) > 0, log["deletionProtectionEnabled"].IsBool())
			assert.Equal(t, test.recovery, log["pointInTimeRecovery"].ObjectValue()["enabled"].BoolValue())
			assert.False(t, e.find(t, "Table", "catalog-Products-rows").Inputs["deletionProtectionEnabled"].IsBool(), "a read model can be made anew")
			assert.EqualValues(t, test.days, e.find(t, "LogGroup", "catalog-commands").Inputs["retentionInDays"].NumberValue())
			assert.Equal(t, test.empties, e.find(t, "BucketV2", "catalog-Import-task").Inputs["forceDestroy"].BoolValue())
		})
	}
}

func TestPluginAlarms(t *testing.T) {
	t.Parallel()
	e := newEngine()
	platform := testPlatform()
	platform.AlarmTopicARN = arn("sns", "operators")
	e.outputs[platformStack]["platform"] = anyMap(platform.Values())
	require.NoError(t, deployPlugin(t, e, "catalog", catalog(t)))
	letters := e.find(t, "MetricAlarm", "catalog-dead-letters").Inputs
	assert.Equal(t, arn("sns", "operators"), letters["alarmActions"].ArrayValue()[0].StringValue())
	assert.Equal(t, []string{"shop-catalog-alpha-catalog-commands-dead-letter.fifo", "shop-catalog-alpha-catalog-stream-failures"}, dimensions(letters, "QueueName"))
	lag := e.find(t, "MetricAlarm", "catalog-lag").Inputs
	assert.Equal(t, []string{"shop-catalog-alpha-catalog-projections", "shop-catalog-alpha-catalog-relay"}, dimensions(lag, "FunctionName"))
	assert.Equal(t, "MAX(METRICS())", lag["metricQueries"].ArrayValue()[0].ObjectValue()["expression"].StringValue())
	assert.EqualValues(t, 300000, lag["threshold"].NumberValue())
	assert.Contains(t, dimensions(e.find(t, "MetricAlarm", "catalog-errors").Inputs, "FunctionName"), "shop-catalog-alpha-catalog-commands")
}

// dimensions are what an alarm's metrics are of.
func dimensions(alarm resource.PropertyMap, name resource.PropertyKey) []string {
	var values []string
	for _, query := range alarm["metricQueries"].ArrayValue() {
		if metric, is := query.ObjectValue()["metric"]; is {
			values = append(values, metric.ObjectValue()["dimensions"].ObjectValue()[name].StringValue())
		}
	}
	return values
}

func platformIn(t *testing.T, e *engine, stack string, args PlatformArgs) (map[string]string, error) {
	t.Helper()
	connection := map[string]string{}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		platform, err := testEnvironment(t).newPlatform(ctx, "platform", args)
		if err != nil {
			return err
		}
		platform.Connection.ApplyT(func(values map[string]string) string {
			connection = values
			return ""
		})
		return nil
	}, pulumi.WithMocks("shop-platform", stack, e), func(info *pulumi.RunInfo) { info.Organization = "organization" })
	return connection, err
}

func TestPlatformByStackName(t *testing.T) {
	t.Parallel()
	e := newEngine()
	connection, err := platformIn(t, e, "main", PlatformArgs{Alarms: &Alarms{Email: pulumi.StringPtr("operators@example.com")}})
	require.NoError(t, err)
	assert.Equal(t, []string{"Invocation platform-guard", "Table platform-Plugin-events"}, e.protected())
	assert.Equal(t, []string{"platform-dead-letters", "platform-errors", "platform-throttles"}, e.alarmed())
	assert.Equal(t, "operators@example.com", e.find(t, "TopicSubscription", "platform-alarms").Inputs["endpoint"].StringValue())
	assert.Equal(t, "production", connection["stackClass"])
	assert.Equal(t, "365", connection["logRetentionDays"])
	assert.Equal(t, arn("sns", "shop-platform-main-platform-alarms"), connection["alarmTopicArn"])

	e = newEngine()
	connection, err = platformIn(t, e, "pr-17", PlatformArgs{})
	require.NoError(t, err)
	assert.Empty(t, e.protected())
	assert.Empty(t, e.alarmed())
	assert.Equal(t, "disposable", connection["stackClass"])
	assert.Equal(t, "3", connection["logRetentionDays"])
	assert.NotContains(t, connection, "alarmTopicArn")

	_, err = platformIn(t, newEngine(), "main", PlatformArgs{Alarms: &Alarms{Email: pulumi.StringPtr("a@b.c"), TopicARN: pulumi.StringPtr(arn("sns", "x"))}})
	require.ErrorContains(t, err, "`alarms`: `topicArn` and `email` are both there")
}

func TestTracing(t *testing.T) {
	t.Parallel()
	e := newEngine()
	connection, err := platformIn(t, e, "alpha", PlatformArgs{Tracing: yes()})
	require.NoError(t, err)
	assert.True(t, e.find(t, "GraphQLApi", "platform-api").Inputs["xrayEnabled"].BoolValue())
	assert.Equal(t, "true", connection["tracing"])
	platform := testPlatform()
	platform.Tracing = true
	e = newEngine()
	e.outputs[platformStack]["platform"] = anyMap(platform.Values())
	require.NoError(t, deployPlugin(t, e, "catalog", catalog(t)))
	assert.Equal(t, "Active", e.find(t, "Function", "catalog-commands").Inputs["tracingConfig"].ObjectValue()["mode"].StringValue())
	assert.Contains(t, e.policies(t), "catalog-commands: xray:PutTraceSegments xray:PutTelemetryRecords on *")
}

// untagged are the types that AWS, or the aws provider, knows no tags of.
var untagged = []string{
	"ApiKey", "DataSource", "Resolver", "Invocation", "LayerVersion", "RolePolicy", "QueuePolicy", "TopicSubscription", "Schedule",
	"BucketVersioningV2", "BucketLifecycleConfigurationV2", "BucketServerSideEncryptionConfigurationV2", "BucketPublicAccessBlock",
	"BucketOwnershipControls", "BucketPolicy", "BucketNotification", "UserGroup", "UserPoolClient", "OriginAccessControl",
	"ResponseHeadersPolicy", "CertificateValidation", "Record", "BucketObjectv2",
}

func TestTags(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, e *engine, kind, name, stack string) {
		t.Helper()
		for _, made := range e.made {
			token := made.TypeToken[strings.LastIndex(made.TypeToken, ":")+1:]
			if !strings.HasPrefix(made.TypeToken, "aws:") || slices.Contains(untagged, token) {
				continue
			}
			require.True(t, made.Inputs["tags"].IsObject(), "%s %s", token, made.Name)
			tags := made.Inputs["tags"].ObjectValue().Mappable()
			part, _ := strings.CutPrefix(made.Name, name+"-")
			want := map[string]any{"reventless:" + kind: name, "reventless:stack": stack, "reventless:component": part, "team": "shop"}
			if token == "EventSourceMapping" || token == "Queue" || token == "Role" {
				want["reventless:component"] = tags["reventless:component"]
				assert.NotEmpty(t, want["reventless:component"])
			}
			assert.Equal(t, want, tags, "%s %s", token, made.Name)
		}
	}
	user := map[string]pulumi.StringInput{"team": pulumi.String("shop")}
	e := newEngine()
	args := guarded(t)
	args.Tags, args.Alarms = user, &Alarms{Email: pulumi.StringPtr("a@b.c")}
	require.NoError(t, deployPlugin(t, e, "catalog", args))
	check(t, e, "plugin", "catalog", "organization/shop-catalog/alpha")
	e = newEngine()
	_, err := platformIn(t, e, "alpha", PlatformArgs{Tags: user, Alarms: &Alarms{}, HostUI: &declaration.HostUI{}})
	require.NoError(t, err)
	check(t, e, "platform", "platform", "organization/shop-platform/alpha")
}

// asInAWS makes URLs and ARNs of the mocks as long as real ones.
var asInAWS = strings.NewReplacer("https://sqs/", "https://sqs.eu-west-1.amazonaws.com/"+account+"/")

// TestOwnEnvironment compares what is foretold of functions' environments with what they get.
func TestOwnEnvironment(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]PluginArgs{"shop": whole(t), "catalog": catalog(t), "ordering": ordering()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			var foretold map[string]map[string]string
			require.NoError(t, e.run(configured(), func(ctx *pulumi.Context) error {
				checked, err := checkPlugin(ctx, name, args, nil)
				if err != nil {
					return err
				}
				foretold = map[string]map[string]string{}
				own := ownEnvironment{checked: checked, known: knownText(ctx), owner: component.Owner{Scope: naming.Scope{Project: ctx.Project(), Stack: ctx.Stack(), Name: checked.plugin.Name}}}
				for _, g := range handlerGroups(checked.plugin) {
					foretold[name+"-"+g.part(g.purpose)] = own.of(g)
				}
				_, err = testEnvironment(t).newPlugin(ctx, name, args)
				return err
			}))
			for function, want := range foretold {
				got := map[string]string{}
				for key, value := range e.find(t, "Function", function).Inputs["environment"].ObjectValue()["variables"].ObjectValue() {
					if _, user := args.Environment[string(key)]; !user {
						got[string(key)] = asInAWS.Replace(value.StringValue())
					}
				}
				assert.Equal(t, want, got, function)
			}
		})
	}
}

func TestEnvironmentTooLarge(t *testing.T) {
	t.Parallel()
	e := newEngine()
	point := map[string]any{"commands": []string{"Buy"}, "commandQueueArn": arn("sqs", "q.fifo"), "commandQueueUrl": "https://sqs.eu-west-1.amazonaws.com/" + account + "/" + strings.Repeat("q", 75) + ".fifo"}
	points := map[string]any{}
	args := ordering()
	args.Environment = map[string]pulumi.StringInput{"SETTINGS": pulumi.String(strings.Repeat("x", 2500))}
	for _, letter := range strings.Split("ABCDEFGHIJ", "") {
		points["Point"+letter] = point
		args.Extensions["Extension"+letter] = declaration.Extension{Plugin: "catalog", ExtensionPoint: "Point" + letter}
	}
	delete(args.Extensions, "Catalog")
	e.outputs[catalogStack]["_interopMeta"] = map[string]any{"formatVersion": 1, "plugin": "catalog", "version": "1.0.0", "extensionPoints": points}
	err := deployPlugin(t, e, "ordering", args)
	require.ErrorContains(t, err, "plugin ordering: 1 problem, nothing was changed")
	require.ErrorContains(t, err, "`environment`: the function reactions would get")
	require.ErrorContains(t, err, "Lambda allows 4096: your own take 2508")
	require.ErrorContains(t, err, "(REVENTLESS_EXTENSION_QUEUES 1")
	assert.Empty(t, e.listed())
}

// TestGuard checks that the guard depends on all other resources of the plugin, so that it
// is the first to be deleted.
func TestGuard(t *testing.T) {
	t.Parallel()
	e := newEngine()
	args := guarded(t)
	args.StackClass = class(stackclass.Production)
	require.NoError(t, deployPlugin(t, e, "catalog", args))
	guard := e.find(t, "Guard", "catalog-guard").RegisterRPC.GetDependencies()
	for _, made := range e.made {
		if strings.HasPrefix(made.TypeToken, "aws:") {
			assert.True(t, slices.ContainsFunc(guard, func(urn string) bool { return strings.HasSuffix(urn, made.TypeToken+"::"+made.Name) }), "%s %s", made.TypeToken, made.Name)
		}
	}
}
