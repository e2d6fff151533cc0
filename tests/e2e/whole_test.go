package e2e

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// TestWhole deploys a plugin that has a component of every kind, and one that it extends,
// and uses them all.
func TestWhole(t *testing.T) {
	t.Parallel()
	w := newWhole(t)
	empty := w.inventory()
	w.up(wholePlatform, wholeSource, wholePlugin)
	w.unchanged(wholePlugin)
	w.permitted(wholePlatform, wholeSource, wholePlugin)
	outputs, err := w.stack(wholePlugin).Outputs(t.Context())
	require.NoError(t, err)
	story := whole{world: w, client: w.client(wholePlatform), outputs: outputs}
	for _, part := range []struct {
		name string
		do   func(t *testing.T)
	}{
		{"an asynchronous command's outcome comes by subscription", story.async},
		{"changed rows come to who subscribed to them", story.feed},
		{"the handler answers queries, be it with null", story.query},
		{"a long history is not read again and again", story.snapshots},
		{"a component has code and settings of its own", story.override},
		{"one of two concurrent decisions wins", story.race},
		{"an automation tries again, and gives up", story.automation},
		{"an outbound translation calls until it succeeds, or gives up", story.outbound},
		{"an inbound translation is recorded, and has one outcome", story.inbound},
		{"each version of an object is worked on once", story.objects},
		{"an object that cannot be worked on is kept as a message", story.badObject},
		{"a task writes when it is time", story.report},
		{"the handler makes schedules and cancels them", story.schedules},
		{"of two extensions of one point each gets what it asks for", story.filters},
		{"a poisonous message holds up its own key alone", story.poison},
	} {
		w.step(part.name, part.do)
	}
	w.step("an operator takes all of its fields out of the API and brings them back", story.detached)
	w.step("a stack that was refreshed meanwhile makes its resolvers again", story.forgotten)
	w.step("what is destroyed leaves nothing behind", func(t *testing.T) {
		for _, task := range []string{"Lines", "Report"} {
			story.empty(task) // nothing deletes a bucket with something in it
		}
		w.destroy(wholePlugin, wholeSource, wholePlatform)
		assert.Equal(t, empty, w.inventory())
	})
}

// whole is the world of [TestWhole].
type whole struct {
	*world
	client graphqlclient.Client
	// outputs are those of the plugin's stack.
	outputs map[string]any
}

func (w whole) async(t *testing.T) {
	outcomes := map[string]<-chan graphqlclient.Event{}
	commands := []string{"a accept", "b accept", "b poison", "b reject", "b accept again", "c accept"}
	for _, command := range commands {
		outcomes[command] = w.subscribe(w.client, fmt.Sprintf(`subscription { Platform_commandCompleted(commandId: %q) { status id commandId code } }`, command))
	}
	w.hold("commands-Later", func() { // so that they are worked on together
		for _, command := range commands {
			how := strings.Fields(command)
			answer := w.ask(w.client, fmt.Sprintf(`mutation { later(id: %q, how: %q, commandId: %q) { status } }`, how[0], how[1], command))
			assert.Equal(t, map[string]any{"status": "PENDING"}, answer["later"])
		}
		until(t, func() error { return w.queued("whole-alpha-whole-commands-Later.fifo", len(commands)) })
	})
	for _, command := range commands {
		want := map[string]any{"status": "ACCEPTED", "id": command[:1], "commandId": command, "code": nil}
		switch strings.Fields(command)[1] {
		case "reject":
			want["status"], want["code"] = "REJECTED", "NotNow"
		case "poison":
			want["status"], want["code"] = "REJECTED", "HandlerError"
		}
		assert.Equal(t, want, w.next(outcomes[command])["Platform_commandCompleted"])
	}
	const dead = "whole-alpha-whole-commands-Later-dead-letter.fifo"
	until(t, func() error { return w.letters(dead) })
	given := w.messages(dead)
	require.Len(t, given, 1)
	assert.Contains(t, given[0], "b poison")
	assert.Len(t, w.eventLog("whole-alpha-whole-Later-events", "b"), 2)
}

