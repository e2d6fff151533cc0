package declaration

import "maps"

// ToDo is what automations and outbound translations have in common.
type ToDo struct {
	// Kind is the property of `dcb` in which it is declared.
	Kind string
	From []Source
	// Call says that it is an outbound translation.
	Call                   bool
	Attempts, RetrySeconds int
	Queries                map[string]Query
	Owner                  *Owner
	Function               *Function
}

// The properties of `dcb` that declare rows.
const (
	KindAutomations          = "automations"
	KindOutboundTranslations = "outboundTranslations"
	KindInboundTranslations  = "inboundTranslations"
	KindStateViewSlices      = "stateViewSlices"
)

// Models are the read models and the state view slices, by name.
func (p Plugin) Models() map[string]ReadModel {
	models := maps.Clone(p.ReadModels)
	if models == nil {
		models = map[string]ReadModel{}
	}
	if p.DCB != nil {
		maps.Copy(models, p.DCB.StateViewSlices)
	}
	return models
}

// ToDos are the automations and the outbound translations, by name.
func (p Plugin) ToDos() map[string]ToDo {
	toDos := map[string]ToDo{}
	if p.DCB == nil {
		return toDos
	}
	for name, automation := range p.DCB.Automations {
		toDos[name] = ToDo{
			Kind: KindAutomations, From: automation.From, Queries: automation.Queries, Owner: automation.Owner, Function: automation.Function,
			Attempts: or(automation.Attempts, DefaultAttempts), RetrySeconds: or(automation.RetrySeconds, DefaultRetrySeconds),
		}
	}
	for name, translation := range p.DCB.OutboundTranslations {
		toDos[name] = ToDo{
			Kind: KindOutboundTranslations, From: translation.From, Queries: translation.Queries, Owner: translation.Owner, Function: translation.Function, Call: true,
			Attempts: or(translation.Attempts, DefaultAttempts), RetrySeconds: or(translation.RetrySeconds, DefaultRetrySeconds),
		}
	}
	return toDos
}

// Slices are the state change slices, by name.
func (p Plugin) Slices() map[string]StateChangeSlice {
	if p.DCB == nil {
		return nil
	}
	return p.DCB.StateChangeSlices
}

// Inbound are the inbound translations, by name.
func (p Plugin) Inbound() map[string]InboundTranslation {
	if p.DCB == nil {
		return nil
	}
	return p.DCB.InboundTranslations
}

// RowQueries are the queries of all tables of rows: read models, to-do rows and audit
// rows, by the component's name.
func (p Plugin) RowQueries() map[string]map[string]Query {
	queries := map[string]map[string]Query{}
	for name, model := range p.Models() {
		queries[name] = model.Queries
	}
	for name, toDo := range p.ToDos() {
		queries[name] = toDo.Queries
	}
	for name, translation := range p.Inbound() {
		queries[name] = translation.Queries
	}
	return queries
}

// Owners are the owners of rows, by the name of the component that has the rows. Audit rows
// have none.
func (p Plugin) Owners() map[string]Owner {
	owners := map[string]Owner{}
	for name, model := range p.Models() {
		if model.Owner != nil {
			owners[name] = *model.Owner
		}
	}
	for name, toDo := range p.ToDos() {
		if toDo.Owner != nil {
			owners[name] = *toDo.Owner
		}
	}
	return owners
}

// Decides says whether the plugin has anything that decides on commands.
func (p Plugin) Decides() bool { return len(p.Aggregates)+len(p.Slices()) > 0 }

// Async says whether the mutations of an aggregate or slice answer before their commands
// are decided.
func (p Plugin) Async(name string) bool {
	if aggregate, exists := p.Aggregates[name]; exists {
		return or(aggregate.Async, false)
	}
	return or(p.Slices()[name].Async, false)
}

// Addressee is the override of what commands can be sent to, false when there is no such
// aggregate or slice.
func (p Plugin) Addressee(name string) (*Function, bool) {
	if aggregate, exists := p.Aggregates[name]; exists {
		return aggregate.Function, true
	}
	slice, exists := p.Slices()[name]
	return slice.Function, exists
}

// or is the value behind a pointer, or the default.
func or[T any](pointer *T, fallback T) T {
	if pointer == nil {
		return fallback
	}
	return *pointer
}

// Reads says whether new objects trigger the task.
func (b Bucket) Reads() bool { return or(b.Mode, ModeRead) != ModeWrite }

// Writes says whether the task's answers are written into the bucket.
func (b Bucket) Writes() bool { return or(b.Mode, ModeRead) != ModeRead }
