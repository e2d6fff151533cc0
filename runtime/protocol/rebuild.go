package protocol

// TriggerRebuild asks a projections function for a step of the rebuild of a read model.
// The payload is a [RebuildRequest], the answer a [RebuildAnswer].
const TriggerRebuild = "rebuild"

// RebuildStateID is the key of the item in the fresh table in which a rebuild keeps what
// it has to know of itself. No row of a read model that is rebuilt may have it.
const RebuildStateID = "reventless:rebuild"

// RebuildStep is one of the steps of a rebuild.
type RebuildStep string

// The steps of a rebuild.
const (
	// RebuildDescribe asks what there is to do; it changes nothing.
	RebuildDescribe RebuildStep = "describe"
	// RebuildFold makes rows of the fresh table from their complete histories.
	RebuildFold RebuildStep = "fold"
	// RebuildCompare says which rows of the read model would change; it changes nothing
	// there.
	RebuildCompare RebuildStep = "compare"
	// RebuildSwitch writes the rows that differ over those of the read model.
	RebuildSwitch RebuildStep = "switch"
)

// RebuildRequest is what the command line sends to a projections function.
type RebuildRequest struct {
	// Reventless is [TriggerRebuild].
	Reventless string      `json:"reventless"`
	Step       RebuildStep `json:"step"`
	ReadModel  string      `json:"readModel"`
	// IDs are the keys of the rows; none for RebuildDescribe.
	IDs []string `json:"ids,omitempty"`
	// KeyTypes are the DynamoDB types (S or N) of the fields that are keys of an index. A
	// row that the read model's table would refuse is found out before it is touched.
	KeyTypes map[string]string `json:"keyTypes,omitempty"`
	// Announce says that the rows which the switch writes are announced to subscribers.
	Announce bool `json:"announce,omitempty"`
}

// RebuildAnswer is the answer to a [RebuildRequest].
type RebuildAnswer struct {
	// Problem says why nothing was done, "" if something was.
	Problem string `json:"problem,omitempty"`
	// Description answers RebuildDescribe.
	Description *RebuildDescription `json:"description,omitempty"`
	// Rows answer the other steps, in the order of the ids.
	Rows []RebuiltRow `json:"rows,omitempty"`
}

// RebuildDescription says where the rows of a read model come from and go to.
type RebuildDescription struct {
	// Table is the read model's table, Fresh the one that its rows are made in.
	Table string `json:"table"`
	Fresh string `json:"fresh"`
	// Logs are the event logs that the rows are made from, each once.
	Logs []RebuildLog `json:"logs"`
}

// RebuildLog is an event log from which rows are made.
type RebuildLog struct {
	Table string `json:"table"`
	// Prefixes are what the hash keys of the streams begin with whose remainder is the key
	// of a row; none when the hash keys are the keys of rows.
	Prefixes []string `json:"prefixes,omitempty"`
}

// RebuildOutcome is what became of one row.
type RebuildOutcome string

// What becomes of a row.
const (
	// RebuildDone: the step is done with the row.
	RebuildDone RebuildOutcome = "done"
	// RebuildFailed: the row cannot be made; the read model's row is as it was.
	RebuildFailed RebuildOutcome = "failed"
	// RebuildLeft: the invocation's time was over; the row has to be sent again.
	RebuildLeft RebuildOutcome = "left"
)

// RebuiltRow says what became of one row.
type RebuiltRow struct {
	ID      string         `json:"id"`
	Outcome RebuildOutcome `json:"outcome"`
	// Events is how many events were read for the row now.
	Events int `json:"events,omitempty"`
	// Differs says that the read model has, or until now had, another row. Gone says that
	// there is, or will be, no such row any more.
	Differs bool `json:"differs,omitempty"`
	Gone    bool `json:"gone,omitempty"`
	// Error is why it failed.
	Error string `json:"error,omitempty"`
}