func (w whole) feed(t *testing.T) {
	const row = `{ id color painted }`
	one := w.subscribe(w.client, `subscription { thingChanged(id: "one") `+row+` }`)
	red := w.subscribe(w.client, `subscription { thingChanged(color: "red") `+row+` }`)
	paint := func(id, color string) {
		w.ask(w.client, fmt.Sprintf(`mutation { paint(id: %q, color: %q) { status } }`, id, color))
		w.eventually(w.client, fmt.Sprintf(`{ thing(id: %q) { color } }`, id), func(data map[string]any) bool {
			thing, _ := data["thing"].(map[string]any)
			return thing != nil && thing["color"] == color
		})
	}
	thing := func(id, color string, painted float64) map[string]any {
		return map[string]any{"thingChanged": map[string]any{"id": id, "color": color, "painted": painted}}
	}
	paint("two", "blue")
	paint("one", "green")
	paint("two", "red")
	assert.Equal(t, thing("one", "green", 1), w.next(one), "not the other thing")
	assert.Equal(t, thing("two", "red", 2), w.next(red), "not the other colors")

	w.ask(w.client, `mutation { drop(id: "one") { status } }`)
	w.eventually(w.client, `{ thing(id: "one") { id } }`, func(data map[string]any) bool { return data["thing"] == nil })
	paint("one", "red")
	assert.Equal(t, thing("one", "red", 1), w.next(one), "not the deleted row, and a new one begins anew")
	assert.Equal(t, thing("one", "red", 1), w.next(red))
}

func (w whole) query(t *testing.T) {
	odd := func(how string) any {
		return w.ask(w.client, fmt.Sprintf(`{ odd(how: %q, ids: ["one", "nothing", "two"]) { error { type message } things { id painted } } }`, how))["odd"]
	}
	assert.Nil(t, odd("null"))
	assert.Equal(t, map[string]any{"error": map[string]any{"type": "Sample", "message": "no failure"}, "things": nil}, odd("error"))
	assert.Equal(t, map[string]any{"error": nil, "things": []any{
		map[string]any{"id": "one", "painted": 1.0}, nil, map[string]any{"id": "two", "painted": 2.0},
	}}, odd("rows"))
	response, err := w.client.Do(t.Context(), `{ odd(how: "throw") { error { type } } }`, nil)
	require.NoError(t, err)
	require.Len(t, response.Errors, 1)
	assert.Equal(t, "HandlerError", response.Errors[0].ErrorType)
	assert.Contains(t, response.Errors[0].Message, "a failure")
}

// snapshots makes a history that takes several requests to read: one request reads 1 MB.
func (w whole) snapshots(t *testing.T) {
	const events = 35
	grow := func() (version float64, requests int) {
		before := w.requests("dynamodb.Query") + w.requests("dynamodb.GetItem")
		answer := w.ask(w.client, `mutation { grow(id: "long") { version } }`)
		return answer["grow"].(map[string]any)["version"].(float64), w.requests("dynamodb.Query") + w.requests("dynamodb.GetItem") - before
	}
	_, first := grow()
	last := make([]int, events+1)
	for number := 2; number <= events; number++ {
		var version float64
		version, last[number] = grow()
		assert.EqualValues(t, number, version)
	}
	// The platform asks for something too now and then, but not all the time.
	assert.LessOrEqual(t, slices.Min(last[events-4:]), first+1, "a request for the snapshot, none for each MB of history")
	assert.Len(t, w.eventLog("whole-alpha-whole-Long-events", "long"), events, "the events stay")
}

func (w whole) override(t *testing.T) {
	answer := w.ask(w.client, `mutation { ask(id: "o") { status code message } }`)
	assert.Equal(t, map[string]any{"status": "REJECTED", "code": "OtherCode", "message": "256 MB for Other"}, answer["ask"])
	name := w.output("functions", "commands-Other")
	client := lambda.NewFromConfig(w.aws())
	function, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: &name})
	require.NoError(t, err)
	assert.EqualValues(t, 256, aws.ToInt32(function.Configuration.MemorySize))
	assert.EqualValues(t, 7, aws.ToInt32(function.Configuration.Timeout))
	require.NotNil(t, function.Concurrency)
	assert.EqualValues(t, 2, aws.ToInt32(function.Concurrency.ReservedConcurrentExecutions))
}

