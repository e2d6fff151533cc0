package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// part is what a turn has of the lines of an object.
type part struct {
	first  int
	header string
	lines  []string
	last   bool
}

// parts are the lines of the turns.
func (b *taskBench) parts() (parts []part) {
	for _, t := range b.turns {
		parts = append(parts, part{t.Object.FirstLine, t.Object.Header, t.Object.Lines, t.Object.Last})
	}
	return parts
}

func TestAnObjectLineByLine(t *testing.T) {
	t.Parallel()
	half := strings.Repeat("x", maxLines/2)
	for name, c := range map[string]struct {
		content string
		want    []part
	}{
		"several turns":     {"h\n1\n2\n3\n4\n5\n", []part{{2, "h", []string{"1", "2"}, false}, {4, "h", []string{"3", "4"}, false}, {6, "h", []string{"5"}, true}}},
		"a full last turn":  {"h\n1\n2\n", []part{{2, "h", []string{"1", "2"}, true}}},
		"no last end":       {"h\n1\n2", []part{{2, "h", []string{"1", "2"}, true}}},
		"CRLF":              {"\uFEFFh\r\n1\r\n2\r2\r\n\r\n", []part{{2, "h", []string{"1", "2\r2"}, false}, {4, "h", []string{""}, true}}},
		"empty lines":       {"\n\n\n", []part{{2, "", []string{"", ""}, true}}},
		"header only":       {"h", []part{{2, "h", []string{}, true}}},
		"header with end":   {"h\n", []part{{2, "h", []string{}, true}}},
		"nothing":           {"", []part{{2, "", []string{}, true}}},
		"bytes are limited": {"h\n" + half + "\n" + half + "\n1\n", []part{{2, "h", []string{half}, false}, {3, "h", []string{half, "1"}, true}}},
		"the longest line":  {"h\n" + half + half + "\r\n1", []part{{2, "h", []string{half + half}, false}, {3, "h", []string{"1"}, true}}},
		"a BOM within":      {"h\n\uFEFF1", []part{{2, "h", []string{"\uFEFF1"}, true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTaskBench(t)
			b.answers = func(context.Context, turn.Turn) (any, error) { return turn.Answer{}, nil }
			assert.Empty(t, b.queue(t.Context(), b.put("lines", "a", "v1", c.content)))
			assert.Equal(t, c.want, b.parts())
			assert.Empty(t, b.queues.sent)
		})
	}
}

// table is an object with a header and lines.
func table(lines int) (content string, all []string) {
	for i := range lines {
		all = append(all, fmt.Sprintf("line-%06d-%s", i+2, strings.Repeat("ä", 40)))
	}
	return "header\r\n" + strings.Join(all, "\r\n"), all
}

func TestALargeObjectGoesOnInLaterInvocations(t *testing.T) {
	t.Parallel()
	content, all := table(40_000)
	require.Greater(t, len(content), partSize)
	synctest.Test(t, func(t *testing.T) {
		b := newTaskBench(t, func(c *Config) {
			c.Definition.Tasks = map[string]definition.Task{"Lines": {Bucket: "lines", Read: true, Content: definition.ContentLines, Lines: 1000}}
		})
		b.answers = func(ctx context.Context, t turn.Turn) (any, error) {
			time.Sleep(2 * time.Second)
			for _, first := range t.Object.Lines[:1] {
				return turn.Answer{Commands: []turn.CommandTo{{To: "Product", ID: first, Type: "Count"}}}, nil
			}
			return turn.Answer{}, nil
		}
		m := b.put("lines", "a b", "v1", content)
		ended := 0
		for invocations := 1; ended < invocations; ended++ {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			assert.Empty(t, b.queue(ctx, m))
			cancel()
			rests := b.rests()
			invocations = len(rests) + 1
			if ended < len(rests) {
				m = rests[ended]
			}
		}
		assert.Equal(t, 5, ended, "eight turns of two seconds in half of 30 seconds each")
		var lines []string
		for i, p := range b.parts() {
			assert.Equal(t, len(lines)+2, p.first)
			assert.Equal(t, "header", p.header)
			assert.Equal(t, i == 39, p.last)
			lines = append(lines, p.lines...)
		}
		assert.True(t, slices.Equal(all, lines))

		first := b.commands()
		assert.Empty(t, b.queue(t.Context(), b.put("lines", "a b", "v1", content)), "once more, in one go")
		again := b.commands()[len(first):]
		assert.Equal(t, first, again, "the same commands with the same ids")
	})
}

func TestARestBeginsWhereATurnEnds(t *testing.T) {
	t.Parallel()
	content := "\uFEFFh\r\n1\r\nzwölf\n\n" + strings.Repeat("x", maxLines) + "\r\n" + strings.Repeat("ü", 10) + "\nlast"
	for cut := range 4 {
		b := newTaskBench(t)
		b.answers = func(context.Context, turn.Turn) (any, error) {
			if len(b.turns) == cut+1 && cut > 0 {
				return nil, &turn.HandlerError{Kind: turn.Threw, Message: "once"}
			}
			return turn.Answer{}, nil
		}
		messages := []events.SQSMessage{b.put("lines", "a", "v1", content)}
		for i := 0; i < len(messages); i++ {
			assert.Empty(t, b.queue(t.Context(), messages[i]))
			messages = append(messages[:1], b.rests()...)
		}
		got := b.parts()
		if cut > 0 {
			assert.Equal(t, got[cut], got[cut+1], "the turn that failed comes again")
			got = slices.Delete(got, cut, cut+1)
		}
		require.Len(t, got, 4)
		assert.Equal(t, part{2, "h", []string{"1", "zwölf"}, false}, got[0])
		assert.Equal(t, 4, got[1].first)
		assert.Equal(t, part{6, "h", []string{"üüüüüüüüüü", "last"}, true}, got[3])
	}
}

func TestLinesThatFailDoNotUndoTheOnesBefore(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	assert.Empty(t, b.queue(t.Context(), b.put("lines", "a", "v1", "h\n1\n2\n3\npoison\n5\n")))
	assert.Equal(t, []string{"1", "2"}, ids(b.commands()))
	rests := b.rests()
	require.Len(t, rests, 1)
	assert.JSONEq(t, `{"reventless":"rest","rest":{"task":"Lines","bucket":"lines","key":"a","versionId":"v1","offset":6,"line":4}}`, rests[0].Body)
	assert.Equal(t, int32(retryDelay), b.queues.sent[2].DelaySeconds)
	assert.Contains(t, b.log.String(), `"line":4`)
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), rests[0]), "fails as a message of its own")
	assert.Len(t, b.rests(), 1)

	b.answers = func(ctx context.Context, t turn.Turn) (any, error) {
		t.Object.Lines = slices.DeleteFunc(t.Object.Lines, func(line string) bool { return line == "poison" })
		return countsLines(ctx, t)
	}
	assert.Empty(t, b.queue(t.Context(), rests[0]), "by a better handler")
	assert.Equal(t, []string{"1", "2", "3", "5"}, ids(b.commands()))
}

