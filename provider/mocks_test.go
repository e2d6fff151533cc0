package provider

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/retry"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

const (
	account       = "123456789012"
	platformStack = "organization/shop-platform/alpha"
	catalogStack  = "organization/shop-catalog/alpha"
)

// engine stands in for the engine and AWS: it remembers what is registered and answers
// functions.
type engine struct {
	mutex  sync.Mutex
	made   []pulumi.MockResourceArgs
	checks []protocol.ConnectRequest
	// asked are the providers of the checks, "" for the default one.
	asked []string
	// pool is the only user pool that exists, askedPools are the providers that were asked
	// for one.
	pool       string
	askedPools []string
	check      protocol.ConnectResult
	connect    protocol.ConnectResult
	outputs    map[string]map[string]any
}

func newEngine() *engine {
	return &engine{
		check:   protocol.ConnectResult{OK: true, Nonce: "nonce-1"},
		connect: protocol.ConnectResult{OK: true, Connected: true},
		outputs: map[string]map[string]any{
			platformStack: {"platform": anyMap(testPlatform().Values())},
			catalogStack: {"_interopMeta": map[string]any{
				"formatVersion": 1, "plugin": "catalog", "version": "1.0.0",
				"extensionPoints": map[string]any{"Products": map[string]any{"topicArn": arn("sns", "products.fifo")}},
			}},
		},
	}
}

func testPlatform() connection.Platform {
	return connection.Platform{
		Name: "platform", Stack: platformStack, APIID: "api1", GraphQLURL: "https://api1/graphql",
		ConnectFunctionName: "platform-connect", RuntimeLayerARN: arn("lambda", "layer:runtime:1"),
		AuthenticationModes: []string{"AWS_IAM"}, SchedulerGroupName: "schedules",
		LogRetentionDays: 30, Architecture: "arm64",
	}
}

func anyMap(texts map[string]string) map[string]any {
	values := map[string]any{}
	for key, text := range texts {
		values[key] = text
	}
	return values
}

func arn(service, name string) string {
	return "arn:aws:" + service + ":eu-west-1:" + account + ":" + name
}

// arnOf is the ARN of a resource, in the form of its type.
func arnOf(token, name string) string {
	switch token {
	case "aws:dynamodb/table:Table":
		return arn("dynamodb", "table/"+name)
	case "aws:lambda/function:Function":
		return arn("lambda", "function:"+name)
	case "aws:cloudwatch/logGroup:LogGroup":
		return arn("logs", "log-group:"+name)
	case "aws:iam/role:Role":
		return "arn:aws:iam::" + account + ":role/" + name
	case "aws:scheduler/scheduleGroup:ScheduleGroup":
		return arn("scheduler", "schedule-group/"+name)
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(token, "aws:"), "/")
	return arn(service, name)
}

// NewResource answers like AWS, as far as the components look at the answer.
func (e *engine) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.made = append(e.made, args)
	state := args.Inputs.Copy()
	set := func(key, value string) { state[resource.PropertyKey(key)] = resource.NewProperty(value) }
	name := args.Name
	if given, ok := args.Inputs["name"]; ok && given.IsString() {
		name = given.StringValue()
	}
	set("arn", arnOf(args.TypeToken, name))
	set("name", name)
	switch args.TypeToken {
	case "aws:dynamodb/table:Table":
		set("streamArn", arnOf(args.TypeToken, name)+"/stream/2026")
	case "aws:sqs/queue:Queue":
		set("url", "https://sqs/"+name)
	case "aws:lambda/invocation:Invocation":
		answer, err := json.Marshal(e.connect)
		if err != nil {
			return "", nil, err
		}
		set("result", string(answer))
	case "aws:s3/bucketV2:BucketV2":
		set("arn", "arn:aws:s3:::"+args.Inputs["bucket"].StringValue())
		set("bucketRegionalDomainName", args.Inputs["bucket"].StringValue()+".s3.eu-west-1.amazonaws.com")
	case "aws:appsync/graphQLApi:GraphQLApi":
		set("arn", arn("appsync", "apis/"+args.Name+"-id"))
		state["uris"] = resource.NewProperty(resource.PropertyMap{
			"GRAPHQL": resource.NewProperty("https://" + args.Name), "REALTIME": resource.NewProperty("wss://realtime." + args.Name),
		})
	case "aws:appsync/apiKey:ApiKey":
		set("key", "da2-secret")
	case "aws:cloudfront/distribution:Distribution":
		set("domainName", args.Name+".cloudfront.net")
		set("hostedZoneId", "Z2FDTNDATAQYW2")
	case "aws:acm/certificate:Certificate":
		state["domainValidationOptions"] = resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"resourceRecordName": resource.NewProperty("_proof." + args.Inputs["domainName"].StringValue()),
			"resourceRecordType": resource.NewProperty("CNAME"), "resourceRecordValue": resource.NewProperty("_proof.acm-validations.aws"),
		})})
	case "aws:route53/record:Record":
		set("fqdn", name)
	}
	return args.Name + "-id", state, nil
}

