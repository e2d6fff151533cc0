package soak

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/tests/soak/shop"
)

// mostProblems is how many problems are told.
const mostProblems = 20

// figures are what the checks counted.
type figures struct {
	sales, shipping, accepted, rejected, rows, messages int
}

// checker looks at the tables after a run.
type checker struct {
	*world
	figures  figures
	problems []error
	// wallets and decisions are the logs of sales, parcels and credits those of shipping.
	wallets, decisions, parcels, credits map[string]history
	// homes are the home streams of the DCB log of sales, reservations the streams of the
	// events of customers.
	homes, reservations map[string]history
	// recorded are the versions that commands led to, by number.
	recorded map[int]int64
}

// check compares everything and returns everything that is wrong.
func (w *world) check() (figures, error) {
	c := &checker{world: w, recorded: map[int]int64{}}
	c.wallets = w.histories("sales-wallet", c.report)
	c.decisions = w.histories("sales-decisions", c.report)
	c.parcels = w.histories("shipping-parcel", c.report)
	c.credits = within(w.histories("shipping-decisions", c.report), "account=")
	c.homes, c.reservations = within(c.decisions, "product="), within(c.decisions, "customer#Reserved=")
	c.checkWallets()
	c.checkDecisions()
	c.checkOutcomes()
	c.checkShipping()
	c.checkRows()
	c.checkToDos()
	if count := len(c.problems); count > mostProblems {
		c.problems = append(c.problems[:mostProblems], fmt.Errorf("and %d further problems", count-mostProblems))
	}
	return c.figures, errors.Join(c.problems...)
}

// report notes a problem.
func (c *checker) report(format string, values ...any) {
	c.problems = append(c.problems, fmt.Errorf(format, values...))
}

// within are the streams of a family, by value.
func within(all map[string]history, prefix string) map[string]history {
	family := map[string]history{}
	for key, h := range all {
		if value, ok := strings.CutPrefix(key, prefix); ok {
			family[value] = h
		}
	}
	return family
}

// checkWallets looks whether the log of wallets has what commands were accepted, and
// whether what the domain demands is so.
func (c *checker) checkWallets() {
	for id, h := range c.wallets {
		balance, greeted := int64(0), 0
		for i, recorded := range h.commits {
			if recorded.events[0].Type == shop.Greeted {
				greeted++
			} else {
				c.checkCommit("wallet "+id, recorded)
			}
			if opened := recorded.events[0].Type == shop.Opened; opened != (i == 0) {
				c.report("wallet %s: commit %d is %s", id, i, recorded.events[0].Type)
			}
			if balance += c.gain(id, recorded); balance < 0 {
				c.report("wallet %s: more was withdrawn than there was", id)
			}
		}
		if greeted != 1 {
			c.report("wallet %s was greeted %d times", id, greeted)
		}
	}
}

// gain is what a commit adds to the money in a wallet.
func (c *checker) gain(id string, recorded commit) (sum int64) {
	for _, e := range recorded.events {
		c.figures.sales++
		if e.WalletID != id {
			c.report("wallet %s has an event of wallet %s", id, e.WalletID)
		}
		if e.Type == shop.Withdrawn {
			sum -= e.Amount
		} else {
			sum += e.Amount
		}
	}
	return sum
}

// eventTypes are the types of the events of mutations.
var eventTypes = map[string]string{
	"openWallet": shop.Opened, "deposit": shop.Deposited, "withdraw": shop.Withdrawn, "receive": shop.Received, "reserve": shop.Reserved,
}

// checkCommit looks whether a commit is what its command leads to, and the only one.
func (c *checker) checkCommit(where string, recorded commit) {
	ref := recorded.events[0].Ref
	command := c.command(ref)
	if command.ID() != recorded.command {
		c.report("%s: the commit of %s has events of %s", where, recorded.command, command.ID())
		return
	}
	if _, twice := c.recorded[ref]; twice {
		c.report("%s: %s is recorded twice", where, recorded.command)
	}
	c.recorded[ref] = recorded.version()
	want := wanted(command)
	if !slices.Equal(texts(recorded.events), texts(want)) {
		c.report("%s: %s led to %v instead of %v", where, recorded.command, recorded.events, want)
	}
}

