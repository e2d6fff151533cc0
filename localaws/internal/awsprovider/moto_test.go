package awsprovider

import (
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

func tableInputs(extra property.Values) property.Values {
	inputs := property.Values{"billingMode": "PAY_PER_REQUEST", "hashKey": "id", "rangeKey": "seq",
		"attributes":    []any{property.Values{"name": "id", "type": "S"}, property.Values{"name": "seq", "type": "N"}},
		"streamEnabled": true, "streamViewType": "NEW_IMAGE",
		"pointInTimeRecovery": property.Values{"enabled": true}, "tags": map[string]string{"app": "shop"}}
	for k, v := range extra {
		inputs[k] = v
	}
	return inputs
}

func TestTable(t *testing.T) {
	t.Parallel()
	l := newLab(t, connectedTo(motoEndpoint), tableType, "orders")
	state := l.create(tableInputs(nil))
	assert.Equal(t, l.id, state.String("name"))
	assert.Contains(t, state.String("arn"), ":table/"+l.id)
	assert.Contains(t, state.String("streamArn"), "/stream/")
	assert.True(t, state.Object("pointInTimeRecovery").Bool("enabled"))
	stream := state.String("streamArn")

	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(tableInputs(nil)).GetChanges(), "no drift after create")

	changed := tableInputs(property.Values{
		"attributes": []any{property.Values{"name": "id", "type": "S"}, property.Values{"name": "seq", "type": "N"},
			property.Values{"name": "owner", "type": "S"}},
		"globalSecondaryIndexes":    []any{property.Values{"name": "byOwner", "hashKey": "owner", "projectionType": "ALL"}},
		"ttl":                       property.Values{"enabled": true, "attributeName": "expires"},
		"deletionProtectionEnabled": true, "tags": map[string]string{"app": "store"}})
	planned, err := l.tryUpdate(changed, true)
	require.NoError(t, err)
	assert.Equal(t, stream, planned["streamArn"].StringValue(), "the stream is not touched")
	state = l.update(changed)
	assert.Equal(t, "expires", state.Object("ttl").String("attributeName"))
	assert.Len(t, state.Objects("globalSecondaryIndexes"), 1)
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(changed).GetChanges(), "no drift after update")

	assert.ErrorContains(t, l.tryDelete(), "ValidationException", "deletion protection holds")
	changed["deletionProtectionEnabled"] = false
	l.update(changed)
	require.NoError(t, l.tryDelete())
	require.NoError(t, l.tryDelete(), "deleting what is gone is done")
	assert.False(t, l.refresh())
}

func TestTableStreamChangeMakesANewStream(t *testing.T) {
	t.Parallel()
	l := newLab(t, connectedTo(motoEndpoint), tableType, "streams")
	l.create(tableInputs(nil))
	planned, err := l.tryUpdate(tableInputs(property.Values{"streamViewType": "KEYS_ONLY"}), true)
	require.NoError(t, err)
	assert.True(t, planned["streamArn"].IsComputed())
	assert.False(t, planned["arn"].IsComputed())
	require.NoError(t, l.tryDelete())
}

func TestQueueAndPolicy(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	dead := newLab(t, p, queueType, "dead")
	deadState := dead.create(property.Values{"fifoQueue": true})
	queue := newLab(t, p, queueType, "commands")
	inputs := property.Values{"fifoQueue": true, "visibilityTimeoutSeconds": 60,
		"redrivePolicy": `{"maxReceiveCount": 5, "deadLetterTargetArn": "` + deadState.String("arn") + `"}`}
	state := queue.create(inputs)
	assert.Equal(t, queue.id, state.String("url"))
	assert.Equal(t, inputs["redrivePolicy"], state.String("redrivePolicy"), "the text stays as it was given")

	policy := newLab(t, p, "aws:sqs/queuePolicy:QueuePolicy", "policy")
	document := property.Values{"Version": "2012-10-17", "Statement": []any{property.Values{"Effect": "Allow",
		"Principal": property.Values{"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": state.String("arn")}}}
	policy.create(property.Values{"queueUrl": queue.id, "policy": document})
	inputs["visibilityTimeoutSeconds"] = 90
	assert.InDelta(t, 90, queue.update(inputs).Int("visibilityTimeoutSeconds"), 0)
	require.True(t, policy.refresh(), "the queue's update leaves the policy")
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, policy.diff(property.Values{"queueUrl": queue.id, "policy": document}).GetChanges())

	for _, l := range []*lab{policy, queue, dead} {
		require.NoError(t, l.tryDelete())
		assert.False(t, l.refresh())
	}
}

