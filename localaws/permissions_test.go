package localaws

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newEnforcing is a bed on a local AWS of its own that enforces what roles may do.
func newEnforcing(t *testing.T) *bed {
	t.Helper()
	own, err := Start(context.Background(), Options{DataDir: t.TempDir(), EnforceIAM: true})
	require.NoError(t, err)
	t.Cleanup(own.Close)
	return newBed(t, own)
}

// asker sends a message and answers with what SQS answers. It signs the request itself, and
// differs where the event says so: in the secret, the token, or the body that is sent.
const asker = `
const { createHash, createHmac } = require('crypto');
const mac = (key, text) => createHmac('sha256', key).update(text).digest();
const hash = (text) => createHash('sha256').update(text).digest('hex');
exports.handler = async ({ queue, secret, token, text }) => {
	const env = process.env, date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
	const body = JSON.stringify({ QueueUrl: queue, MessageBody: 'x' });
	const headers = { host: new URL(env.AWS_ENDPOINT_URL).host, 'x-amz-date': date, 'x-amz-security-token': token ?? env.AWS_SESSION_TOKEN, 'x-amz-target': 'AmazonSQS.SendMessage' };
	const names = Object.keys(headers).join(';'), scope = [date.slice(0, 8), env.AWS_REGION, 'sqs', 'aws4_request'];
	const canonical = ['POST', '/', '', ...Object.entries(headers).map(([name, value]) => name + ':' + value), '', names, hash(body)].join('\n');
	const key = scope.reduce(mac, 'AWS4' + (secret ?? env.AWS_SECRET_ACCESS_KEY));
	const signature = mac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\n')).toString('hex');
	const answer = await fetch(env.AWS_ENDPOINT_URL, { method: 'POST', body: body.replace('"x"', JSON.stringify(text ?? 'x')), headers: { ...headers,
		'Content-Type': 'application/x-amz-json-1.0', Authorization: 'AWS4-HMAC-SHA256 Credential=' + [env.AWS_ACCESS_KEY_ID, ...scope].join('/') + ', SignedHeaders=' + names + ', Signature=' + signature } });
	return { status: answer.status, body: await answer.text() };
};`

func TestAFunctionMayDoWhatItsRoleMay(t *testing.T) {
	t.Parallel()
	b := newEnforcing(t)
	roles := iam.NewFromConfig(config(b.server))
	queue, err := b.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	require.NoError(t, err)
	create := func(role string) error {
		_, err := b.lambda.CreateFunction(t.Context(), &lambda.CreateFunctionInput{FunctionName: aws.String("f"), Role: &role, Runtime: lambdatypes.RuntimeNodejs22x,
			Handler: aws.String("index.handler"), Code: &lambdatypes.FunctionCode{ZipFile: archive(t, "index.js", asker)}, Timeout: aws.Int32(20)})
		return err
	}
	require.ErrorContains(t, create(role), "cannot be assumed by Lambda")
	made, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("test"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	require.NoError(t, err)
	require.NoError(t, create(aws.ToString(made.Role.Arn)))
	ask := func(otherwise ...string) (answer struct {
		Status int
		Body   string
	}) {
		event := map[string]string{"queue": *queue.QueueUrl}
		for i := 0; i < len(otherwise); i += 2 {
			event[otherwise[i]] = otherwise[i+1]
		}
		payload, err := json.Marshal(event)
		require.NoError(t, err)
		output, err := b.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("f"), Payload: payload})
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(output.Payload, &answer), "%s", output.Payload)
		return answer
	}

	denied := ask()
	assert.Equal(t, 403, denied.Status)
	assert.Contains(t, denied.Body, "User: arn:aws:sts::123456789012:assumed-role/test/f is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:eu-central-1:123456789012:q"+
		" because no identity-based policy allows the sqs:sendmessage action")
	_, err = roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("test"), PolicyName: aws.String("send"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-central-1:123456789012:q"}]}`)})
	require.NoError(t, err)
	assert.Equal(t, 200, ask().Status, "a change is in force at once")
	for what, want := range map[string]string{"secret": "InvalidSignatureException", "text": "InvalidSignatureException", "token": "UnrecognizedClientException"} {
		refused := ask(what, "other")
		assert.Equal(t, 403, refused.Status, what)
		assert.Contains(t, refused.Body, "com.amazon.coral.service#"+want, what)
	}
	_, err = b.lambda.CreateEventSourceMapping(t.Context(), &lambda.CreateEventSourceMappingInput{FunctionName: aws.String("f"), EventSourceArn: aws.String("arn:aws:sqs:eu-central-1:123456789012:q")})
	require.ErrorContains(t, err, "The provided execution role does not have permissions to call ReceiveMessage on SQS")
}

func TestATopicSendsToQueuesThatAdmitIt(t *testing.T) {
	t.Parallel()
	b := newEnforcing(t)
	topics := sns.NewFromConfig(config(b.server))
	topic, err := topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("t")})
	require.NoError(t, err)
	queue, err := b.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	require.NoError(t, err)
	const arn = "arn:aws:sqs:eu-central-1:123456789012:q"
	_, err = topics.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(arn)})
	require.NoError(t, err)
	publish := func() error {
		_, err := topics.Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("x")})
		return err
	}
	admit := func(source string) {
		_, err := b.sqs.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: queue.QueueUrl, Attributes: map[string]string{
			"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + arn +
				`","Condition":{"ArnEquals":{"aws:SourceArn":"` + source + `"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`}})
		require.NoError(t, err)
	}
	require.ErrorContains(t, publish(), "do not let "+aws.ToString(topic.TopicArn)+" send to them: "+arn)
	admit("arn:aws:sns:eu-central-1:123456789012:other")
	require.ErrorContains(t, publish(), "AuthorizationError")
	admit(aws.ToString(topic.TopicArn))
	require.NoError(t, publish())
}
