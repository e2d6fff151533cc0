// Package inventory is the list of everything that exists in a local AWS.
//
//  1. Each service of the local AWS lists its own things as [Item] values.
//  2. [Sort] puts them into one order, so that two lists can be compared: before a
//     deployment and after its destruction they must be equal.
package inventory

import (
	"cmp"
	"slices"
)

// Item is one thing that exists.
type Item struct {
	// Service is the service's name as in the scope of a signature: "appsync",
	// "lambda", "dynamodb", "sqs".
	Service string `json:"service"`
	// Type is what the thing is, in the words of the service's API: "function",
	// "resolver", "table".
	Type string `json:"type"`
	// ID names the thing within its type: a name, an ARN or a path of names.
	ID string `json:"id"`
}

// Sort sorts items in place by service, type and id.
func Sort(items []Item) {
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
}
