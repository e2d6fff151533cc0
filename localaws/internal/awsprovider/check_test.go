package awsprovider

import (
	"context"
	"os"
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

const (
	queueType      = "aws:sqs/queue:Queue"
	tableType      = "aws:dynamodb/table:Table"
	functionType   = "aws:lambda/function:Function"
	invocationType = "aws:lambda/invocation:Invocation"
	resolverType   = "aws:appsync/resolver:Resolver"
)

func TestCheckFailures(t *testing.T) {
	t.Parallel()
	key := []any{property.Values{"name": "id", "type": "S"}}
	cases := map[string]struct {
		token  string
		inputs property.Values
		path   string
		reason string
	}{
		"unknown input":       {queueType, property.Values{"visibility": 3}, "visibility", "not expected here"},
		"required input":      {resolverType, property.Values{"apiId": "a", "type": "Query"}, "field", "Missing required argument"},
		"wrong type":          {queueType, property.Values{"fifoQueue": "yes"}, "fifoQueue", "expected boolean"},
		"range":               {queueType, property.Values{"visibilityTimeoutSeconds": 43201}, "visibilityTimeoutSeconds", "range (0 - 43200)"},
		"no JSON":             {queueType, property.Values{"redrivePolicy": "{"}, "redrivePolicy", "invalid JSON"},
		"name of FIFO queue":  {queueType, property.Values{"fifoQueue": true, "name": "q"}, "name", "ends in .fifo"},
		"enumeration":         {tableType, property.Values{"hashKey": "id", "attributes": key, "billingMode": "FREE"}, "billingMode", "PAY_PER_REQUEST"},
		"unused attribute":    {tableType, property.Values{"hashKey": "x", "attributes": key, "billingMode": "PAY_PER_REQUEST"}, "attributes", "Unused attributes"},
		"stream without view": {tableType, property.Values{"hashKey": "id", "attributes": key, "billingMode": "PAY_PER_REQUEST", "streamEnabled": true}, "streamViewType", "required"},
		"no code":             {functionType, property.Values{"role": "r", "handler": "h", "runtime": "nodejs22.x"}, "code", "one of"},
		"nested enumeration":  {functionType, property.Values{"role": "r", "imageUri": "i", "packageType": "Image", "loggingConfig": property.Values{"logFormat": "XML"}}, "loggingConfig.logFormat", "JSON"},
		"level of a log":      {"aws:appsync/graphQLApi:GraphQLApi", property.Values{"name": "a", "authenticationType": "AWS_IAM", "logConfig": property.Values{"cloudwatchLogsRoleArn": "r", "fieldLogLevel": "WARN"}}, "logConfig.fieldLogLevel", "DEBUG"},
		"CRUD needs object":   {invocationType, property.Values{"functionName": "f", "input": "[]", "lifecycleScope": "CRUD"}, "input", "JSON object"},
		"retention":           {"aws:cloudwatch/logGroup:LogGroup", property.Values{"retentionInDays": 8}, "retentionInDays", "one of"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := newLab(t, New(nil), c.token, "thing").check(c.inputs)
			require.NotEmpty(t, failures)
			assert.Equal(t, c.path, failures[0].GetProperty())
			assert.Contains(t, failures[0].GetReason(), c.reason)
			assert.Contains(t, failures[0].GetReason(), "thing."+c.path)
		})
	}
}

func TestCheckAcceptsUnknownValues(t *testing.T) {
	t.Parallel()
	l := newLab(t, New(nil), queueType, "q")
	inputs := l.checked(property.Values{"redrivePolicy": unknown, "visibilityTimeoutSeconds": unknown, "tags": unknown})
	assert.True(t, inputs["redrivePolicy"].IsComputed())
}

func TestAutoNames(t *testing.T) {
	t.Parallel()
	l := newLab(t, New(nil), queueType, "orders")
	inputs := l.checked(property.Values{"fifoQueue": true})
	assert.Regexp(t, `^orders-[0-9a-f]{7}\.fifo$`, property.Map(inputs).String("name"))
	l.inputs = inputs
	assert.True(t, inputs["name"].DeepEquals(l.checked(property.Values{"fifoQueue": true})["name"]), "the name stays")

	named := l.checked(property.Values{"fifoQueue": true, "name": "own.fifo"})
	assert.False(t, isDefault(named, "name"))
	l.inputs = named
	again := property.Map(l.checked(property.Values{"fifoQueue": true})).String("name")
	assert.NotEqual(t, "own.fifo", again, "a name that was the user's is not kept")
}

