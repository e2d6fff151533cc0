package eventsource

import (
	"context"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// What Lambda does with a source in the name of the function's role.
var (
	queueActions  = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
	streamActions = []string{"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"}
)

// actions are those of the mapping's source.
func (m *mapping) actions() []string {
	if m.source.kind == KindQueue {
		return queueActions
	}
	return streamActions
}

// checkRole refuses a mapping whose function's role may not read the source, as AWS does.
func (m *mapping) checkRole(ctx context.Context) error {
	for _, action := range m.actions() {
		if m.permit(ctx, action, m.arn) == nil {
			continue
		}
		if m.source.kind == KindTable {
			return restjson.Invalid("Cannot access stream %s. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.", m.arn)
		}
		return restjson.Invalid("The provided execution role does not have permissions to call %s on SQS", action[len("sqs:"):])
	}
	if to := m.config.DestinationConfig; to != nil && to.OnFailure != nil && to.OnFailure.Destination != "" {
		if err := m.permitSend(ctx, to.OnFailure.Destination); err != nil {
			return restjson.Invalid("The provided execution role does not have permissions to call SendMessage on SQS: %s", err)
		}
	}
	return nil
}

// permitRead asks whether the role may still read the source.
func (m *mapping) permitRead(ctx context.Context) error {
	for _, action := range m.actions() {
		if err := m.permit(ctx, action, m.arn); err != nil {
			return err
		}
	}
	return nil
}

// permitSend asks whether the role may send to a queue or topic.
func (m *mapping) permitSend(ctx context.Context, arn string) error {
	if kindOf(arn) == "sns" {
		return m.permit(ctx, "sns:Publish", arn)
	}
	return m.permit(ctx, "sqs:SendMessage", arn)
}

// permit asks whether the function's role may do something.
func (m *mapping) permit(ctx context.Context, action, resource string) error {
	config, _ := m.settings()
	role, err := m.service.functions.Role(config.FunctionArn)
	if err != nil {
		return err
	}
	return m.service.options.Enforcer.CheckRole(ctx, role, "awslambda", action, resource)
}