func TestTopicAndSubscription(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	queue := newLab(t, p, queueType, "inbox")
	endpoint := queue.create(property.Values{"fifoQueue": true}).String("arn")
	topic := newLab(t, p, "aws:sns/topic:Topic", "events")
	arn := topic.create(property.Values{"fifoTopic": true}).String("arn")
	assert.Equal(t, topic.id, arn)

	l := newLab(t, p, "aws:sns/topicSubscription:TopicSubscription", "inbox")
	inputs := property.Values{"topic": arn, "protocol": "sqs", "endpoint": endpoint, "rawMessageDelivery": true,
		"filterPolicy": `{"type": ["OrderPlaced"]}`}
	state := l.create(inputs)
	assert.True(t, state.Bool("rawMessageDelivery"))
	assert.Equal(t, "MessageAttributes", state.String("filterPolicyScope"))
	inputs["filterPolicy"] = `{"type":["OrderPlaced"]}`
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs).GetChanges())
	inputs["filterPolicy"] = `{"type":["OrderPaid"]}`
	assert.JSONEq(t, `{"type":["OrderPaid"]}`, l.update(inputs).String("filterPolicy"))
	topic.update(property.Values{"fifoTopic": true, "displayName": "Events", "tags": map[string]string{"a": "b"}})
	require.True(t, topic.refresh())
	for _, l := range []*lab{l, topic, queue} {
		require.NoError(t, l.tryDelete())
	}
	assert.False(t, topic.refresh())
}

func trust(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":["sts:AssumeRole"]}]}`
}

func TestRoleAndPolicy(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	role := newLab(t, p, "aws:iam/role:Role", "worker")
	state := role.create(property.Values{"assumeRolePolicy": trust("lambda.amazonaws.com"), "description": "works"})
	assert.Equal(t, role.id, state.String("name"))
	assert.NotEmpty(t, state.String("uniqueId"))
	require.True(t, role.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE,
		role.diff(property.Values{"assumeRolePolicy": trust("lambda.amazonaws.com"), "description": "works"}).GetChanges())
	state = role.update(property.Values{"assumeRolePolicy": trust("scheduler.amazonaws.com")})
	assert.Contains(t, state.String("assumeRolePolicy"), "scheduler")
	assert.False(t, state.Has("description"), "what is removed leaves the state")

	policy := newLab(t, p, "aws:iam/rolePolicy:RolePolicy", "access")
	inputs := property.Values{"role": role.id, "policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:Query"],"Resource":"*"}]}`}
	policy.create(inputs)
	assert.Equal(t, role.id+":"+property.Map(policy.state).String("name"), policy.id)
	inputs["policy"] = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:Query","Resource":["*"]}}`
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, policy.diff(inputs).GetChanges())
	require.Error(t, role.tryDelete(), "a role with foreign policies stays")
	require.NoError(t, policy.tryDelete())
	require.NoError(t, role.tryDelete())
	assert.False(t, policy.refresh())
}

func TestLogGroupDriftAndImport(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	l := newLab(t, p, "aws:cloudwatch/logGroup:LogGroup", "logs")
	inputs := property.Values{"name": "/shop/logs", "retentionInDays": 14, "tags": map[string]string{"a": "b"}}
	l.create(inputs)
	other := *l
	other.update(property.Values{"name": "/shop/logs", "retentionInDays": 30}) // somebody else's change
	require.True(t, l.refresh())
	assert.InDelta(t, 30, property.Map(l.inputs).Int("retentionInDays"), 0)
	assert.Equal(t, []string{"retentionInDays", "tags"}, l.diff(inputs).GetDiffs())

	imported := newLab(t, p, "aws:cloudwatch/logGroup:LogGroup", "logs")
	imported.id = "/shop/logs"
	require.True(t, imported.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE,
		imported.diff(property.Values{"name": "/shop/logs", "retentionInDays": 30}).GetChanges())
	require.NoError(t, l.tryDelete())
	assert.False(t, imported.refresh())
}

