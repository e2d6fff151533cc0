package provider

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var recordKept = flag.Bool("record", false, "record what upgrades must keep, see testdata/upgrade/README.md")

// kept are the types whose resources hold data or are known to others, with the inputs
// whose change replaces one.
var kept = map[string][]string{
	"aws:dynamodb/table:Table":                         {"name", "hashKey", "rangeKey"},
	"aws:sqs/queue:Queue":                              {"name", "fifoQueue"},
	"aws:sns/topic:Topic":                              {"name", "fifoTopic"},
	"aws:sns/topicSubscription:TopicSubscription":      {"topic", "protocol", "endpoint"},
	"aws:s3/bucketV2:BucketV2":                         {"bucket"},
	"aws:appsync/graphQLApi:GraphQLApi":                {"apiType", "visibility"},
	"aws:appsync/apiKey:ApiKey":                        {"apiId"},
	"aws:cloudwatch/logGroup:LogGroup":                 {"name", "logGroupClass"},
	"aws:lambda/eventSourceMapping:EventSourceMapping": {"eventSourceArn", "startingPosition"},
	"aws:lambda/invocation:Invocation":                 {"functionName", "qualifier", "lifecycleScope"},
	"aws:scheduler/scheduleGroup:ScheduleGroup":        {"name"},
	"aws:lambda/function:Function":                     {"name", "packageType"},
	"reventless:index:Platform":                        nil, "reventless:index:Plugin": nil,
}

// keptResource is a resource that an upgrade must keep.
type keptResource struct {
	Type, Name, Parent string
	// Inputs are those whose change replaces it.
	Inputs map[string]any
}

// keptOf are the resources of an expansion that upgrades must keep, in order.
func (e *engine) keptOf() []keptResource {
	resources := []keptResource{}
	for _, made := range e.made {
		replacing, ok := kept[made.TypeToken]
		if !ok {
			continue
		}
		inputs, all := map[string]any{}, made.Inputs.Mappable()
		for _, key := range replacing {
			if value, given := all[key]; given {
				inputs[key] = value
			}
		}
		resources = append(resources, keptResource{made.TypeToken, made.Name, made.RegisterRPC.GetParent(), inputs})
	}
	slices.SortFunc(resources, func(a, b keptResource) int { return slices.Compare([]string{a.Type, a.Name}, []string{b.Type, b.Name}) })
	return resources
}

// TestUpgradesReplaceNothing expands the programs of a former version, and wants every
// resource of then to be there under the same URN, with the same inputs that would
// replace it, or to be the alias of one.
func TestUpgradesReplaceNothing(t *testing.T) {
	t.Parallel()
	for name, deploy := range map[string]func(*engine) error{
		"platform": func(e *engine) error {
			return e.run(nil, func(ctx *pulumi.Context) error {
				_, err := testEnvironment(t).newPlatform(ctx, "platform", PlatformArgs{})
				return err
			})
		},
		"catalog":  func(e *engine) error { return deployPlugin(t, e, "catalog", catalog(t)) },
		"ordering": func(e *engine) error { return deployPlugin(t, e, "orders", ordering()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			require.NoError(t, deploy(e))
			path := filepath.Join("testdata", "upgrade", name+".json")
			if *recordKept {
				content, err := json.MarshalIndent(e.keptOf(), "", " ")
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, append(content, '\n'), 0o600))
			}
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			var before []keptResource
			require.NoError(t, json.Unmarshal(content, &before))
			require.NotEmpty(t, before)
			for _, old := range before {
				e.keeps(t, old)
			}
		})
	}
}

// keeps wants a resource of then to be one of now.
func (e *engine) keeps(t *testing.T, old keptResource) {
	t.Helper()
	for _, now := range e.keptOf() {
		if now.Type != old.Type || now.Name != old.Name && !e.aliased(now, old.Name) {
			continue
		}
		assert.Equal(t, old.Parent, now.Parent, "%s %s would be replaced: its URN has another parent", old.Type, old.Name)
		assert.Equal(t, old.Inputs, now.Inputs, "%s %s would be replaced", old.Type, old.Name)
		return
	}
	assert.Failf(t, "a resource is gone", "%s %s would be deleted: keep it, or give the one that takes its place an alias", old.Type, old.Name)
}

// aliased says whether a resource has an alias of a name.
func (e *engine) aliased(now keptResource, name string) bool {
	for _, made := range e.made {
		if made.TypeToken != now.Type || made.Name != now.Name {
			continue
		}
		for _, alias := range made.RegisterRPC.GetAliases() {
			if alias.GetSpec().GetName() == name {
				return true
			}
		}
	}
	return false
}
