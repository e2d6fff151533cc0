package permissions

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	queue  = "arn:aws:sqs:eu-west-1:123456789012:s-Orders-extension.fifo"
	topic  = "arn:aws:sns:eu-west-1:123456789012:t.fifo"
	reads  = `{"Effect":"Allow","Action":["dynamodb:BatchGetItem"],"Resource":["arn:aws:dynamodb:eu-west-1:123456789012:table/s-A-rows"]}`
	lambda = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":["sts:AssumeRole"]}]}`
	logs   = `{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":["arn:aws:logs:eu-west-1:123456789012:log-group:g:*"]}`
)

func rendered(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// queries are the role of a function that answers queries, and its policy.
func queries(trust, policy string) []Resource {
	return []Resource{
		{Type: "aws:iam/role:Role", Name: "s-queries", Inputs: map[string]any{"assumeRolePolicy": trust}},
		{Type: "aws:iam/rolePolicy:RolePolicy", Name: "s-queries", Inputs: map[string]any{"name": "queries", "policy": rendered(policy)}},
	}
}

func admits(condition string) []Resource {
	return []Resource{{Type: "aws:sqs/queuePolicy:QueuePolicy", Name: "s-Orders", Inputs: map[string]any{"policy": rendered(
		`{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":["sqs:SendMessage"],"Resource":["` + queue + `"]` + condition + `}`)}}}
}

// permits is a permission to invoke a function.
func permits(part, service, source string) []Resource {
	return []Resource{{Type: "aws:lambda/permission:Permission", Name: "platform-" + part,
		Inputs: map[string]any{"action": "lambda:InvokeFunction", "principal": service, "sourceArn": source}}}
}

func TestCheckSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	const source = `"ArnEquals":{"aws:SourceArn":"` + topic + `"}`
	for name, test := range map[string]struct {
		resources []Resource
		want      string
	}{
		"as it is":             {queries(lambda, logs+","+reads), ""},
		"too much":             {queries(lambda, logs+`,{"Effect":"Allow","Action":["dynamodb:BatchGetItem","dynamodb:Scan"],"Resource":["arn:aws:dynamodb:eu-west-1:123456789012:table/s-A-rows"]}`), "dynamodb:Scan on arn:aws:dynamodb:eu-west-1:123456789012:table/s-A-rows (rows) is too much"},
		"too little":           {queries(lambda, `{"Effect":"Allow","Action":["logs:PutLogEvents"],"Resource":["arn:aws:logs:eu-west-1:123456789012:log-group:g:*"]}`), "logs:CreateLogStream on arn:aws:logs:eu-west-1:123456789012:log-group:g:* (log group) is missing"},
		"any action":           {queries(lambda, `{"Effect":"Allow","Action":["dynamodb:*"],"Resource":["arn:aws:dynamodb:eu-west-1:123456789012:table/s-A-rows"]}`), "dynamodb:* on"},
		"any table":            {queries(lambda, `{"Effect":"Allow","Action":["dynamodb:BatchGetItem"],"Resource":["arn:aws:dynamodb:eu-west-1:123456789012:table/*-rows"]}`), "has a wildcard without a reason"},
		"anything":             {queries(lambda, `{"Effect":"Allow","Action":["dynamodb:BatchGetItem"],"Resource":["*"]}`), "the table has no kind of resource for *"},
		"a condition":          {queries(lambda, logs[:len(logs)-1]+`,"Condition":{"Null":{"aws:SourceArn":"true"}}}`), "the condition is"},
		"another service":      {queries(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole"]}]}`, logs), "ec2.amazonaws.com"},
		"an unknown role":      {[]Resource{{Type: "aws:iam/rolePolicy:RolePolicy", Name: "x", Inputs: map[string]any{"name": "other", "policy": rendered(logs)}}}, "the table has no role other"},
		"a permission":         {permits("authorizer", "appsync.amazonaws.com", "arn:aws:appsync:eu-west-1:123456789012:apis/a"), ""},
		"of another function":  {permits("commands", "appsync.amazonaws.com", "arn:aws:appsync:eu-west-1:123456789012:apis/a"), "the table has no permission commands"},
		"for another service":  {permits("authorizer", "s3.amazonaws.com", "arn:aws:appsync:eu-west-1:123456789012:apis/a"), "s3.amazonaws.com may do"},
		"for every API":        {permits("authorizer", "appsync.amazonaws.com", "arn:aws:appsync:eu-west-1:123456789012:apis/*"), "is not one of the kinds API"},
		"for any source":       {permits("authorizer", "appsync.amazonaws.com", ""), "is not one of the kinds API"},
		"a function's URL":     {[]Resource{{Type: "aws:lambda/functionUrl:FunctionUrl", Name: "x"}}, "nothing of ours has one"},
		"a queue":              {admits(`,"Condition":{` + source + `,"StringEquals":{"aws:SourceAccount":"123456789012"}}`), ""},
		"a queue for anybody":  {admits(""), "the condition is not aws:SourceArn and aws:SourceAccount"},
		"a queue, no account":  {admits(`,"Condition":{` + source + `}`), "the condition is not aws:SourceArn and aws:SourceAccount"},
		"a queue, any account": {admits(`,"Condition":{` + source + `,"StringEquals":{"aws:SourceAccount":"210987654321"}}`), "is not of the account 210987654321"},
		"a queue for a bucket": {admits(`,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"aws:SourceAccount":"123456789012"}}`), "is not of the kinds topic"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checker, err := New()
			require.NoError(t, err)
			problems := checker.Check(test.resources)
			if test.want == "" {
				assert.Empty(t, problems)
				return
			}
			assert.Contains(t, strings.Join(problems, "\n"), test.want)
		})
	}
}