func TestMetricAlarm(t *testing.T) {
	t.Parallel()
	l := newLab(t, connectedTo(motoEndpoint), "aws:cloudwatch/metricAlarm:MetricAlarm", "letters")
	metric := property.Values{"id": "m1", "metric": property.Values{"namespace": "AWS/SQS", "metricName": "ApproximateNumberOfMessagesVisible",
		"stat": "Maximum", "period": 300, "dimensions": map[string]string{"QueueName": "letters"}}}
	inputs := func(expression string, threshold float64, metrics int) property.Values {
		queries := []any{property.Values{"id": "all", "expression": expression, "returnData": true}}
		for range metrics {
			queries = append(queries, metric)
		}
		return property.Values{"comparisonOperator": "GreaterThanThreshold", "threshold": threshold, "evaluationPeriods": 5, "datapointsToAlarm": 3,
			"treatMissingData": "notBreaching", "metricQueries": queries, "alarmDescription": "letters",
			"alarmActions": []string{"arn:aws:sns:eu-west-1:123456789012:operators"}, "tags": map[string]string{"app": "shop"}}
	}
	state := l.create(inputs("SUM(METRICS())", 0, 2))
	assert.Contains(t, state.String("arn"), ":alarm:"+l.id)
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs("SUM(METRICS())", 0, 2)).GetChanges(), "no drift after create")
	l.update(inputs("MAX(METRICS())", 7, 1))
	require.True(t, l.refresh())
	drift := l.diff(inputs("MAX(METRICS())", 7, 1))
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, drift.GetChanges(), "no drift after update: %v", drift)
	for _, refused := range []property.Values{inputs("SUM(SEARCH('x', 'Sum', 300))", 0, 0), inputs("SUM(METRICS())", 0, 10)} {
		_, failures := l.check(refused)
		assert.Len(t, failures, 1)
	}
	require.NoError(t, l.tryDelete())
	require.NoError(t, l.tryDelete(), "deleting what is gone is done")
	assert.False(t, l.refresh())
}

func TestEmailSubscription(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	topic := newLab(t, p, "aws:sns/topic:Topic", "operators").create(property.Values{})
	l := newLab(t, p, "aws:sns/topicSubscription:TopicSubscription", "operators")
	inputs := property.Values{"topic": topic.String("arn"), "protocol": "email", "endpoint": "operators@example.com"}
	l.create(inputs)
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs).GetChanges(), "no drift after create")
	require.NoError(t, l.tryDelete())
}

func TestScheduleGroup(t *testing.T) {
	t.Parallel()
	l := newLab(t, connectedTo(motoEndpoint), "aws:scheduler/scheduleGroup:ScheduleGroup", "timers")
	state := l.create(property.Values{})
	assert.Contains(t, state.String("arn"), "schedule-group/"+l.id)
	require.True(t, l.refresh())
	require.NoError(t, l.tryDelete())
	assert.False(t, l.refresh())
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	cases := map[string]struct{ key, want string }{
		"aws:index/getRegion:getRegion":                 {"name", "eu-west-1"},
		"aws:index/getPartition:getPartition":           {"partition", "aws"},
		"aws:index/getCallerIdentity:getCallerIdentity": {"accountId", "123456789012"},
	}
	for token, c := range cases {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			r, err := p.Invoke(t.Context(), &rpc.InvokeRequest{Tok: token})
			require.NoError(t, err)
			assert.Equal(t, c.want, r.GetReturn().GetFields()[c.key].GetStringValue())
		})
	}
	r, err := p.Invoke(t.Context(), &rpc.InvokeRequest{Tok: "aws:index/getRegion:getRegion", Args: encoded(t, property.Values{"nmae": "x"}.Map())})
	require.NoError(t, err)
	assert.Len(t, r.GetFailures(), 1)
}