func TestCheckTurnsDocumentsIntoText(t *testing.T) {
	t.Parallel()
	l := newLab(t, New(nil), "aws:iam/role:Role", "role")
	inputs := l.checked(property.Values{"assumeRolePolicy": property.Values{"Version": "2012-10-17"}})
	assert.Equal(t, `{"Version":"2012-10-17"}`, property.Map(inputs).String("assumeRolePolicy"))
}

func TestDiff(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		token    string
		old, new property.Values
		changed  []string
		replaces []string
		first    bool // delete before replace
	}{
		"same":             {queueType, property.Values{"delaySeconds": 1}, property.Values{"delaySeconds": 1}, nil, nil, false},
		"same JSON":        {queueType, property.Values{"redrivePolicy": `{"a":1,"b":2}`}, property.Values{"redrivePolicy": `{ "b":2, "a":1 }`}, nil, nil, false},
		"update":           {queueType, property.Values{"delaySeconds": 1}, property.Values{"delaySeconds": 2}, []string{"delaySeconds"}, nil, false},
		"default is value": {queueType, property.Values{}, property.Values{"visibilityTimeoutSeconds": 30}, nil, nil, false},
		"computed removed": {queueType, property.Values{"policy": `{}`}, property.Values{}, nil, nil, false},
		"unknown":          {queueType, property.Values{"policy": `{}`}, property.Values{"policy": unknown}, []string{"policy"}, nil, false},
		"rename":           {queueType, property.Values{"name": "a"}, property.Values{"name": "b"}, []string{"name"}, []string{"name"}, true},
		"resolver field": {resolverType, property.Values{"apiId": "a", "type": "Query", "field": "x"},
			property.Values{"apiId": "a", "type": "Query", "field": "y"}, []string{"field"}, []string{"field"}, false},
		"function ARN for name": {"aws:lambda/eventSourceMapping:EventSourceMapping",
			property.Values{"functionName": "fn", "eventSourceArn": "q"},
			property.Values{"functionName": "arn:aws:lambda:eu-west-1:1:function:fn", "eventSourceArn": "q"}, nil, nil, false},
		"invocation input": {invocationType, property.Values{"functionName": "f", "input": "{}", "lifecycleScope": "CRUD"},
			property.Values{"functionName": "f", "input": `{"a":1}`, "lifecycleScope": "CRUD"}, []string{"input"}, nil, false},
		"invocation input, create only": {invocationType, property.Values{"functionName": "f", "input": "{}"},
			property.Values{"functionName": "f", "input": `{"a":1}`}, []string{"input"}, []string{"input"}, false},
		"invocation triggers": {invocationType, property.Values{"functionName": "f", "input": "{}", "lifecycleScope": "CRUD", "triggers": map[string]string{"a": "1"}},
			property.Values{"functionName": "f", "input": "{}", "lifecycleScope": "CRUD", "triggers": map[string]string{"a": "2"}}, []string{"triggers"}, []string{"triggers"}, false},
		"set order": {tableType,
			property.Values{"name": "t", "hashKey": "a", "rangeKey": "b", "billingMode": "PAY_PER_REQUEST", "attributes": []any{property.Values{"name": "a", "type": "S"}, property.Values{"name": "b", "type": "S"}}},
			property.Values{"name": "t", "hashKey": "a", "rangeKey": "b", "billingMode": "PAY_PER_REQUEST", "attributes": []any{property.Values{"name": "b", "type": "S"}, property.Values{"name": "a", "type": "S"}}}, nil, nil, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, New(nil), c.token, "thing")
			l.inputs = l.checked(c.old)
			r := l.diff(c.new)
			assert.Equal(t, c.changed, r.GetDiffs())
			assert.Equal(t, c.replaces, r.GetReplaces())
			assert.Equal(t, c.first, r.GetDeleteBeforeReplace())
			assert.Equal(t, c.changed == nil, r.GetChanges() == rpc.DiffResponse_DIFF_NONE)
		})
	}
}

