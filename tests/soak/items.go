package soak

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/tests/soak/cloud"
	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

// event is an event as the log's table has it.
type event struct {
	Type string
	shop.Data
}

// String identifies the event.
func (e event) String() string { return e.Type + string(encode(e.Data)) }

// commit is an item of an event log's table.
type commit struct {
	command       string
	seq, position int64
	events        []event
}

// version is the number of the last event.
func (c commit) version() int64 { return c.seq + int64(len(c.events)) - 1 }

// history is all events of one id, or of one stream of a DCB log.
type history struct {
	id      string
	commits []commit
}

// events are the events of all commits.
func (h history) events() (all []event) {
	for _, c := range h.commits {
		all = append(all, c.events...)
	}
	return all
}

// histories reads an event log's table: by hash key all commits. What cannot be one of a
// log, or is not numbered without gaps, is a problem. Guards are left out.
func (w *world) histories(table string, report func(format string, values ...any)) map[string]history {
	all := map[string]history{}
	for id, items := range w.cloud.Rows(table) {
		if strings.HasPrefix(id, "command/") {
			continue
		}
		h := history{id: id}
		next := int64(1)
		for _, item := range items {
			c, err := readCommit(item)
			if err != nil {
				report("table %s, %s: %s", table, id, err)
				continue
			}
			if c.seq != next {
				report("table %s, %s: event %d follows event %d", table, id, c.seq, next-1)
			}
			next = c.version() + 1
			h.commits = append(h.commits, c)
		}
		all[id] = h
	}
	return all
}

// readCommit reads an item.
func readCommit(item cloud.Item) (c commit, err error) {
	c.command, c.seq, c.position = text(item["commandId"]), number(item["seq"]), number(item["position"])
	list, ok := item["events"].(*types.AttributeValueMemberL)
	if !ok || len(list.Value) == 0 || c.command == "" {
		return c, fmt.Errorf("item %d has no events or no command", c.seq)
	}
	for _, element := range list.Value {
		m, ok := element.(*types.AttributeValueMemberM)
		if !ok {
			return c, fmt.Errorf("item %d has an event that is no map", c.seq)
		}
		e := event{Type: text(m.Value["type"])}
		if err := json.Unmarshal([]byte(text(m.Value["data"])), &e.Data); err != nil {
			return c, fmt.Errorf("item %d: %w", c.seq, err)
		}
		c.events = append(c.events, e)
	}
	return c, nil
}

// readRow reads a row, nil when it is deleted.
func readRow(item cloud.Item) *shop.Row {
	if item["_deleted"] != nil {
		return nil
	}
	row := &shop.Row{Logs: map[string]shop.Summary{}}
	logs, _ := item["logs"].(*types.AttributeValueMemberM)
	if logs == nil {
		return row
	}
	for name, value := range logs.Value {
		if m, ok := value.(*types.AttributeValueMemberM); ok {
			row.Logs[name] = shop.Summary{Count: number(m.Value["count"]), Sum: number(m.Value["sum"]), Chain: text(m.Value["chain"])}
		}
	}
	return row
}

// text is the value of a text attribute, "" for anything else.
func text(value types.AttributeValue) string {
	if s, ok := value.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// number is the value of an integer attribute, 0 for anything else.
func number(value types.AttributeValue) int64 {
	if n, ok := value.(*types.AttributeValueMemberN); ok {
		if parsed, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return parsed
		}
	}
	return 0
}

// encode writes texts and integers as JSON.
func encode(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("soak: texts and integers cannot be written: " + err.Error())
	}
	return encoded
}
