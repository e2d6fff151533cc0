package shop

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Data is the data of all commands, events and messages.
type Data struct {
	// Ref is the number of the client's command that led to it, 0 for none; Part counts
	// the events of one command and Copy the messages of one event.
	Ref       int    `json:"ref"`
	Part      int    `json:"part"`
	Copy      int    `json:"copy,omitempty"`
	WalletID  string `json:"walletId,omitempty"`
	ProductID string `json:"productId,omitempty"`
	Amount    int64  `json:"amount"`
	// Amounts are those of a command that leads to several events.
	Amounts []int64 `json:"amounts,omitempty"`
}

// Row is a row of any of the read models.
type Row struct {
	// Logs has what the row knows of each log that it follows: "aggregate" and "tag".
	Logs map[string]Summary `json:"logs"`
}

// Summary is what a row knows of one log.
type Summary struct {
	Count int64 `json:"count"`
	Sum   int64 `json:"sum"`
	// Chain depends on all events and on their order.
	Chain string `json:"chain"`
}

// Handler answers the turns of both plugins.
type Handler struct{}

// asked is what the handler reads of a turn.
type asked struct {
	Kind      turn.Kind
	Component string
	ID        string
	Command   turn.Command
	Snapshot  *wallet
	History   []turn.RecordedEvent
	Row       *Row
	Event     turn.RecordedEvent
	Message   turn.Message
}

// Invoke implements [turn.Invoker].
func (Handler) Invoke(_ context.Context, encoded []byte) ([]byte, error) {
	var t asked
	if err := json.Unmarshal(encoded, &t); err != nil {
		return nil, err
	}
	answer, err := t.answer()
	if err != nil {
		return nil, fmt.Errorf("%s turn of %s: %w", t.Kind, t.Component, err)
	}
	return json.Marshal(answer)
}

// The answers, without the members that are not part of them.
type (
	accepted struct {
		Events   []turn.Event `json:"events"`
		Snapshot any          `json:"snapshot,omitempty"`
	}
	rejected struct {
		Reject turn.Reject `json:"reject"`
	}
	projected struct {
		Row *Row `json:"row"`
	}
	published struct {
		Messages []turn.Message `json:"messages"`
	}
	reacted struct {
		Commands []turn.CommandTo `json:"commands"`
	}
)

// answer answers a turn.
func (t asked) answer() (any, error) {
	switch t.Kind {
	case turn.Decide:
		return t.decide()
	case turn.Project:
		return t.project()
	case turn.Publish:
		return t.publish()
	case turn.React:
		return t.react()
	}
	return nil, fmt.Errorf("there are no turns of the kind %q", t.Kind)
}

// decide asks the component.
func (t asked) decide() (any, error) {
	var data Data
	if err := json.Unmarshal(t.Command.Data, &data); err != nil {
		return nil, err
	}
	switch t.Component {
	case Wallet:
		return t.decideWallet(data)
	case Reserve:
		return t.decideReserve(data)
	case Receive:
		return record(Received, data), nil
	case Credit:
		return record(Credited, data), nil
	case Parcel:
		parcel := record(Shipped, data)
		parcel.Snapshot = struct{}{}
		return parcel, nil
	}
	return nil, fmt.Errorf("there is no component %q", t.Component)
}

// record answers with an event for each of the amounts, or one with the amount.
func record(eventType string, data Data) accepted {
	amounts := data.Amounts
	if data.Amounts = nil; len(amounts) == 0 {
		amounts = []int64{data.Amount}
	}
	a := accepted{Events: []turn.Event{}}
	for i, amount := range amounts {
		if len(amounts) > 1 {
			data.Part = i
		}
		data.Amount = amount
		a.Events = append(a.Events, turn.Event{Type: eventType, Data: encode(data)})
	}
	return a
}

// refuse answers with a refusal.
func refuse(code string) (any, error) {
	return rejected{turn.Reject{Code: code, Message: "not possible"}}, nil
}

// wallet is the state of a wallet.
type wallet struct {
	Open    bool  `json:"open"`
	Greeted bool  `json:"greeted"`
	Balance int64 `json:"balance"`
}

// apply brings the wallet past an event.
func (w *wallet) apply(eventType string, amount int64) {
	switch eventType {
	case Opened:
		w.Open = true
	case Greeted:
		w.Greeted = true
	case Deposited:
		w.Balance += amount
	case Withdrawn:
		w.Balance -= amount
	}
}

