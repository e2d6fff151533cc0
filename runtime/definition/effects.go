package definition

// ToDo is an automation or an outbound translation: a table of rows, each of which is
// something to do.
type ToDo struct {
	// Table is the physical name of the table: hash key "id" (S), stream with new images.
	Table string `json:"table"`
	// From lists the events that the rows are made from, by project turns. A row that is
	// deleted is done.
	From []Source `json:"from"`
	// Indexes are the row fields that are hash or range keys of an index.
	Indexes []string `json:"indexes,omitempty"`
	// Call says that the handler does it itself (call turns, outbound translation).
	// Otherwise it answers with commands (react turns, automation).
	Call bool `json:"call,omitempty"`
	// Attempts is how often a row is tried before it is given up, at least 1.
	Attempts int `json:"attempts"`
	// RetrySeconds is the pause after the first attempt; it doubles with each further one,
	// up to 900.
	RetrySeconds int `json:"retrySeconds"`
}

// InboundTranslation makes commands from input of the outside.
type InboundTranslation struct {
	// Table is the physical name of the audit table: hash key "id" (S), the command id.
	Table string `json:"table"`
	// Field is the mutation field whose arguments are the input.
	Field string `json:"field"`
}

// The contents in which a task gets an object.
const (
	// ContentText is the whole object as text.
	ContentText = "text"
	// ContentLines is the object line by line, in turns of a limited number of lines.
	ContentLines = "lines"
	// ContentNone is the object's name and size only.
	ContentNone = "none"
)

// Task is work that an object in a bucket or a schedule triggers.
type Task struct {
	// Bucket is the physical name of the bucket, empty for a task by schedule.
	Bucket string `json:"bucket,omitempty"`
	// Read and Write say what the task does with objects. A task that reads is triggered
	// by new objects.
	Read  bool `json:"read,omitempty"`
	Write bool `json:"write,omitempty"`
	// Prefix selects the objects that trigger the task. The task must not write there.
	Prefix string `json:"prefix,omitempty"`
	// Content is one of the Content… constants, Lines the number of lines in a turn.
	Content string `json:"content,omitempty"`
	Lines   int    `json:"lines,omitempty"`
}

// Schedule is a command that turns may schedule.
type Schedule struct {
	// To is the aggregate or slice, Type the command type.
	To   string `json:"to"`
	Type string `json:"type"`
}

// Query is a query field that the handler answers.
type Query struct {
	// Loads are the rows that the handler is given, by the name under which it gets them.
	Loads map[string]Load `json:"loads,omitempty"`
}

// Load is one row of a read model.
type Load struct {
	// ReadModel is the read model's name, Table the physical name of its table.
	ReadModel string `json:"readModel"`
	Table     string `json:"table"`
	// Argument is the field's argument that holds the row's key, or the keys of several
	// rows.
	Argument string `json:"argument"`
}
