package soak

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/tests/soak/cloud"
	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

// handler answers turns with a function.
type handler func(ctx context.Context, asked []byte) ([]byte, error)

// Invoke implements [turn.Invoker].
func (h handler) Invoke(ctx context.Context, asked []byte) ([]byte, error) { return h(ctx, asked) }

// foldsWrongly adds one to the sum of one row of a read model.
func foldsWrongly(ctx context.Context, asked []byte) ([]byte, error) {
	answer, err := shop.Handler{}.Invoke(ctx, asked)
	if strings.Contains(string(asked), `"component":"Stock","id":"product-1",`) {
		answer = []byte(strings.Replace(string(answer), `"sum":`, `"sum":1`, 1))
	}
	return answer, err
}

// failsOn fails for good about one parcel.
func failsOn(ctx context.Context, asked []byte) ([]byte, error) {
	if strings.Contains(string(asked), `"component":"Parcel","id":"product-2",`) {
		return nil, errors.New("cannot")
	}
	return shop.Handler{}.Invoke(ctx, asked)
}

// tampers returns a sabotage of the messages that are sent to a queue.
func tampers(queue string, change func(body string) []string) func(*cloud.Cloud) {
	var mu sync.Mutex
	return func(c *cloud.Cloud) {
		c.Tamper = func(name, body string) []string {
			mu.Lock()
			defer mu.Unlock()
			if name != queue {
				return []string{body}
			}
			return change(body)
		}
	}
}

// losesOne drops the tenth message.
func losesOne() func(string) []string {
	count := 0
	return func(body string) []string {
		if count++; count == 10 {
			return nil
		}
		return []string{body}
	}
}

// repeatsOne sends the tenth command once more, as another command.
func repeatsOne() func(string) []string {
	count := 0
	return func(body string) []string {
		if count++; count == 10 {
			return []string{body, strings.Replace(body, `"commandId":"`, `"commandId":"x`, 1)}
		}
		return []string{body}
	}
}

// swaps lets a message of wallet-0 overtake the one before.
func swaps() func(string) []string {
	held, done := "", false
	return func(body string) []string {
		switch {
		case done || !strings.Contains(body, `"walletId":"wallet-0"`):
			return []string{body}
		case held == "":
			held = body
			return nil
		}
		done = true
		return []string{body, held}
	}
}

// doesNotGreet drops the commands of the automation for one wallet.
func doesNotGreet(body string) []string {
	if strings.Contains(body, `"id":"wallet-3","type":"Greet"`) {
		return nil
	}
	return []string{body}
}

// unconditional returns a sabotage after which the last write to an item wins.
func unconditional(table string) func(*cloud.Cloud) {
	return func(c *cloud.Cloud) { c.Unconditional = table }
}

// last is the last item of the longest partition with a prefix, so that the partition is
// still there without it. Which items there are differs from run to run.
func last(c *cloud.Cloud, table, prefix string) (item cloud.Item) {
	longest := 0
	for key, items := range c.Rows(table) {
		if strings.HasPrefix(key, prefix) && len(items) > longest {
			longest, item = len(items), items[len(items)-1]
		}
	}
	return item
}

// removes returns a sabotage that removes an item.
func removes(table, prefix string) func(*cloud.Cloud) error {
	return func(c *cloud.Cloud) error { return c.Replace(table, last(c, table, prefix), nil) }
}

// forges makes the last event of a product a reservation of more than there is.
func forges(c *cloud.Cloud) error {
	item := last(c, "sales-decisions", "product=product-1")
	encoded, err := json.Marshal(shop.Data{Ref: 1, ProductID: "product-1", Amount: 1000})
	if err != nil {
		return err
	}
	forged := cloud.Item{}
	for name, value := range item {
		forged[name] = value
	}
	forged["events"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{Value: cloud.Item{
		"type": &types.AttributeValueMemberS{Value: shop.Reserved}, "data": &types.AttributeValueMemberS{Value: string(encoded)},
	}}}}
	return c.Replace("sales-decisions", item, forged)
}

func TestTheChecksFindSabotage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options Options
		finds   string
	}{
		"a wrong fold":                {Options{Handler: handler(foldsWrongly)}, "table sales-stock: the row product-1 is"},
		"a message lost":              {Options{Sabotage: tampers("shipping-money.fifo", losesOne())}, "the credits of wallet"},
		"a parcel message lost":       {Options{Sabotage: tampers("shipping-goods.fifo", losesOne())}, "the parcels for"},
		"a command twice":             {Options{Sabotage: tampers("shipping-commands.fifo", repeatsOne())}, "instead of"},
		"messages in another order":   {Options{Sabotage: tampers("shipping-money.fifo", swaps())}, "the credits of wallet wallet-0 are not in the order"},
		"an automation without end":   {Options{Sabotage: tampers("sales-commands.fifo", doesNotGreet)}, "is not done: GIVEN_UP"},
		"lost updates of rows":        {Options{Events: 800, Sabotage: unconditional("sales-customers")}, "table sales-customers: the row"},
		"lost appends":                {Options{Sabotage: unconditional("sales-wallet")}, "given up again and again"},
		"a message that always fails": {Options{Handler: handler(failsOn)}, "are given up again and again, such as shipping-commands.fifo"},
		"a commit missing":            {Options{Spoil: removes("sales-decisions", "product=")}, "was accepted, but is not in the log"},
		"a row missing":               {Options{Spoil: removes("sales-customers", "wallet-")}, "table sales-customers has no row wallet-"},
		"an event of one stream only": {Options{Spoil: removes("sales-decisions", "customer#Reserved=")}, "the events of customer wallet-"},
		"a forged event":              {Options{Spoil: forges}, ": more was reserved than there was"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.options.Events, c.options.Seed, c.options.Output = max(200, c.options.Events), 1, io.Discard
			assert.ErrorContains(t, run(t, c.options), c.finds)
		})
	}
}
