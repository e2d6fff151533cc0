package provider

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func number(value int) *int { return &value }

// whole are the arguments of a plugin that has a component of every kind.
func whole(t *testing.T) PluginArgs {
	t.Helper()
	sdl, err := os.ReadFile("testdata/whole.graphql")
	require.NoError(t, err)
	return PluginArgs{
		Name:   text("shop"),
		Schema: string(sdl),
		Code:   pulumi.NewFileArchive("testdata/code"),
		Archives: map[string]pulumi.AssetOrArchiveInput{
			"imports": pulumi.NewFileArchive("testdata/code"),
		},
		Aggregates: map[string]declaration.Aggregate{
			"Store": {Commands: map[string]string{"openStore": "OpenStore"}, SnapshotEvery: number(50), Function: &declaration.Function{Memory: number(1024), Concurrency: number(2)}},
		},
		DCB: &declaration.DCB{
			Tags:   map[string]declaration.Tag{"productId": {Fields: []string{"productId", "lines.productId"}}, "categoryId": {}},
			Events: map[string][]string{"ProductAdded": {"productId", "categoryId"}, "CategoryAdded": {"categoryId"}},
			StateChangeSlices: map[string]declaration.StateChangeSlice{
				"AddProduct": {
					Commands: map[string]string{"addProduct": "AddProduct"}, Emits: []string{"ProductAdded"},
					Reads: []declaration.Criterion{
						{Events: []string{"ProductAdded"}, Tags: []string{"productId"}},
						{Events: []string{"CategoryAdded"}, Tags: []string{"categoryId"}},
					},
				},
				"AddCategory": {Commands: map[string]string{"addCategory": "AddCategory"}, Async: yes()},
			},
			StateViewSlices: map[string]declaration.ReadModel{
				"Products": {
					From:          []declaration.Source{{Tag: text("productId")}},
					Queries:       map[string]declaration.Query{"product": {Get: text("id")}, "productsByCategory": {ByIndex: text("categoryId")}},
					Subscriptions: map[string]declaration.Subscription{"productChanged": {}},
				},
			},
			Automations: map[string]declaration.Automation{
				"Restock": {From: []declaration.Source{{Tag: text("productId"), Events: []string{"ProductAdded"}}}},
			},
			OutboundTranslations: map[string]declaration.OutboundTranslation{
				"Mail": {From: []declaration.Source{{Tag: text("categoryId")}}, Attempts: number(3), Queries: map[string]declaration.Query{"mail": {Get: text("id")}}},
			},
			InboundTranslations: map[string]declaration.InboundTranslation{
				"ImportProduct": {Field: "importProduct", Queries: map[string]declaration.Query{"import": {Get: text("id")}}},
			},
		},
		Tasks: map[string]declaration.Task{
			"Imports": {Bucket: &declaration.Bucket{Suffix: text(".csv"), Content: new(declaration.BucketContent("lines"))}, Function: &declaration.Function{Archive: text("imports"), Timeout: number(300)}},
			"Nightly": {Schedule: &declaration.Recurrence{Cron: text("0 3 * * ? *"), TimeZone: text("Europe/Vienna")}},
		},
		Schedules: map[string]declaration.Schedule{"Reminder": {To: "AddProduct", Command: "Remind"}},
		Queries:   map[string]declaration.CustomQuery{"basket": {Loads: map[string]declaration.Load{"products": {ReadModel: "Products", Argument: "productIds"}}}},
		ExtensionPoints: map[string]declaration.ExtensionPoint{
			"Products": {Events: []string{"ProductAdded"}, Commands: map[string]declaration.PointCommand{"Reserve": {To: "AddProduct"}}},
		},
		Extensions: map[string]declaration.Extension{
			"Orders":  {Plugin: "ordering", ExtensionPoint: "Orders", ViaPlatform: yes(), Events: []string{"ItemOrdered"}},
			"Catalog": {Plugin: "catalog", ExtensionPoint: "Products", Where: map[string][]string{"currency": {"EUR"}}},
		},
		Dependencies: []string{catalogStack},
	}
}

func TestPluginWithEveryKindOfComponent(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "shop", whole(t)))
	golden(t, "whole.resources", e.listed())
	golden(t, "whole.policies", e.policies(t))
	for _, policy := range e.policies(t) {
		assert.NotContains(t, policy, " on *")
		assert.NotContains(t, policy, ":* on")
	}
}

func TestWholeDefinition(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "shop", whole(t)))
	described := e.definition(t, "shop-definition")
	content, err := json.MarshalIndent(described, "", "  ")
	require.NoError(t, err)
	golden(t, "whole.definition.json", strings.Split(string(content), "\n"))
}

func TestScheduleOfATaskSendsItsTime(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "shop", whole(t)))
	nightly := e.find(t, "Schedule", "shop-Nightly-task").Inputs
	assert.Equal(t, "cron(0 3 * * ? *)", nightly["scheduleExpression"].StringValue())
	assert.Equal(t, "Europe/Vienna", nightly["scheduleExpressionTimezone"].StringValue())
	assert.Contains(t, nightly["target"].ObjectValue()["input"].StringValue(), `"time":"<aws.scheduler.scheduled-time>"`)
}

func TestThePlatformIsToldWhatItHasToSubscribe(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlugin(t, e, "shop", whole(t)))
	var request protocol.ConnectRequest
	require.NoError(t, json.Unmarshal([]byte(e.find(t, "Invocation", "shop-connection").Inputs["input"].StringValue()), &request))
	require.Len(t, request.Subscriptions, 1)
	assert.Equal(t, protocol.Subscription{
		Extension: "Orders", Plugin: "ordering", ExtensionPoint: "Orders", QueueARN: arn("sqs", "shop-catalog-alpha-shop-Orders-extension.fifo"),
		DeadLetterARN: arn("sqs", "shop-catalog-alpha-shop-Orders-extension-dead-letter.fifo"),
		FilterPolicy:  `{"type":["ItemOrdered"]}`, FilterPolicyScope: "MessageAttributes",
	}, request.Subscriptions[0])
	assert.Equal(t, map[string]string{"Products": arn("sns", "shop-catalog-alpha-shop-Products-extension-point.fifo")}, request.Topics)
	assert.Equal(t, 5, request.HeartbeatMinutes)
	policy := e.find(t, "QueuePolicy", "shop-Orders-extension").Inputs["policy"].StringValue()
	assert.Contains(t, policy, `"ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-west-1:123456789012:*.fifo"}`)
	subscription := e.find(t, "TopicSubscription", "shop-Catalog-extension").Inputs
	assert.JSONEq(t, `{"data":{"currency":["EUR"]}}`, subscription["filterPolicy"].StringValue())
	assert.Equal(t, "MessageBody", subscription["filterPolicyScope"].StringValue())
}