// Call answers stack outputs and checks.
func (e *engine) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	switch args.Token {
	case "pulumi:pulumi:readStackOutputs":
		stack := args.Args["name"].StringValue()
		outputs, exists := e.outputs[stack]
		if !exists {
			return nil, errors.New("unknown stack \"" + stack + "\"")
		}
		return resource.NewPropertyMapFromMap(map[string]any{"name": stack, "outputs": outputs}), nil
	case "aws:cognito/getUserPool:getUserPool":
		e.askedPools = append(e.askedPools, args.Provider)
		if id := args.Args["userPoolId"].StringValue(); id != e.pool {
			return nil, errors.New("ResourceNotFoundException: User pool " + id + " does not exist.")
		}
		return args.Args, nil
	case "aws:index/getCallerIdentity:getCallerIdentity":
		return resource.NewPropertyMapFromMap(map[string]any{"accountId": account}), nil
	case "aws:lambda/getInvocation:getInvocation":
		var request protocol.ConnectRequest
		if err := json.Unmarshal([]byte(args.Args["input"].StringValue()), &request); err != nil {
			return nil, err
		}
		e.checks, e.asked = append(e.checks, request), append(e.asked, args.Provider)
		answer, err := json.Marshal(e.check)
		return resource.NewPropertyMapFromMap(map[string]any{"result": string(answer)}), err
	}
	return nil, errors.New("unexpected function " + args.Token)
}

// components are the resources of ours that were registered, with types and names.
func (e *engine) listed() []string {
	var lines []string
	for _, made := range e.made {
		lines = append(lines, made.TypeToken+" "+made.Name)
	}
	slices.Sort(lines)
	return lines
}

// find is the resource with this type's ending and name.
func (e *engine) find(t *testing.T, kind, name string) pulumi.MockResourceArgs {
	t.Helper()
	for _, made := range e.made {
		if strings.HasSuffix(made.TypeToken, ":"+kind) && made.Name == name {
			return made
		}
	}
	require.Failf(t, "not registered", "%s %s", kind, name)
	return pulumi.MockResourceArgs{}
}

// run runs a program against the engine, with configuration.
func (e *engine) run(config map[string]string, program pulumi.RunFunc, options ...pulumi.RunOption) error {
	return pulumi.RunErr(program, append([]pulumi.RunOption{pulumi.WithMocks("shop-catalog", "alpha", e), func(info *pulumi.RunInfo) {
		info.Config = config
		info.Organization = "organization"
	}}, options...)...)
}

// testEnvironment is an environment without what mocks cannot do.
func testEnvironment(t *testing.T) environment {
	t.Helper()
	layer := t.TempDir() + "/layer.zip"
	require.NoError(t, os.WriteFile(layer, []byte("PK"), 0o600))
	return environment{
		requireEngine: func(*pulumi.Context) error { return nil },
		registerHook:  retry.None,
		runtimeLayer:  func() (string, error) { return layer, nil },
		now:           func() time.Time { return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) },
		claims:        &claims{},
	}
}

// configured is the configuration of a plugin's stack.
func configured() map[string]string {
	return map[string]string{"platform:stack": platformStack}
}

func text(value string) *string { return &value }

func yes() *bool {
	value := true
	return &value
}

// catalog are the arguments of the sample plugin.
func catalog(t *testing.T) PluginArgs {
	t.Helper()
	sdl, err := os.ReadFile("testdata/catalog.graphql")
	require.NoError(t, err)
	return PluginArgs{
		Version: text("1.4.0"),
		Schema:  string(sdl),
		Code:    pulumi.NewFileArchive("testdata/code"),
		Aggregates: map[string]declaration.Aggregate{
			"Product":  {Commands: map[string]string{"addProduct": "AddProduct", "archiveProduct": "ArchiveProduct"}},
			"Category": {Commands: map[string]string{"addCategory": "AddCategory"}},
		},
		ReadModels: map[string]declaration.ReadModel{
			"Products": {
				From: []declaration.Source{{Aggregate: text("Product")}},
				Queries: map[string]declaration.Query{
					"product": {Get: text("id")}, "products": {List: yes()},
					"productsByCategory": {ByIndex: text("categoryId"), SortBy: text("name")},
				},
			},
			"Categories": {
				From:    []declaration.Source{{Aggregate: text("Category"), Events: []string{"CategoryAdded"}}},
				Queries: map[string]declaration.Query{"category": {Get: text("id")}, "categories": {List: yes()}},
			},
		},
		ExtensionPoints: map[string]declaration.ExtensionPoint{
			"Products": {Events: []string{"ProductAdded", "ProductArchived"}},
		},
	}
}

// ordering are the arguments of a plugin with an extension and nothing to read.
func ordering() PluginArgs {
	return PluginArgs{
		Name:    text("ordering"),
		Runtime: text("python3.13"),
		Schema:  "type Mutation { placeOrder(orderId: ID!): CommandResult! }",
		Code:    pulumi.NewFileArchive("testdata/code"),
		Aggregates: map[string]declaration.Aggregate{
			"Order": {ID: text("orderId"), Commands: map[string]string{"placeOrder": "PlaceOrder"}},
		},
		Extensions: map[string]declaration.Extension{
			"Catalog": {Plugin: "catalog", ExtensionPoint: "Products", Events: []string{"ProductAdded"}},
		},
		Dependencies: []string{catalogStack},
	}
}