// TestDeclarations: every property that a declaration names exists in the
// SDK's types, so that a misspelt name cannot go unnoticed.
func TestDeclarations(t *testing.T) {
	t.Parallel()
	for _, def := range Resources() {
		t.Run(def.Token, func(t *testing.T) {
			t.Parallel()
			inputs, outputs := inputcheck.Fields(def.Args), inputcheck.Fields(def.Result)
			known := func(names ...string) {
				for _, name := range names {
					assert.Contains(t, inputs, name)
				}
			}
			known(def.ForceNew...)
			known(def.Required...)
			known(keysOf(def.Defaults)...)
			if def.AutoName != nil {
				known(def.AutoName.Property)
			}
			for _, name := range append(def.Computed, def.Secret...) {
				assert.Contains(t, outputs, name)
			}
			for name := range outputs {
				assert.True(t, accounted(def, inputs, name), "output %s is neither input nor computed", name)
			}
		})
	}
}

func accounted[T any](def *define.Resource, inputs map[string]T, name string) bool {
	if _, ok := inputs[name]; ok || name == "tagsAll" {
		return true
	}
	for _, c := range def.Computed {
		if c == name {
			return true
		}
	}
	return false
}

func TestUnknownTypeIsRefused(t *testing.T) {
	t.Parallel()
	_, err := New(nil).Check(t.Context(), &rpc.CheckRequest{Urn: "urn:pulumi:d::p::aws:ec2/vpc:Vpc::b"})
	assert.ErrorContains(t, err, `does not serve the resource type "aws:ec2/vpc:Vpc"`)
}

func TestSchemaHasAllTypes(t *testing.T) {
	t.Parallel()
	r, err := New(nil).GetSchema(t.Context(), &rpc.GetSchemaRequest{})
	require.NoError(t, err)
	for _, def := range Resources() {
		assert.Contains(t, r.GetSchema(), `"`+def.Token+`"`)
	}
}

func TestConfigureNeedsALocalEndpoint(t *testing.T) {
	cases := map[string]struct{ endpoint, reason string }{
		"none":    {"", "this is a stand-in"},
		"AWS":     {"https://sqs.eu-west-1.amazonaws.com", "is AWS itself"},
		"no URL":  {"localhost", "is no URL"},
		"local":   {"http://127.0.0.1:4566", ""},
		"service": {"http://localaws:4566", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv(EndpointVariable, c.endpoint)
			t.Setenv("AWS_REGION", "eu-west-1")
			if c.endpoint == "" {
				require.NoError(t, os.Unsetenv(EndpointVariable))
			}
			var logged []string
			p := New(func(_ context.Context, message string) { logged = append(logged, message) })
			r, err := p.Configure(t.Context(), &rpc.ConfigureRequest{})
			if c.reason != "" {
				require.ErrorContains(t, err, c.reason)
				return
			}
			require.NoError(t, err)
			assert.True(t, r.GetSupportsPreview())
			require.Len(t, logged, 1)
			assert.Contains(t, logged[0], "stand-in")
			assert.Contains(t, logged[0], c.endpoint)
		})
	}
}

func TestDefaultNotAnsweredIsNoDrift(t *testing.T) {
	t.Parallel()
	def := New(nil).resources["aws:appsync/graphQLApi:GraphQLApi"]
	inputs := property.Values{"name": "shop", "apiType": "GRAPHQL", "logConfig": property.Values{"fieldLogLevel": "ALL"}}.Map()
	read := property.Values{"name": "shop", "apiType": nil, "logConfig": nil}.Map()
	refreshed := refreshedInputs(def, inputs, read)
	assert.True(t, property.Map(refreshed).Has("apiType"), "an unanswered default is the default")
	assert.False(t, property.Map(refreshed).Has("logConfig"))
}

func TestPreviewMarksOnlyWhatIsUndetermined(t *testing.T) {
	t.Parallel()
	l := newLab(t, New(nil), queueType, "q")
	l.p.clients = &define.Clients{}
	out := l.previewCreate(property.Values{"name": "q", "policy": "{}", "tags": map[string]string{"a": "b"}})
	assert.True(t, out["url"].IsComputed())
	assert.True(t, out["arn"].IsComputed())
	assert.Equal(t, "{}", out["policy"].StringValue())
	assert.InDelta(t, 30, out["visibilityTimeoutSeconds"].NumberValue(), 0)
	assert.True(t, out["tagsAll"].DeepEquals(out["tags"]))
}
