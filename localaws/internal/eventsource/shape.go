package eventsource

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queueRecord shapes a message as Lambda does.
func queueRecord(message sqstypes.Message, arn, region string) map[string]any {
	attributes := map[string]any{}
	for name, value := range message.Attributes {
		attributes[name] = value
	}
	messageAttributes := map[string]any{}
	for name, value := range message.MessageAttributes {
		messageAttributes[name] = messageAttribute(value)
	}
	record := map[string]any{
		"messageId": aws.ToString(message.MessageId), "receiptHandle": aws.ToString(message.ReceiptHandle), "body": aws.ToString(message.Body),
		"attributes": attributes, "messageAttributes": messageAttributes, "md5OfBody": aws.ToString(message.MD5OfBody),
		"eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": region,
	}
	if message.MD5OfMessageAttributes != nil {
		record["md5OfMessageAttributes"] = *message.MD5OfMessageAttributes
	}
	return record
}

func messageAttribute(value sqstypes.MessageAttributeValue) map[string]any {
	shaped := map[string]any{"dataType": aws.ToString(value.DataType), "stringListValues": []string{}, "binaryListValues": []string{}}
	if value.StringValue != nil {
		shaped["stringValue"] = *value.StringValue
	}
	if value.BinaryValue != nil {
		shaped["binaryValue"] = value.BinaryValue
	}
	return shaped
}

// streamRecord shapes a record of a table's stream as Lambda does.
func streamRecord(record streamtypes.Record, arn, region string) map[string]any {
	change := map[string]any{
		"Keys": item(record.Dynamodb.Keys), "SequenceNumber": aws.ToString(record.Dynamodb.SequenceNumber),
		"SizeBytes": aws.ToInt64(record.Dynamodb.SizeBytes), "StreamViewType": string(record.Dynamodb.StreamViewType),
	}
	if record.Dynamodb.ApproximateCreationDateTime != nil {
		change["ApproximateCreationDateTime"] = float64(record.Dynamodb.ApproximateCreationDateTime.Unix())
	}
	if record.Dynamodb.NewImage != nil {
		change["NewImage"] = item(record.Dynamodb.NewImage)
	}
	if record.Dynamodb.OldImage != nil {
		change["OldImage"] = item(record.Dynamodb.OldImage)
	}
	return map[string]any{
		"eventID": aws.ToString(record.EventID), "eventName": string(record.EventName), "eventVersion": "1.1",
		"eventSource": "aws:dynamodb", "awsRegion": region, "dynamodb": change, "eventSourceARN": arn,
	}
}

func item(attributes map[string]streamtypes.AttributeValue) map[string]any {
	shaped := map[string]any{}
	for name, value := range attributes {
		shaped[name] = attribute(value)
	}
	return shaped
}

// attribute is a value in DynamoDB's JSON.
func attribute(value streamtypes.AttributeValue) map[string]any {
	switch value := value.(type) {
	case *streamtypes.AttributeValueMemberS:
		return map[string]any{"S": value.Value}
	case *streamtypes.AttributeValueMemberN:
		return map[string]any{"N": value.Value}
	case *streamtypes.AttributeValueMemberB:
		return map[string]any{"B": value.Value}
	case *streamtypes.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": value.Value}
	case *streamtypes.AttributeValueMemberNULL:
		return map[string]any{"NULL": value.Value}
	case *streamtypes.AttributeValueMemberSS:
		return map[string]any{"SS": value.Value}
	case *streamtypes.AttributeValueMemberNS:
		return map[string]any{"NS": value.Value}
	case *streamtypes.AttributeValueMemberBS:
		return map[string]any{"BS": value.Value}
	case *streamtypes.AttributeValueMemberM:
		return map[string]any{"M": item(value.Value)}
	case *streamtypes.AttributeValueMemberL:
		list := make([]any, len(value.Value))
		for i, element := range value.Value {
			list[i] = attribute(element)
		}
		return map[string]any{"L": list}
	}
	return map[string]any{"NULL": true}
}