func (w whole) race(t *testing.T) {
	for i := range 3 {
		seat := fmt.Sprintf("raced-%d", i)
		codes := w.takeAtOnce([2]string{seat, seat + "-ada"}, [2]string{seat, seat + "-bob"})
		assert.ElementsMatch(t, []any{nil, "Taken"}, codes, "of one seat")
		owner := fmt.Sprintf("racer-%d", i)
		codes = w.takeAtOnce([2]string{owner + "-left", owner}, [2]string{owner + "-right", owner})
		assert.ElementsMatch(t, []any{nil, "OneSeatEach"}, codes, "of one owner, for two seats")
	}
}

// takeAtOnce lets owners take seats at the same time, and returns the codes of the
// answers.
func (w whole) takeAtOnce(wishes ...[2]string) []any {
	codes, problems := make([]any, len(wishes)), make(chan error, len(wishes))
	for i, wish := range wishes {
		go func() {
			var data struct{ TakeSeat struct{ Code any } }
			err := w.client.Data(w.t.Context(), &data, takeSeat(wish[0], wish[1]), nil)
			codes[i] = data.TakeSeat.Code
			problems <- err
		}()
	}
	for range wishes {
		require.NoError(w.t, <-problems)
	}
	return codes
}

func takeSeat(seat, owner string) string {
	return fmt.Sprintf(`mutation { takeSeat(seatId: %q, ownerId: %q) { status code } }`, seat, owner)
}

func (w whole) automation(t *testing.T) {
	for _, owner := range []string{"pay-first", "pay-second", "pay-never"} {
		w.ask(w.client, takeSeat("seat of "+owner, owner))
	}
	const query = `{ payment(id: "seat of pay-%s") { _status _attempt _error } }`
	for _, owner := range []string{"first", "second"} {
		w.eventually(w.client, fmt.Sprintf(query, owner), func(data map[string]any) bool {
			return data["payment"] == nil && len(w.dcbEvents("seatId", "seat of pay-"+owner)) == 2
		})
	}
	given := w.eventually(w.client, fmt.Sprintf(query, "never"), hasStatus("payment", "GIVEN_UP"))["payment"].(map[string]any)
	assert.EqualValues(t, 2, given["_attempt"])
	assert.Contains(t, given["_error"], "2 attempts")
}

func (w whole) outbound(t *testing.T) {
	for _, owner := range []string{"mail-late", "mail-never"} {
		w.ask(w.client, takeSeat("seat of "+owner, owner))
	}
	const query = `{ mail(id: "seat of mail-%s") { _status _attempt _error _result { attempt commandId } } }`
	given := w.eventually(w.client, fmt.Sprintf(query, "never"), hasStatus("mail", "GIVEN_UP"))["mail"].(map[string]any)
	assert.Equal(t, map[string]any{"_status": "GIVEN_UP", "_attempt": 1.0, "_error": "NoSuchAddress: returned", "_result": nil}, given)
	done := w.eventually(w.client, fmt.Sprintf(query, "late"), hasStatus("mail", "COMPLETED"))["mail"].(map[string]any)
	assert.EqualValues(t, 3, done["_attempt"])
	result := done["_result"].(map[string]any)
	assert.EqualValues(t, 3, result["attempt"])
	assert.NotEmpty(t, result["commandId"])
}