func TestARestThatCannotBeLeftIsNotLost(t *testing.T) {
	t.Parallel()
	b := newTaskBench(t)
	b.queues.fail = failsOnceAt(2)
	m := b.put("lines", "a", "v1", "h\n1\n2\npoison\n")
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), m))
	assert.Empty(t, b.queue(t.Context(), m))
	commands := b.commands()
	require.Len(t, commands, 4)
	assert.Equal(t, commands[:2], commands[2:])
	assert.Len(t, b.rests(), 1)
}

func TestAPartThatBreaksOffIsReadAgain(t *testing.T) {
	t.Parallel()
	content, all := table(40_000)
	for name, c := range map[string]struct {
		broken func(n int) bool
		want   []string
	}{
		"now and then":   {func(n int) bool { return n%2 == 0 }, []string{}},
		"from the start": {func(int) bool { return true }, []string{"m1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTaskBench(t, func(c *Config) {
				c.Definition.Tasks = map[string]definition.Task{"Lines": {Bucket: "lines", Read: true, Content: definition.ContentLines, Lines: 5000}}
			})
			b.answers = func(context.Context, turn.Turn) (any, error) { return turn.Answer{}, nil }
			b.buckets.cut = c.broken
			assert.Equal(t, c.want, b.queue(t.Context(), b.put("lines", "a", "v1", content)))
			count := 0
			for _, p := range b.parts() {
				count += len(p.lines)
			}
			assert.Equal(t, len(all)*(1-len(c.want)), count, "an end of the connection is no end of the object")
		})
	}
	b := newTaskBench(t)
	b.buckets.fail = func(int) error { return errors.New("denied") }
	assert.Equal(t, []string{"m1"}, b.queue(t.Context(), b.put("lines", "a", "v1", "h\n1")))
	assert.Equal(t, partAttempts, b.buckets.reads)
}
