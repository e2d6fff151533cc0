package registry

import (
	"fmt"
	"slices"

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
	// Time is when the outcome was decided.
	Time string `json:"time"`
}

// Refused makes the outcome of a refused request.
func Refused(request string, problems ...protocol.Problem) Outcome {
	return Outcome{Request: request, Problems: bound(problems)}
}

// bound cuts what would not fit into a row and says that it did.
func bound(problems []protocol.Problem) []protocol.Problem {
	bounded := slices.Clone(problems)
	if rest := len(problems) - maxProblems; rest > 0 {
		bounded = append(bounded[:maxProblems], Problem(problems[maxProblems].Code, "and %d more problems", rest))
	}
	for i, p := range bounded {
		if text := []rune(p.Message); len(text) > maxMessage {
			bounded[i].Message = string(text[:maxMessage]) + " …"
		}
	}
	return bounded
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

// String is for logs.
func (o Outcome) String() string {
	if o.OK {
		return "ok"
	}
	return fmt.Sprintf("refused: %s", Texts(o.Problems))
}