func (w whole) inbound(t *testing.T) {
	send := func(code, command string) any {
		return w.ask(w.client, fmt.Sprintf(`mutation { importSeat(code: %q, commandId: %q) { status id version commandId code } }`, code, command))["importSeat"]
	}
	first := send("i-1:importer", "import-1")
	assert.Equal(t, "ACCEPTED", first.(map[string]any)["status"])
	assert.Equal(t, first, send("i-1:importer", "import-1"), "the first answer")
	assert.Equal(t, first, send("i-2:another", "import-1"), "the first answer, whatever comes with the id")
	assert.Len(t, w.dcbEvents("seatId", "i-1"), 1)
	assert.Empty(t, w.dcbEvents("seatId", "i-2"))
	refused := send("nonsense", "import-2").(map[string]any)
	assert.Equal(t, "REJECTED", refused["status"])
	assert.Equal(t, "NoOwner", refused["code"])
	audit := w.ask(w.client, `{ one: seatImport(id: "import-1") { status code input } two: seatImport(id: "import-2") { status code input } }`)
	assert.Equal(t, map[string]any{"status": "ACCEPTED", "code": nil, "input": `{"code":"i-1:importer"}`}, audit["one"])
	assert.Equal(t, map[string]any{"status": "REJECTED", "code": "NoOwner", "input": `{"code":"nonsense"}`}, audit["two"])
}

const umlauts = "in/Einkäufe im März (2. Öffnung) + Grüße.csv"

func (w whole) objects(t *testing.T) {
	// Whatever is delivered twice, or ends in the middle.
	w.faults(map[string]any{"mappings": map[string]any{"duplicateEvery": 2}, "lambda": map[string]any{"crashEvery": 7}})
	defer w.faults(map[string]any{"mappings": map[string]any{"duplicateEvery": 0}, "lambda": map[string]any{"crashEvery": 0}})
	const content = "id\nrow 1\nrow 2\nrow 3\nrow 4\nrow 5\n"
	for version := 1; version <= 2; version++ {
		w.put("Lines", umlauts, content)
		for row := 1; row <= 5; row++ {
			w.tallied(fmt.Sprintf("row %d", row), version)
		}
	}
	w.put("Lines", "elsewhere.csv", "id\nrow 1\n")
	w.put("Lines", "in/other.txt", "id\nrow 1\n")
	w.put("Lines", "in/last.csv", "id\nrow 6\n")
	w.tallied("row 6", 1)
	w.worked()
	for row := 1; row <= 5; row++ {
		w.tallied(fmt.Sprintf("row %d", row), 2)
	}
}

func (w whole) badObject(t *testing.T) {
	w.put("Lines", "in/böse.csv", "id\nbad\nrow 7\n")
	w.put("Lines", "in/good.csv", "id\nrow 8\n")
	w.tallied("row 8", 1)
	const queue = "whole-alpha-whole-tasks-dead-letter"
	until(t, func() error { return w.letters(queue) })
	messages := w.messages(queue)
	require.Len(t, messages, 1)
	assert.Contains(t, messages[0], "in/b%C3%B6se.csv")
	w.tallied("row 7", 0)
}

func (w whole) report(t *testing.T) {
	const key = "Bericht für alle.txt"
	first := w.object("Report", key, "")
	w.advance(5 * time.Minute)
	second := w.object("Report", key, first)
	for _, text := range []string{first, second} {
		_, err := time.Parse("2006-01-02T15:04:05.000Z", text)
		assert.NoError(t, err)
	}
	assert.Less(t, first, second)
}

func (w whole) schedules(t *testing.T) {
	w.faults(map[string]any{"scheduler": map[string]any{"duplicateEvery": 1}}) // each fires twice
	defer w.faults(map[string]any{"scheduler": map[string]any{"duplicateEvery": 0}})
	var clock struct{ Now time.Time }
	w.admin("GET", "clock", nil, &clock)
	at := clock.Now.Add(3 * time.Minute).Format(time.RFC3339)
	tell := func(how, key string) {
		w.ask(w.client, fmt.Sprintf(`mutation { tell(id: %[2]q, how: %[1]q, key: %[2]q, at: %[3]q) { status } }`, how, key, at))
	}
	alarms := func(count int) {
		until(t, func() error {
			var found []string
			for _, item := range w.inventory() {
				if strings.Contains(item, "/Alarm-") {
					found = append(found, item)
				}
			}
			if len(found) != count {
				return fmt.Errorf("there should be %d schedules: %q", count, found)
			}
			return nil
		})
	}
	tell("schedule", "kept")
	tell("schedule", "cancelled")
	alarms(2)
	tell("unschedule", "cancelled")
	alarms(1)
	w.tallied("kept", 0)
	w.advance(4 * time.Minute)
	w.tallied("kept", 1)
	alarms(0) // it is gone only when it has fired for the second time
	w.worked()
	w.tallied("kept", 1)
	w.tallied("cancelled", 0)
}

