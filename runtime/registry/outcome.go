package registry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Limits of what a row keeps, so that it stays below DynamoDB's 400 KB.
const (
	// MaxOutcomes is the number of latest outcomes that a row keeps. It is more than
	// one batch brings, so an outcome survives at least one batch after its own.
	MaxOutcomes = 24
	// maxProblems and maxMessage bound one outcome.
	maxProblems = 10
	maxMessage  = 500
)

// Outcome is the answer to one request.
type Outcome struct {
	Request string `json:"request"`
	OK      bool   `json:"ok"`
	// Problems say why the request was refused.
	Problems []protocol.Problem `json:"problems,omitempty"`
	// Notices say what the sender should know although the request was accepted.
	Notices []string `json:"notices,omitempty"`
	// Time is when the outcome was decided.
	Time string `json:"time"`
}

// Refused makes the outcome of a refused request.
func Refused(request string, problems ...protocol.Problem) Outcome {
	return Outcome{Request: request, Problems: bound(problems)}
}

// Notice adds notices, as far as they fit into a row.
func (o *Outcome) Notice(notices ...string) {
	for i, text := range notices {
		if len(o.Notices) == maxProblems {
			o.Notices = append(o.Notices, fmt.Sprintf("and %d more notices", len(notices)-i))
		}
		if len(o.Notices) > maxProblems {
			return
		}
		o.Notices = append(o.Notices, Short(text))
	}
}

// bound cuts what would not fit into a row and says that it did.
func bound(problems []protocol.Problem) []protocol.Problem {
	bounded := slices.Clone(problems)
	if rest := len(problems) - maxProblems; rest > 0 {
		bounded = append(bounded[:maxProblems], Problem(problems[maxProblems].Code, "and %d more problems", rest))
	}
	for i, p := range bounded {
		bounded[i].Message = Short(p.Message)
	}
	return bounded
}

// Short cuts a text that would be too long for a row and says that it did.
func Short(text string) string {
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + " …"
	}
	return text
}

// record adds an outcome at the end and drops the oldest ones beyond the limit.
func record(outcomes []Outcome, o Outcome) []Outcome {
	kept := slices.DeleteFunc(slices.Clone(outcomes), func(old Outcome) bool { return old.Request == o.Request })
	kept = append(kept, o)
	return kept[max(0, len(kept)-MaxOutcomes):]
}

// find finds the outcome of a request.
func find(outcomes []Outcome, request string) (Outcome, bool) {
	i := slices.IndexFunc(outcomes, func(o Outcome) bool { return o.Request == request })
	if i < 0 {
		return Outcome{}, false
	}
	return outcomes[i], true
}

// Text is the outcome's problems and notices for people, in one line.
func (o Outcome) Text() string {
	return strings.Join(slices.DeleteFunc(append([]string{Texts(o.Problems)}, o.Notices...), func(text string) bool { return text == "" }), "; ")
}

// String is for logs.
func (o Outcome) String() string {
	if o.OK {
		return "ok"
	}
	return fmt.Sprintf("refused: %s", Texts(o.Problems))
}
