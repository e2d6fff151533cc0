// Package shop is the pair of plugins that the soak run works with: their definitions,
// their handlers, and the commands that clients send.
//
//  1. sales has an aggregate with snapshots (Wallet), a DCB log with two slices (Receive,
//     which is asynchronous, and Reserve, which must not reserve more than there is of a
//     product nor more than one customer may have), read models of the aggregate
//     (Wallets), of a tag (Stock) and of both (Customers), an automation (Welcome) and two
//     extension points, of which Money publishes events as they are and Goods asks for
//     publish turns.
//  2. shipping has an extension for each. Goods leads to commands on an aggregate
//     (Parcel), Money to commands on a slice (Credit). It has a read model of both
//     (Overviews).
//  3. Handlers do nothing about repetition: they record an event for each command that
//     they see. So an effect that happens twice is seen in the log.
package shop

import (
	"github.com/reventless/pulumi-reventless/runtime/definition"
)

// Limit is how much one customer may have reserved in all.
const Limit = 150

// Names of components, event types and command types.
const (
	Wallet, Receive, Reserve, Welcome = "Wallet", "Receive", "Reserve", "Welcome"
	Parcel, Credit                    = "Parcel", "Credit"
	Money, Goods                      = "Money", "Goods"

	Open, Deposit, Withdraw, Greet = "Open", "Deposit", "Withdraw", "Greet"
	Ship                           = "Ship"

	Opened, Deposited, Withdrawn, Greeted = "Opened", "Deposited", "Withdrawn", "Greeted"
	Received, Reserved                    = "Received", "Reserved"
	Shipped, Credited                     = "Shipped", "Credited"

	// tagProduct, tagCustomer and tagAccount are tags.
	tagProduct, tagCustomer, tagAccount = "product", "customer", "account"
)

// Sales is the plugin that owns the extension points.
var Sales = definition.Definition{
	FormatVersion: definition.FormatVersion, Plugin: "sales", Version: "1.0.0", CommandQueue: "sales-commands.fifo",
	Aggregates: map[string]definition.Aggregate{
		Wallet: {
			Table: "sales-wallet", IDArgument: "walletId", SnapshotEvery: 15,
			Commands: map[string]string{"openWallet": Open, "deposit": Deposit, "withdraw": Withdraw},
		},
	},
	DCB: &definition.DCB{
		Table:  "sales-decisions",
		Tags:   map[string]definition.Tag{tagProduct: {Fields: []string{"productId"}}, tagCustomer: {Fields: []string{"walletId"}}},
		Events: map[string][]string{Received: {tagProduct}, Reserved: {tagProduct, tagCustomer}},
		Slices: map[string]definition.Slice{
			Receive: {Commands: map[string]string{"receive": Receive}, Async: true, Emits: []string{Received}, Reads: []definition.Criterion{
				{Events: []string{Received}, Tags: []string{tagProduct}},
			}},
			Reserve: {Commands: map[string]string{"reserve": Reserve}, Emits: []string{Reserved}, Reads: []definition.Criterion{
				{Events: []string{Received, Reserved}, Tags: []string{tagProduct}},
				{Events: []string{Reserved}, Tags: []string{tagCustomer}},
			}},
		},
	},
	ReadModels: map[string]definition.ReadModel{
		"Wallets": {Table: "sales-wallets", From: []definition.Source{{Aggregate: Wallet}}},
		"Stock":   {Table: "sales-stock", From: []definition.Source{{Tag: tagProduct}}},
		"Customers": {Table: "sales-customers", From: []definition.Source{
			{Aggregate: Wallet, Events: []string{Deposited, Withdrawn}}, {Tag: tagCustomer, Events: []string{Reserved}},
		}},
	},
	ToDos: map[string]definition.ToDo{
		Welcome: {Table: "sales-welcome", From: []definition.Source{{Aggregate: Wallet, Events: []string{Opened, Greeted}}}, Attempts: 5, RetrySeconds: 60},
	},
	ExtensionPoints: map[string]definition.ExtensionPoint{
		Money: {Topic: "sales-money.fifo", From: []definition.Source{{Aggregate: Wallet}}},
		Goods: {Topic: "sales-goods.fifo", From: []definition.Source{{Events: []string{Received, Reserved}}}, Publish: true},
	},
}

// Shipping is the plugin that reacts.
var Shipping = definition.Definition{
	FormatVersion: definition.FormatVersion, Plugin: "shipping", Version: "1.0.0", CommandQueue: "shipping-commands.fifo",
	Aggregates: map[string]definition.Aggregate{
		Parcel: {Table: "shipping-parcel", IDArgument: "id", SnapshotEvery: 20, Commands: map[string]string{"ship": Ship}},
	},
	DCB: &definition.DCB{
		Table:  "shipping-decisions",
		Tags:   map[string]definition.Tag{tagAccount: {Fields: []string{"walletId"}}},
		Events: map[string][]string{Credited: {tagAccount}},
		Slices: map[string]definition.Slice{
			Credit: {Commands: map[string]string{"credit": Credit}, Reads: []definition.Criterion{{Events: []string{Credited}, Tags: []string{tagAccount}}}},
		},
	},
	ReadModels: map[string]definition.ReadModel{
		"Overviews": {Table: "shipping-overviews", From: []definition.Source{{Aggregate: Parcel}, {Tag: tagAccount}}},
	},
	Extensions: map[string]definition.Extension{
		"MoneyOfSales": {Queue: "shipping-money.fifo", Plugin: "sales", ExtensionPoint: Money},
		"GoodsOfSales": {Queue: "shipping-goods.fifo", Plugin: "sales", ExtensionPoint: Goods},
	},
}
