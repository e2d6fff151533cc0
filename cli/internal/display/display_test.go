package display

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// story tells a display of a run.
func story(d Display) {
	d.Begin([]Stack{{Name: "platform", Resources: 2}, {Name: "catalog"}, {Name: "demo"}})
	d.Ended(report.Stack{Name: "demo", Status: report.Skipped, Reason: "there is no demo-aws/Pulumi.alpha.yaml"})
	d.Started("platform")
	d.Step("platform", pulumi.Step{Operation: "same", Type: "aws:sqs/queue:Queue", Name: "quiet"})
	d.Step("platform", pulumi.Step{Operation: "update", Type: "aws:sqs/queue:Queue", Name: "loud", Duration: 1234 * time.Millisecond})
	d.Retry("platform", "ThrottlingException", 3*time.Second)
	d.Printed("platform", "what pulumi says")
	d.Ended(report.Stack{Name: "platform", Status: report.Succeeded, Seconds: 4, Changes: map[string]int{"update": 1}})
	d.Started("catalog")
	d.Step("catalog", pulumi.Step{Operation: "create", Type: "aws:sqs/queue:Queue", Name: "broken", Failed: true})
	d.Ended(report.Stack{Name: "catalog", Status: report.Failed, Reason: "one\ntwo", Log: ".reventless/x.log"})
	d.Note("all is said")
}

func TestLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		all, brief bool
		want       string
	}{
		"what changes": {false, false, `
demo     | skipped: there is no demo-aws/Pulumi.alpha.yaml
platform | up begins
platform | update aws:sqs/queue:Queue loud (1.2s)
platform | failed, and may pass: another try in 3s: ThrottlingException
platform | up in 4.0 s: 1 update
catalog  | up begins
catalog  | create aws:sqs/queue:Queue broken failed
catalog  | failed: one
catalog  | two
all is said
`},
		"brief": {false, true, `
demo     | skipped: there is no demo-aws/Pulumi.alpha.yaml
platform | up begins
platform | failed, and may pass: another try in 3s: ThrottlingException
platform | up in 4.0 s: 1 update
catalog  | up begins
catalog  | create aws:sqs/queue:Queue broken failed
catalog  | failed: one
catalog  | two
all is said
`},
		"all that pulumi prints": {true, false, `
demo     | skipped: there is no demo-aws/Pulumi.alpha.yaml
platform | up begins
platform | failed, and may pass: another try in 3s: ThrottlingException
platform | what pulumi says
platform | up in 4.0 s: 1 update
catalog  | up begins
catalog  | failed: one
catalog  | two
all is said
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			lines := NewLines(&out, pulumi.Up, test.all)
			lines.Brief = test.brief
			story(lines)
			lines.Close()
			assert.Equal(t, strings.TrimPrefix(test.want, "\n"), out.String())
		})
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	now := time.Now()
	v := &view{now: func() time.Time { return now }, rows: []*row{
		{name: "platform", ended: &report.Stack{Status: report.Succeeded, Seconds: 4, Changes: map[string]int{"update": 1}}},
		{name: "catalog", total: 10, done: 3, began: now.Add(-7 * time.Second), text: "create Product"},
		{name: "search", done: 3, began: now.Add(-70 * time.Second)},
		{name: "ordering"},
		{name: "broken", ended: &report.Stack{Status: report.Failed, Reason: "one\ntwo"}},
		{name: "blocked", ended: &report.Stack{Status: report.Blocked, Reason: "broken failed"}},
	}}
	assert.Equal(t, strings.TrimPrefix(`
✓ platform  4.0 s  1 update
▸ catalog      7 s  3 of 10 resources  create Product
▸ search      70 s  3 resources  `+`
· ordering  waits
✗ broken    failed  one
- blocked   blocked  broken failed
`, "\n"), v.View())
	v.width = 20
	for line := range strings.Lines(v.View()) {
		assert.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), 20)
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	terminal := NewTerminal(&out, pulumi.Up)
	story(terminal)
	terminal.Close()
	assert.Contains(t, out.String(), "catalog failed: one")
	assert.Contains(t, out.String(), "all of it: .reventless/x.log")
	assert.Contains(t, out.String(), "all is said")
}

func TestNew(t *testing.T) {
	t.Parallel()
	assert.IsType(t, &Lines{}, New(io.Discard, pulumi.Up, false))
	file, err := os.CreateTemp(t.TempDir(), "")
	assert.NoError(t, err)
	defer func() { _ = file.Close() }()
	assert.IsType(t, &Lines{}, New(file, pulumi.Up, false))
}
