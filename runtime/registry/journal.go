package registry

import (
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// Journal is what the single writer must remember from one push to the next.
type Journal struct {
	// Pushed is the hash of the composition that the API has, Live a hash of the text
	// in which AppSync shows it. Both are empty from before a push until after it.
	Pushed string `json:"pushed,omitempty"`
	Live   string `json:"live,omitempty"`
	// Pushing is the push that was begun, nil when none is unfinished.
	Pushing *Push `json:"pushing,omitempty"`
	// Probe is the root field ("Query.product") on which a resolver is tried; a
	// leftover of the trial may be there while it is set.
	Probe string `json:"probe,omitempty"`
	// Appending are the plugins whose log may be ahead of their row.
	Appending []string `json:"appending,omitempty"`
	// Answers are the outcomes of the latest requests that led to no event, noted
	// before the events of their batch are appended. Decided again after those events,
	// such a request could be answered differently, or bring back an older revision.
	Answers []Outcome `json:"answers,omitempty"`
	// Failed are the compositions that AppSync refused since the latest batch that was
	// finished.
	Failed []Verdict `json:"failed,omitempty"`
	// SweepFor identifies the kept fields that the scheduled sweep is for, SweepDue
	// is when it comes (RFC 3339), SweepAttempt its number.
	SweepFor     string `json:"sweepFor,omitempty"`
	SweepDue     string `json:"sweepDue,omitempty"`
	SweepAttempt int    `json:"sweepAttempt,omitempty"`
}

// Answer notes an outcome.
func (j *Journal) Answer(o Outcome) { j.Answers = record(j.Answers, o) }

// Answered finds a noted outcome.
func (j *Journal) Answered(request string) (Outcome, bool) { return find(j.Answers, request) }

// Push is a push that was begun.
type Push struct {
	// Hash is the composition's.
	Hash string `json:"hash"`
	// Structural says that the live schema differed from the composition in more
	// than directives, so that it shows whether the push took effect.
	Structural bool `json:"structural,omitempty"`
	// Begun says that AppSync has begun with it and was not done when the function's time
	// was over. Whatever it says about its latest schema creation is about this one then.
	Begun bool `json:"begun,omitempty"`
	// Requests are the ids of the requests that led to the composition.
	Requests []string `json:"requests,omitempty"`
}

// Verdict is a composition that AppSync refused.
type Verdict struct {
	// Hash is the composition's.
	Hash     string             `json:"hash"`
	Problems []protocol.Problem `json:"problems"`
	// Time is when it was refused, RFC 3339.
	Time string `json:"time"`
}

// maxVerdicts bounds the verdicts of a journal. A batch has at most one for each of its
// requests, and one.
const maxVerdicts = 12

// Fail notes that AppSync refused a composition.
func (j *Journal) Fail(hash string, problems []protocol.Problem, now time.Time) {
	verdicts := append(slices.Clone(j.Failed), Verdict{Hash: hash, Problems: bound(problems), Time: eventlog.FormatTime(now)})
	j.Failed = verdicts[max(0, len(verdicts)-maxVerdicts):]
}

// HasFailed gives the problems of a composition that AppSync refused not long ago. An
// older verdict is one of a batch that was lost, and AppSync may think otherwise now.
func (j *Journal) HasFailed(hash string, now time.Time) []protocol.Problem {
	for _, v := range j.Failed {
		refused, err := time.Parse(time.RFC3339, v.Time)
		if v.Hash == hash && err == nil && now.Sub(refused) < MaxRequestAge {
			return v.Problems
		}
	}
	return nil
}