// wanted are the events of an accepted command.
func wanted(command shop.Command) (events []event) {
	amounts := command.Data.Amounts
	if len(amounts) == 0 {
		amounts = []int64{command.Data.Amount}
	}
	for i, amount := range amounts {
		e := event{Type: eventTypes[command.Field], Data: command.Data}
		e.Amounts, e.Part, e.Amount = nil, i, amount
		events = append(events, e)
	}
	return events
}

// texts identify events.
func texts(events []event) []string {
	all := make([]string, len(events))
	for i, e := range events {
		all[i] = e.String()
	}
	return all
}

// checkDecisions looks at the DCB log of sales in the same way, and whether both streams
// of an event have it once.
func (c *checker) checkDecisions() {
	byCustomer := map[string][]string{}
	for id, h := range c.homes {
		stock := int64(0)
		for _, recorded := range h.commits {
			c.checkCommit("product "+id, recorded)
			if stock += c.delivered(id, recorded, byCustomer); stock < 0 {
				c.report("product %s: more was reserved than there was", id)
			}
		}
	}
	c.checkReservations(byCustomer)
}

// delivered is what a commit adds to the stock of a product. Reservations are noted for
// their customers.
func (c *checker) delivered(id string, recorded commit, byCustomer map[string][]string) (sum int64) {
	for _, e := range recorded.events {
		c.figures.sales++
		if e.ProductID != id {
			c.report("product %s has an event of product %s", id, e.ProductID)
		}
		if e.Type == shop.Received {
			sum += e.Amount
			continue
		}
		sum -= e.Amount
		byCustomer[e.WalletID] = append(byCustomer[e.WalletID], e.String())
	}
	return sum
}

// checkReservations compares the streams of customers with the home streams' events.
func (c *checker) checkReservations(byCustomer map[string][]string) {
	for id, h := range c.reservations {
		sum, position := int64(0), int64(0)
		for _, commit := range h.commits {
			if commit.position <= position {
				c.report("customer %s: position %d comes after %d", id, commit.position, position)
			}
			position = commit.position
		}
		for _, e := range h.events() {
			sum += e.Amount
		}
		if sum > shop.Limit {
			c.report("customer %s has %d reserved, %d are allowed", id, sum, shop.Limit)
		}
		c.same("the events of customer "+id, texts(h.events()), byCustomer[id])
		delete(byCustomer, id)
	}
	for id := range byCustomer {
		c.report("customer %s has no stream", id)
	}
}

// same reports a difference between two collections of texts, whatever their order.
func (c *checker) same(what string, got, want []string) {
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		c.report("%s are %v instead of %v", what, got, want)
	}
}

// checkOutcomes compares the answers that clients got with the logs. A command that was
// rejected may be in the log only if it was executed more than once: a rejection leaves
// no trace, so another execution may accept it.
func (c *checker) checkOutcomes() {
	for ref := 1; ref <= int(c.next.Load()); ref++ {
		o := outcome{}
		if ref < len(c.outcomes) {
			o = c.outcomes[ref]
		}
		version, found := c.recorded[ref]
		switch {
		case o.contradiction != "":
			c.report("command-%d: %s", ref, o.contradiction)
		case !o.accepted && !o.rejected:
			c.report("command-%d has no outcome", ref)
		case o.accepted && !found:
			c.report("command-%d was accepted, but is not in the log", ref)
		case o.accepted && version != o.version:
			c.report("command-%d was accepted with version %d, but is in the log with version %d", ref, o.version, version)
		case found && !o.accepted && !o.unanswered:
			c.report("command-%d was rejected, but is in the log", ref)
		}
		if found {
			c.figures.accepted++
		} else {
			c.figures.rejected++
		}
	}
	if unsent := slices.Collect(maps.Keys(c.recorded)); len(unsent) > 0 && slices.Max(unsent) > int(c.next.Load()) {
		c.report("command-%d is in the log, but nobody sent it", slices.Max(unsent))
	}
}