// decideWallet decides on a command for a wallet.
func (t asked) decideWallet(data Data) (any, error) {
	var state wallet
	if t.Snapshot != nil {
		state = *t.Snapshot
	}
	for _, e := range t.History {
		var happened Data
		if err := json.Unmarshal(e.Data, &happened); err != nil {
			return nil, err
		}
		state.apply(e.Type, happened.Amount)
	}
	switch {
	case t.Command.Type == Open && state.Open:
		return refuse("AlreadyOpen")
	case t.Command.Type != Open && !state.Open:
		return refuse("NotOpen")
	case t.Command.Type == Withdraw && state.Balance < data.Amount:
		return refuse("TooLittleMoney")
	case t.Command.Type == Greet && state.Greeted:
		return accepted{Events: []turn.Event{}}, nil
	}
	eventTypes := map[string]string{Open: Opened, Deposit: Deposited, Withdraw: Withdrawn, Greet: Greeted}
	answer := record(eventTypes[t.Command.Type], data)
	for _, amount := range append(data.Amounts, data.Amount) {
		state.apply(eventTypes[t.Command.Type], amount)
	}
	answer.Snapshot = state
	return answer, nil
}

// decideReserve decides on a reservation: there must be enough of the product, and the
// customer must not have too much of all products.
func (t asked) decideReserve(data Data) (any, error) {
	stock, taken := int64(0), int64(0)
	for _, e := range t.History {
		var happened Data
		if err := json.Unmarshal(e.Data, &happened); err != nil {
			return nil, err
		}
		switch {
		case e.Type == Received:
			stock += happened.Amount
		case happened.ProductID == data.ProductID:
			stock -= happened.Amount
		}
		if e.Type == Reserved && happened.WalletID == data.WalletID {
			taken += happened.Amount
		}
	}
	wanted := int64(0)
	for _, amount := range data.Amounts {
		wanted += amount
	}
	switch {
	case wanted > stock:
		return refuse("SoldOut")
	case taken+wanted > Limit:
		return refuse("LimitReached")
	}
	return record(Reserved, data), nil
}

// project folds an event into a row.
func (t asked) project() (any, error) {
	if t.Component == Welcome && t.Event.Type == Greeted {
		return projected{nil}, nil
	}
	var data Data
	if err := json.Unmarshal(t.Event.Data, &data); err != nil {
		return nil, err
	}
	row := t.Row
	if row == nil {
		row = &Row{Logs: map[string]Summary{}}
	}
	log := "aggregate"
	if len(t.Event.Tags) > 0 {
		log = "tag"
	}
	summary := row.Logs[log]
	summary.add(t.Event.Type, data)
	row.Logs[log] = summary
	return projected{row}, nil
}

// add adds an event.
func (s *Summary) add(eventType string, data Data) {
	s.Count++
	switch eventType {
	case Withdrawn, Reserved:
		s.Sum -= data.Amount
	default:
		s.Sum += data.Amount
	}
	s.Chain = Link(s.Chain, eventType, data)
}

// publish makes no message of every tenth event, two of every fifth and one of the others.
func (t asked) publish() (any, error) {
	var data Data
	if err := json.Unmarshal(t.Event.Data, &data); err != nil {
		return nil, err
	}
	answer := published{Messages: []turn.Message{}}
	for i := range Messages(data) {
		data.Copy = i
		answer.Messages = append(answer.Messages, turn.Message{Type: t.Event.Type, Data: encode(data), Key: data.WalletID})
	}
	return answer, nil
}

// Messages is how many messages are made of an event of the DCB log.
func Messages(data Data) int {
	switch {
	case data.Ref%10 == 0:
		return 0
	case data.Ref%5 == 0:
		return 2
	}
	return 1
}

// react answers with the command that a message or a to-do row leads to.
func (t asked) react() (any, error) {
	if t.Component == Welcome {
		return reacted{[]turn.CommandTo{{To: Wallet, ID: t.ID, Type: Greet, Data: encode(Data{WalletID: t.ID})}}}, nil
	}
	var data Data
	if err := json.Unmarshal(t.Message.Data, &data); err != nil {
		return nil, err
	}
	if t.Message.ExtensionPoint == Money {
		return reacted{[]turn.CommandTo{{To: Credit, Type: Credit, Data: t.Message.Data}}}, nil
	}
	return reacted{[]turn.CommandTo{{To: Parcel, ID: ParcelOf(data), Type: Ship, Data: t.Message.Data}}}, nil
}

// ParcelOf is the parcel for something.
func ParcelOf(data Data) string {
	if data.WalletID == "" {
		return data.ProductID
	}
	return data.WalletID
}

// encode writes texts and integers as JSON.
func encode(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("shop: texts and integers cannot be written: " + err.Error())
	}
	return encoded
}

// Link is the next link of a chain.
func Link(chain, eventType string, data Data) string {
	digest := uint64(14695981039346656037)
	for _, c := range []byte(chain + eventType + strconv.Itoa(data.Ref) + "/" + strconv.Itoa(data.Part) + "/" + strconv.Itoa(data.Copy) + "/" + strconv.FormatInt(data.Amount, 10)) {
		digest = (digest ^ uint64(c)) * 1099511628211
	}
	return strconv.FormatUint(digest, 16)
}
