package front

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// itemOperations are the operations of DynamoDB that read or write items.
var itemOperations = []string{"BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems", "TransactWriteItems", "UpdateItem"}

// injectDynamoDBFault answers instead of DynamoDB when a fault is due.
func (f *front) injectDynamoDBFault(w http.ResponseWriter, c *call) bool {
	if c.service != "dynamodb" || !slices.Contains(itemOperations, c.operation) {
		return false
	}
	if f.Faults.DynamoDB.Throttle() {
		f.Logger.Info("fault injected: throttled", "operation", c.operation, "table", c.text("TableName"))
		writeDynamoDBError(w, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
			"message": "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."})
		return true
	}
	if c.operation == "TransactWriteItems" && f.Faults.DynamoDB.TransactionConflict() {
		f.Logger.Info("fault injected: transaction conflict")
		writeDynamoDBError(w, transactionConflict(c))
		return true
	}
	return false
}

// transactionConflict blames the first action of the transaction.
func transactionConflict(c *call) map[string]any {
	var request struct{ TransactItems []json.RawMessage }
	_ = json.Unmarshal(c.body, &request) // an unreadable transaction has one reason
	reasons := []map[string]string{{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}}
	codes := []string{"TransactionConflict"}
	for len(reasons) < len(request.TransactItems) {
		reasons, codes = append(reasons, map[string]string{"Code": "None"}), append(codes, "None")
	}
	return map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "CancellationReasons": reasons,
		"Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]"}
}

func writeDynamoDBError(w http.ResponseWriter, body map[string]any) {
	w.Header().Set("Content-Type", jsonContent)
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(body)
}
