package front

import (
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
)

// reading are the words that operations which change nothing begin with. Receiving a message
// hides it for a while only; what counts is that it is deleted.
var reading = []string{"Get", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet", "Head", "Receive", "Assume"}

// writes says whether a request may change something.
func (c *call) writes(method string) bool {
	if c.operation == "" { // the REST protocols, S3's
		return method != http.MethodGet && method != http.MethodHead
	}
	return !slices.ContainsFunc(reading, func(word string) bool { return strings.HasPrefix(c.operation, word) })
}

// change says what a successful request wrote, if pollers may wait for it.
func (c *call) change() (Change, bool) {
	switch c.service + "." + c.operation {
	case "dynamodb.PutItem", "dynamodb.UpdateItem", "dynamodb.DeleteItem":
		return Change{Kind: ChangeTable, Names: []string{tableName(c.text("TableName"))}}, true
	case "dynamodb.BatchWriteItem":
		return Change{Kind: ChangeTable, Names: c.batchTables()}, true
	case "dynamodb.TransactWriteItems":
		return Change{Kind: ChangeTable, Names: c.transactionTables()}, true
	case "dynamodb.ExecuteStatement", "dynamodb.ExecuteTransaction", "dynamodb.BatchExecuteStatement":
		return Change{Kind: ChangeTable}, true
	case "sqs.SendMessage", "sqs.SendMessageBatch", "sqs.ChangeMessageVisibility", "sqs.ChangeMessageVisibilityBatch",
		"sqs.DeleteMessage", "sqs.DeleteMessageBatch":
		return Change{Kind: ChangeQueue, Names: []string{c.queue()}}, true
	case "sns.Publish", "sns.PublishBatch", "events.PutEvents":
		return Change{Kind: ChangeQueue}, true
	}
	return Change{}, false
}

// tableName takes the name out of a table's ARN; a plain name stays.
func tableName(reference string) string { return path.Base("/" + reference) }

func (c *call) batchTables() []string {
	var request struct{ RequestItems map[string]json.RawMessage }
	_ = json.Unmarshal(c.body, &request) // moto accepted it
	var names []string
	for table := range request.RequestItems {
		names = append(names, tableName(table))
	}
	return names
}

func (c *call) transactionTables() []string {
	var request struct {
		TransactItems []map[string]struct{ TableName string }
	}
	_ = json.Unmarshal(c.body, &request) // moto accepted it
	var names []string
	for _, item := range request.TransactItems {
		for _, action := range item {
			names = append(names, tableName(action.TableName))
		}
	}
	return names
}
