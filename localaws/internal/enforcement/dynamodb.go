package enforcement

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// dynamoDB: an index is a resource of its own, and a transaction needs what its items need.
func (n needs) dynamoDB() []Need {
	var request struct {
		TableName, IndexName string
		RequestItems         map[string]json.RawMessage
		TransactItems        []map[string]struct{ TableName string }
	}
	n.decode(&request)
	switch {
	case n.call.Operation == "TransactWriteItems" || n.call.Operation == "TransactGetItems":
		return n.transaction(request.TransactItems)
	case len(request.RequestItems) > 0:
		var tables []string
		for _, name := range slices.Sorted(maps.Keys(request.RequestItems)) {
			tables = append(tables, n.table(name))
		}
		return n.on("dynamodb", n.call.Operation, tables...)
	case request.IndexName != "":
		return n.on("dynamodb", n.call.Operation, n.table(request.TableName)+"/index/"+request.IndexName)
	case request.TableName != "":
		return n.on("dynamodb", n.call.Operation, n.table(request.TableName))
	}
	return n.on("dynamodb", n.call.Operation)
}

// transactionActions are the actions of a transaction's items.
var transactionActions = map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}

func (n needs) transaction(items []map[string]struct{ TableName string }) []Need {
	var all []Need
	for _, item := range items {
		for kind, action := range item {
			need := n.on("dynamodb", transactionActions[kind], n.table(action.TableName))[0]
			if !slices.ContainsFunc(all, func(other Need) bool { return other.Action == need.Action && other.Resource == need.Resource }) {
				all = append(all, need)
			}
		}
	}
	if len(all) == 0 {
		return n.on("dynamodb", n.call.Operation)
	}
	return all
}

func (n needs) table(reference string) string {
	if strings.HasPrefix(reference, "arn:") {
		return reference
	}
	return n.arn("dynamodb", "table/"+reference)
}

func (n needs) streams() []Need {
	var request struct{ StreamArn string }
	n.decode(&request)
	if request.StreamArn == "" {
		return n.on("dynamodb", n.call.Operation)
	}
	return n.on("dynamodb", n.call.Operation, request.StreamArn)
}
