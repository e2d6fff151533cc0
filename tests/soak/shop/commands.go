package shop

import (
	"fmt"
	"math/rand/v2"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Ids are in use for a while only, so that histories have a length as in real life,
// however long the run: a new wallet and a new product come after so many commands, and
// so many of each are in use.
const (
	perWallet, perProduct = 10, 20
	inUse                 = 40
)

// Command is a command that a client sends.
type Command struct {
	// Ref is its number, from 1.
	Ref int
	// Field is the mutation field, Data the arguments.
	Field string
	Data  Data
	// Events is how many events it leads to if it is accepted.
	Events int
}

// NewCommand draws the command with a number.
func NewCommand(ref int, random *rand.Rand) Command {
	c := Command{Ref: ref, Events: 1, Data: Data{Ref: ref, WalletID: walletAt(ref, random), ProductID: productAt(ref, random)}}
	switch {
	case ref%perWallet == 1:
		c.Field, c.Data.WalletID, c.Data.ProductID = "openWallet", fmt.Sprintf("wallet-%d", ref/perWallet), ""
	case ref%perProduct == 2:
		c.Data.ProductID = fmt.Sprintf("product-%d", ref/perProduct)
		c.receive(random)
	default:
		c.draw(random)
	}
	return c
}

// draw draws what the command is.
func (c *Command) draw(random *rand.Rand) {
	switch kind := random.IntN(100); {
	case kind < 50:
		c.Field, c.Data.ProductID = "deposit", ""
		c.amounts(random, 6)
	case kind < 60:
		c.Field, c.Data.ProductID, c.Data.Amount = "withdraw", "", 1+random.Int64N(30)
	case kind < 90:
		c.Field = "reserve"
		c.amounts(random, 3)
	case kind < 98:
		c.receive(random)
	default:
		c.Field, c.Data.ProductID = "openWallet", ""
	}
}

// receive makes it the receipt of goods.
func (c *Command) receive(random *rand.Rand) {
	c.Field, c.Data.WalletID, c.Data.Amount = "receive", "", 20+random.Int64N(60)
}

// amounts draws up to so many amounts, each of which leads to an event.
func (c *Command) amounts(random *rand.Rand, most int) {
	c.Events = 1 + random.IntN(most)
	for range c.Events {
		c.Data.Amounts = append(c.Data.Amounts, 1+random.Int64N(9))
	}
}

// walletAt draws one of the wallets in use; some are used more than others.
func walletAt(ref int, random *rand.Rand) string {
	return fmt.Sprintf("wallet-%d", recent(ref/perWallet, random))
}

// productAt draws one of the products in use.
func productAt(ref int, random *rand.Rand) string {
	return fmt.Sprintf("product-%d", recent(ref/perProduct, random))
}

// recent draws one of the last numbers up to newest, the ones in the middle more often.
func recent(newest int, random *rand.Rand) int {
	count := min(inUse, newest+1)
	return newest - (random.IntN(count)+random.IntN(count))/2
}

// ID is the command's id.
func (c Command) ID() string { return fmt.Sprintf("command-%d", c.Ref) }

// Invocation is what the resolver of the mutation field sends.
func (c Command) Invocation() protocol.FieldInvocation {
	arguments := struct {
		Data
		CommandID string `json:"commandId"`
	}{c.Data, c.ID()}
	return protocol.FieldInvocation{Field: c.Field, Arguments: encode(arguments)}
}
