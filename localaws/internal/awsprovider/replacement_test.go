package awsprovider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
)

// replacing are the inputs whose change makes the real provider replace a resource: ForceNew
// in Terraform's schema of the type. All types are here that hold data, or that others know
// by a name which AWS chose. Without an entry here an upgrade that replaces passes its tests.
var replacing = map[string][]string{
	"aws:appsync/apiKey:ApiKey":                        {"apiId"},
	"aws:appsync/dataSource:DataSource":                {"apiId", "name"},
	"aws:appsync/graphQLApi:GraphQLApi":                {"apiType", "visibility"},
	"aws:appsync/resolver:Resolver":                    {"apiId", "field", "type"},
	"aws:cloudwatch/logGroup:LogGroup":                 {"logGroupClass", "name", "namePrefix"},
	"aws:cognito/userGroup:UserGroup":                  {"name", "userPoolId"},
	"aws:cognito/userPool:UserPool":                    {"aliasAttributes", "name", "usernameAttributes", "usernameConfiguration"},
	"aws:cognito/userPoolClient:UserPoolClient":        {"generateSecret", "userPoolId"},
	"aws:dynamodb/table:Table":                         {"hashKey", "importTable", "localSecondaryIndexes", "name", "rangeKey"},
	"aws:iam/role:Role":                                {"name", "namePrefix", "path"},
	"aws:iam/rolePolicy:RolePolicy":                    {"name", "namePrefix", "role"},
	"aws:lambda/eventSourceMapping:EventSourceMapping": {"amazonManagedKafkaEventSourceConfig", "eventSourceArn", "queues", "selfManagedEventSource", "selfManagedKafkaEventSourceConfig", "startingPosition", "startingPositionTimestamp", "topics"},
	"aws:lambda/function:Function":                     {"name", "packageType"},
	"aws:lambda/invocation:Invocation":                 {"functionName", "qualifier", "triggers"},
	"aws:s3/bucketObjectv2:BucketObjectv2":             {"bucket", "key"},
	"aws:s3/bucketV2:BucketV2":                         {"bucket", "bucketPrefix", "objectLockEnabled"},
	"aws:scheduler/schedule:Schedule":                  {"groupName", "name", "namePrefix"},
	"aws:scheduler/scheduleGroup:ScheduleGroup":        {"name", "namePrefix"},
	"aws:sns/topic:Topic":                              {"fifoTopic", "name", "namePrefix"},
	"aws:sns/topicSubscription:TopicSubscription":      {"endpoint", "protocol", "topic"},
	"aws:sqs/queue:Queue":                              {"fifoQueue", "name", "namePrefix"},
	"aws:sqs/queuePolicy:QueuePolicy":                  {"queueUrl"},
}

// TestReplacements changes each input of each of these types by itself and looks whether
// the resource would be replaced.
func TestReplacements(t *testing.T) {
	t.Parallel()
	p := New(nil)
	for token, want := range replacing {
		t.Run(strings.ReplaceAll(token, "/", "-"), func(t *testing.T) {
			t.Parallel()
			def := p.resources[token]
			require.NotNil(t, def)
			var found []string
			for _, input := range slices.Sorted(maps.Keys(inputcheck.Fields(def.Args))) {
				then := resource.PropertyMap{resource.PropertyKey(input): resource.NewStringProperty("then")}
				now := resource.PropertyMap{resource.PropertyKey(input): resource.NewStringProperty("now")}
				answer := diffResponse(def, then, now)
				require.Equal(t, []string{input}, answer.GetDiffs())
				if len(answer.GetReplaces()) > 0 {
					found = append(found, input)
				}
			}
			assert.Equal(t, want, found)
		})
	}
}

// TestInvocationsOfCreationAreReplaced changes the input of invocations of either scope.
func TestInvocationsOfCreationAreReplaced(t *testing.T) {
	t.Parallel()
	def := New(nil).resources["aws:lambda/invocation:Invocation"]
	for scope, want := range map[string][]string{"CREATE_ONLY": {"input"}, "CRUD": nil} {
		of := func(input string) resource.PropertyMap {
			return resource.PropertyMap{"lifecycleScope": resource.NewStringProperty(scope), "input": resource.NewStringProperty(input)}
		}
		assert.Equal(t, want, diffResponse(def, of("then"), of("now")).GetReplaces(), scope)
	}
}
