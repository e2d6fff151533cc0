package definition

// DCB is the plugin's DCB log: one table of events that decisions select by event
// type and tag instead of by the id of an aggregate.
type DCB struct {
	// Table is the physical name of the table: hash key "id" (S), range key "seq"
	// (N), stream with new images.
	Table string `json:"table"`
	// Tags are the tags by name. Names of tags, event types and slices are
	// identifiers.
	Tags map[string]Tag `json:"tags"`
	// Events maps each event type to the names of its tags, at least one. The first
	// is the home tag: each event has exactly one value of it, and its events are
	// numbered for each value.
	Events map[string][]string `json:"events"`
	// Slices are the decisions by the name under which the plugin declared them.
	Slices map[string]Slice `json:"slices"`
}

// Tag says where the values of a tag are found.
type Tag struct {
	// Fields are dotted paths into the data of events and commands, through objects
	// and arrays, all of which give values. None means the tag's own name.
	Fields []string `json:"fields,omitempty"`
}

// Slice is one decision: the commands that it takes, the events that it must know
// and the events that it may lead to.
type Slice struct {
	// Commands maps mutation fields to command types.
	Commands map[string]string `json:"commands"`
	// Async says that the mutations answer once the command is queued, before it is
	// decided.
	Async bool `json:"async,omitempty"`
	// Reads are the criteria of the decision's query; an event that matches one of
	// them is in the history. None means that nothing is read.
	Reads []Criterion `json:"reads,omitempty"`
	// Emits lists the event types that a decision may lead to; none means all.
	Emits []string `json:"emits,omitempty"`
	// CommandQueue is the physical name of its own queue of commands, empty when it takes
	// them from the plugin's.
	CommandQueue string `json:"commandQueue,omitempty"`
}

// Criterion matches the events of some types that have, for each of the tags, one of
// the values that the command has.
type Criterion struct {
	// Events are the event types, at least one. Each carries all the tags.
	Events []string `json:"events"`
	// Tags are the names of tags, at least one.
	Tags []string `json:"tags"`
}
