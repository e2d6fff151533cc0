package engine

import (
	"log/slog"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// Who makes an attempt begin, beside a message, which has an id of its own.
const (
	// byStream is a stream record. A row has one at a time.
	byStream = "stream"
	// byRepetition comes before the id of a message that found an attempt without end.
	byRepetition = "again "
)

// next is the attempt that a message about an attempt leads to, and who makes it: the one
// after the last, or the last one once more when it did not end. That is not possible
// without end, because an attempt may be what the process dies of.
func (p progress) next(attempt int, message string) (number int, by string) {
	again := byRepetition + message
	unended := p.ended < p.attempt && (p.by == again || !strings.HasPrefix(p.by, byRepetition))
	if attempt > p.attempt && unended {
		return p.attempt, again
	}
	return min(attempt, p.attempt+1), message
}

// begins says whether an attempt, or its repetition, has not begun yet and may begin.
func (p progress) begins(number int, by string) bool {
	if p.attempt != number {
		return p.attempt < number
	}
	return p.ended < number && strings.HasPrefix(by, byRepetition) && !strings.HasPrefix(p.by, byRepetition)
}

// try begins an attempt and makes it. An attempt that began before goes on only for who
// made it begin: the stream record or the message comes again when the attempt did not
// end.
func (t toDo) try(current *toDoRow, number int, by string) error {
	begun, err := t.change(current, func(p *progress) bool {
		if !p.begins(number, by) {
			return false
		}
		p.status, p.attempt, p.by, p.until = statusPending, number, by, t.endOfInvocation()
		return true
	})
	if err != nil || begun == nil || begun.attempt != number || begun.by != by || begun.ended >= number {
		return err
	}
	if t.declared.Call {
		return t.call(begun)
	}
	return t.react(begun)
}

// attemptEnded notes that an attempt ended, with the handler's error or "".
func (t toDo) attemptEnded(begun *toDoRow, problem string) error {
	_, err := t.change(begun, func(p *progress) bool {
		if p.attempt != begun.attempt || p.ended >= p.attempt {
			return false
		}
		p.ended, p.problem = p.attempt, shortened(problem)
		return true
	})
	return err
}

// giveUp ends the work on a row for good.
func (t toDo) giveUp(current *toDoRow, level slog.Level, reason string) error {
	given, err := t.change(current, func(p *progress) bool {
		p.status, p.ended, p.problem = statusGivenUp, p.attempt, shortened(reason)
		return true
	})
	if err == nil && given != nil {
		t.Logger.Log(t.ctx, level, "a to-do row was given up", "toDo", t.name, "id", t.id, "attempts", given.attempt, "reason", given.problem)
	}
	return err
}

// turn is a turn about the row.
func (t toDo) turn(kind turn.Kind, begun *toDoRow) turn.Turn {
	return turn.Turn{
		Kind: kind, Component: t.name, ID: t.id, Row: begun.data,
		Attempt: &turn.Attempt{Number: begun.attempt, Of: max(begun.attempt, t.declared.Attempts)},
		Meta:    t.meta(begun),
	}
}

// meta says where a turn, and what it leads to, come from. The time is that of the
// attempt's beginning, also when the attempt is repeated.
func (t toDo) meta(begun *toDoRow) turn.Meta {
	return turn.Meta{CorrelationID: textOf(begun.item[toDoCorrelation]), CausationID: t.cause(), Time: textOf(begun.item[toDoUpdated])}
}

// warn logs that the handler failed; the row has the error too.
func (t toDo) warn(begun *toDoRow, err error) {
	t.Logger.WarnContext(t.ctx, "an attempt at a to-do row failed",
		failure(t.ctx, err, "toDo", t.name, "id", t.id, "attempt", begun.attempt, "of", t.declared.Attempts)...)
}

// shortened is a text that fits into a row.
func shortened(text string) string {
	if len(text) <= maxErrorText {
		return text
	}
	cut := maxErrorText
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut-- // not in the middle of a character
	}
	return text[:cut] + "…"
}
