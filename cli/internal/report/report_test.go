package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

func example() *report.Report {
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := &report.Report{
		Operation: "up", Environment: "alpha", Started: started, Seconds: 130,
		Stacks: []report.Stack{
			{Name: "platform", Project: "shop-platform", Path: "platform-aws", Status: report.Succeeded, Started: started, Seconds: 60, Attempts: 2,
				Changes: map[string]int{"update": 1, "create": 2}, Resources: 80, Outputs: map[string]any{"a": 1}, OutputsChanged: true, Log: ".reventless/logs/x"},
			{Name: "catalog", Project: "shop-catalog", Path: "catalog-aws", Status: report.Failed, Reason: "no\nmore", Errors: []string{"no <b>", "more"}, After: []string{"platform"}, Seconds: 40, Attempts: 1},
			{Name: "search", Project: "shop-search", Path: "search-aws", Status: report.Succeeded, After: []string{"platform"}, Seconds: 70, Attempts: 1},
			{Name: "ordering", Project: "shop-ordering", Path: "ordering-aws", Status: report.Blocked, Reason: "catalog failed", After: []string{"platform", "catalog"}},
			{Name: "demo", Project: "shop-demo", Path: "demo-aws", Status: report.Skipped, Reason: "there is no demo-aws/Pulumi.alpha.yaml"},
			{Name: "reviews", Project: "shop-reviews", Path: "reviews-aws", Status: report.Unchanged, Reason: "nothing changed"},
		},
	}
	r.Finish(false)
	return r
}

func TestFinish(t *testing.T) {
	t.Parallel()
	r := example()
	assert.Equal(t, report.ResultFailed, r.Result)
	assert.Equal(t, []string{"platform", "search"}, r.CriticalPath)
	assert.InDelta(t, 130, r.CriticalSeconds, 0)
	none := report.Report{Stacks: []report.Stack{{Status: report.Cancelled}}}
	none.Finish(true)
	assert.Equal(t, report.ResultInterrupted, none.Result)
	assert.Empty(t, none.CriticalPath)
	done := report.Report{Stacks: []report.Stack{{Status: report.Succeeded}}}
	done.Finish(true)
	assert.Equal(t, report.ResultSucceeded, done.Result, "the interrupt came too late to leave anything undone")
	failed := report.Report{Stacks: []report.Stack{{Status: report.Cancelled}, {Status: report.Failed}, {Status: report.Cancelled}}}
	failed.Finish(true)
	assert.Equal(t, report.ResultFailed, failed.Result)
}

func TestSchema(t *testing.T) {
	t.Parallel()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("report.json", document))
	schema, err := compiler.Compile("report.json")
	require.NoError(t, err)
	text, err := json.Marshal(example())
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(value))
	value.(map[string]any)["result"] = "perhaps"
	assert.Error(t, schema.Validate(value))
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, example().JUnit(&out))
	assert.Contains(t, out.String(), `<testsuite name="reventless up alpha" tests="6" failures="1" skipped="2" time="130.000" timestamp="2026-01-02T03:04:05">`)
	assert.Contains(t, out.String(), `<failure message="no">no &lt;b&gt;`)
	assert.Contains(t, out.String(), `<skipped message="catalog failed">`)
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, example().Table(&out))
	assert.Equal(t, strings.TrimPrefix(`
STACK     STATUS     TIME    WHAT
platform  succeeded  60.0 s  2 create, 1 update (2 attempts)
catalog   failed     40.0 s  no
search    succeeded  70.0 s  no changes
ordering  blocked    -       catalog failed
demo      skipped    -       there is no demo-aws/Pulumi.alpha.yaml
reviews   unchanged  -       nothing changed

up alpha: failed in 2m10s; the longest way was platform → search, 2m10s
`, "\n"), out.String())
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	none, err := report.Load(folder, "up", "alpha")
	require.NoError(t, err)
	assert.Nil(t, none)
	saved := example()
	require.NoError(t, saved.Save(folder))
	loaded, err := report.Load(folder, "up", "alpha")
	require.NoError(t, err)
	assert.Equal(t, saved.Stacks[3], loaded.Stacks[3])
	ignored, err := os.ReadFile(filepath.Join(folder, report.Folder, ".gitignore"))
	require.NoError(t, err)
	assert.Contains(t, string(ignored), "/runs/\n")
	require.NoError(t, os.WriteFile(filepath.Join(folder, report.Folder, "runs", "up-alpha.json"), []byte("{}"), 0o600))
	_, err = report.Load(folder, "up", "alpha")
	assert.ErrorContains(t, err, "delete it and run without --resume")
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "junit.xml")
	says := func(text string, problem error) func(io.Writer) error {
		return func(out io.Writer) error {
			_, err := io.WriteString(out, text)
			return errors.Join(err, problem)
		}
	}
	read := func() string {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text)
	}
	require.NoError(t, report.WriteFile(path, says("one", nil)))
	require.ErrorContains(t, report.WriteFile(path, says("two, half", errors.New("the disk is full"))), "the disk is full")
	assert.Equal(t, "one", read(), "what was there stays whole")
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, files, 1)

	link := path + ".link"
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, report.WriteFile(link, says("3", nil)))
	assert.Equal(t, "3", read())
}
