package soak

import (
	"reflect"
	"slices"

	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

// checkShipping looks whether each message of sales had one effect on shipping.
func (c *checker) checkShipping() {
	c.checkCredits()
	want := map[string][]string{}
	for _, h := range c.homes {
		for _, e := range h.events() {
			for i := range shop.Messages(e.Data) {
				e.Type, e.Copy = shop.Shipped, i
				id := shop.ParcelOf(e.Data)
				want[id] = append(want[id], e.String())
			}
		}
	}
	for id, h := range c.parcels {
		c.figures.shipping += len(h.events())
		c.same("the parcels for "+id, texts(h.events()), want[id])
		delete(want, id)
	}
	for id := range want {
		c.report("the parcels for %s are missing", id)
	}
}

// checkCredits compares the credits with the wallets' events. They have the same order,
// unless something was given up on the way, so that others overtook it.
func (c *checker) checkCredits() {
	for id, h := range c.wallets {
		var want []event
		for _, e := range h.events() {
			e.Type = shop.Credited
			want = append(want, e)
		}
		got := c.credits[id].events()
		c.figures.messages += len(got)
		c.figures.shipping += len(got)
		c.same("the credits of wallet "+id, texts(got), texts(want))
		if c.cloud.Figures.GivenUp.Load() == 0 && !slices.Equal(texts(got), texts(want)) {
			c.report("the credits of wallet %s are not in the order of its events", id)
		}
	}
	for id := range c.credits {
		if _, ok := c.wallets[id]; !ok {
			c.report("there are credits of %s, which is no wallet", id)
		}
	}
	for _, h := range c.parcels {
		c.figures.messages += len(h.events())
	}
}

// checkRows compares each read model with a fold of the logs.
func (c *checker) checkRows() {
	c.compare("sales-wallets", fold("aggregate", c.wallets))
	c.compare("sales-stock", fold("tag", c.homes))
	c.compare("sales-customers", merge(fold("aggregate", c.wallets, shop.Deposited, shop.Withdrawn), fold("tag", c.reservations)))
	c.compare("shipping-overviews", merge(fold("aggregate", c.parcels), fold("tag", c.credits)))
}

// rows are the rows of a read model by id.
type rows map[string]*shop.Row

// fold makes the rows of histories, event by event, of some types or of all.
func fold(log string, histories map[string]history, only ...string) rows {
	all := rows{}
	for id, h := range histories {
		s := shop.Summary{}
		for _, e := range h.events() {
			if len(only) > 0 && !slices.Contains(only, e.Type) {
				continue
			}
			s.Count++
			if e.Type == shop.Withdrawn || e.Type == shop.Reserved {
				s.Sum -= e.Amount
			} else {
				s.Sum += e.Amount
			}
			s.Chain = shop.Link(s.Chain, e.Type, e.Data)
		}
		if s.Count > 0 {
			all[id] = &shop.Row{Logs: map[string]shop.Summary{log: s}}
		}
	}
	return all
}

// merge makes the rows of a read model that follows two logs.
func merge(first, second rows) rows {
	for id, row := range second {
		if first[id] == nil {
			first[id] = row
			continue
		}
		for log, summary := range row.Logs {
			first[id].Logs[log] = summary
		}
	}
	return first
}

// compare compares a table with rows.
func (c *checker) compare(table string, want rows) {
	got := rows{}
	for id, items := range c.cloud.Rows(table) {
		if row := readRow(items[0]); row != nil {
			got[id] = row
		}
	}
	c.figures.rows += len(got)
	for id, row := range want {
		if got[id] == nil {
			c.report("table %s has no row %s", table, id)
		} else if !reflect.DeepEqual(got[id], row) {
			c.report("table %s: the row %s is %v instead of %v", table, id, *got[id], *row)
		}
		delete(got, id)
	}
	for id := range got {
		c.report("table %s has a row %s, which no event leads to", table, id)
	}
}

// checkToDos looks whether each to-do row is done.
func (c *checker) checkToDos() {
	there := map[string]bool{}
	for id, items := range c.cloud.Rows("sales-welcome") {
		there[id] = true
		if readRow(items[0]) != nil {
			c.report("the to-do row of wallet %s is not done: %s %s", id, text(items[0]["_status"]), text(items[0]["_error"]))
		}
	}
	for id := range c.wallets {
		if !there[id] {
			c.report("there is no to-do row of wallet %s", id)
		}
	}
}
