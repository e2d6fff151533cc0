package dcb

import "fmt"

// LimitError says that a command needs more than DynamoDB allows. Nothing was written.
type LimitError struct {
	Slice, CommandID string
	// What is too much: "streams to read", "actions" or "bytes".
	What string
	// Count is how much there is, Max how much is possible.
	Count, Max int
	// Detail says what the count is made of, Fix what to do.
	Detail, Fix string
}

// Error says all of it.
func (e *LimitError) Error() string {
	return fmt.Sprintf("command %s of slice %s needs %d %s (%s), but one DynamoDB transaction allows %d; %s",
		e.CommandID, e.Slice, e.Count, e.What, e.Detail, e.Max, e.Fix)
}

// readLimit is the error of a command whose query needs too many streams.
func readLimit(c Command, streams int) error {
	return &LimitError{Slice: c.Slice, CommandID: c.Origin.CommandID, What: "streams to read", Count: streams, Max: MaxActions - 1,
		Detail: "one for each tag value of the command and family of events, each of which is checked when the command is recorded",
		Fix:    "send commands with fewer tag values"}
}

// actionLimit is the error of a command that needs too many actions.
func actionLimit(c Command, t Transaction) error {
	return &LimitError{Slice: c.Slice, CommandID: c.Origin.CommandID, What: "actions", Count: t.actions(), Max: MaxActions,
		Detail: fmt.Sprintf("%d streams written, %d streams only read, 1 guard", len(t.Puts), len(t.Checks)),
		Fix:    "let the command lead to events with fewer tag values, or send several commands"}
}

// sizeLimit is the error of a command whose transaction is too large.
func sizeLimit(c Command, t Transaction, size int) error {
	return &LimitError{Slice: c.Slice, CommandID: c.Origin.CommandID, What: "bytes", Count: size, Max: MaxTransactionSize,
		Detail: fmt.Sprintf("the events are written once for each of %d streams", len(t.Puts)),
		Fix:    "let the command lead to smaller events or to events with fewer tag values, or keep large values elsewhere and record a reference"}
}