func (w whole) filters(t *testing.T) {
	for _, how := range []string{"count", "loud", "count", "loud"} {
		w.ask(w.client, fmt.Sprintf(`mutation { tell(id: "filtered", how: %q, key: "filtered") { status } }`, how))
	}
	w.tallied("filtered", 2)
	w.tallied("loud filtered", 2) // the last message, behind which nothing can come any more
	w.worked()
	w.tallied("count filtered", 0)
}

func (w whole) poison(t *testing.T) {
	const dead = "whole-alpha-whole-Told-extension-dead-letter.fifo"
	told := []string{"p1 count", "p2 count", "p2 poison", "p3 count", "p2 count", "p1 count"}
	w.hold("reactions", func() {
		for _, message := range told {
			key, how, _ := strings.Cut(message, " ")
			w.ask(w.client, fmt.Sprintf(`mutation { tell(id: %[1]q, how: %[2]q, key: %[1]q) { status } }`, key, how))
		}
		until(t, func() error { return w.queued("whole-alpha-whole-Told-extension.fifo", len(told)) })
	})
	w.tallied("p1", 2)
	w.tallied("p3", 1)
	w.tallied("p2", 2) // what is behind the poisonous one, in the same batch, goes on after it
	until(t, func() error { return w.letters(dead) })
	given := w.messages(dead)
	require.Len(t, given, 1)
	assert.Contains(t, given[0], "poison")
}

// detached takes resolvers of every kind away and back.
func (w whole) detached(t *testing.T) {
	fields := w.rootFields(w.client)
	w.operated(w.client, `Platform_deactivatePlugin(id: "whole")`)
	require.NoError(t, missing(w.rootFields(w.client), "thing", "odd", "paint", "importSeat", "whole_thingChanged_feed"))
	w.ask(w.client, `mutation { tell(id: "inactive", how: "count", key: "inactive") { status } }`)
	until(t, func() error {
		if len(w.eventLog("whole-alpha-whole-Tally-events", "inactive")) == 0 {
			return errors.New("the plugin does not work on messages")
		}
		return nil
	})
	w.operated(w.client, `Platform_activatePlugin(id: "whole")`)
	assert.ElementsMatch(t, fields, w.rootFields(w.client))
	w.tallied("inactive", 1)
	w.query(t)
	changes := w.subscribe(w.client, `subscription { thingChanged(id: "three") { color } }`)
	w.ask(w.client, `mutation { paint(id: "three", color: "black") { status } }`)
	assert.Equal(t, map[string]any{"thingChanged": map[string]any{"color": "black"}}, w.next(changes))
	w.unchanged(wholePlugin)
	_, err := w.stack(wholePlugin).Refresh(t.Context(), "--expect-no-changes")
	require.NoError(t, err)
}

// forgotten refreshes the stack while its resolvers are away. The platform attaches them
// again, and gives them up when the stack makes its own.
func (w whole) forgotten(t *testing.T) {
	fields := w.rootFields(w.client)
	w.operated(w.client, `Platform_deactivatePlugin(id: "whole")`)
	_, err := w.stack(wholePlugin).Refresh(t.Context())
	require.NoError(t, err)
	w.operated(w.client, `Platform_activatePlugin(id: "whole")`)
	w.query(t)
	w.up(wholePlugin)
	assert.ElementsMatch(t, fields, w.rootFields(w.client))
	w.query(t)
	w.unchanged(wholePlugin)
	_, err = w.stack(wholePlugin).Refresh(t.Context(), "--expect-no-changes")
	require.NoError(t, err)
}
