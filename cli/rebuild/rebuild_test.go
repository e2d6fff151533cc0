package rebuild

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/definition"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestRebuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(20)
	w.live("p00", "AB")
	w.live("p01", "old")
	w.live("orphan", "A")
	report, err := w.run()
	require.NoError(t, err)
	assert.Equal(t, want(20), w.rows())
	assert.False(t, w.exists())
	assert.Equal(t, [6]int{20, 40, 21, 20, 1, 0}, [6]int{report.Rows, report.Events, report.Compared, report.Differ, report.Gone, len(report.Failures)})
	assert.Equal(t, StatusRebuilt, report.Status)
	assert.True(t, report.Touched)
	require.Len(t, w.created, 1)
	made := w.created[0]
	assert.Equal(t, types.BillingModePayPerRequest, made.BillingMode)
	assert.Equal(t, types.SSETypeKms, made.SSESpecification.SSEType)
	tags := map[string]string{}
	for _, tag := range made.Tags {
		tags[*tag.Key] = *tag.Value
	}
	assert.Equal(t, map[string]string{"team": "shop", tagRebuild: "Products"}, tags)

	before := len(w.Records("products"))
	report, err = w.run()
	require.NoError(t, err)
	assert.Zero(t, report.Differ)
	assert.Len(t, w.Records("products"), before, "what is right is not written")
}

func TestRowsOfADCBLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.append("both", 0, "A")
	log := dcb.New(dcb.NewDynamoDB(w.DynamoDB, "dcb"), definition.DCB{
		Tags: map[string]definition.Tag{"productId": {}, "orderId": {}}, Events: map[string][]string{"D": {"productId"}, "O": {"orderId"}},
		Slices: map[string]definition.Slice{"Record": {}},
	})
	for i, data := range []string{`{"productId":"both"}`, `{"productId":"dcb"}`, `{"orderId":"other"}`} {
		_, err := log.Execute(t.Context(), dcb.Command{Slice: "Record", Type: "R", Data: json.RawMessage(`{}`), Origin: eventlog.Origin{CommandID: fmt.Sprint(i)}},
			func(context.Context, []turn.RecordedEvent) ([]turn.Event, *turn.Reject, error) {
				return []turn.Event{{Type: []string{"D", "D", "O"}[i], Data: json.RawMessage(data)}}, nil, nil
			})
		require.NoError(t, err)
	}
	_, err := w.run()
	require.NoError(t, err)
	assert.Equal(t, []string{"both=AD", "dcb=D"}, w.rows())
}

func TestADryRun(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string]bool{"deleted": false, "kept": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fill(15)
			w.live("p00", "AB")
			w.live("orphan", "A")
			before := w.Items("products")
			report, err := w.run(dryRun, func(o *Options) { o.Keep = kept })
			require.NoError(t, err)
			assert.Equal(t, StatusCompared, report.Status)
			assert.Equal(t, [3]int{16, 15, 1}, [3]int{report.Compared, report.Differ, report.Gone})
			assert.Len(t, report.Examples, 10)
			assert.False(t, report.Touched)
			assert.Equal(t, before, w.Items("products"))
			assert.Equal(t, kept, w.exists())
			if !kept {
				return
			}
			report, err = w.run(resume, dryRun)
			require.NoError(t, err)
			assert.Equal(t, 15, report.Differ)
			assert.True(t, w.exists(), "a dry run does not throw away what another run has made")
			report, err = w.run(resume)
			require.NoError(t, err)
			assert.Zero(t, report.Rows, "all rows are folded")
			assert.Equal(t, want(15), w.rows())
		})
	}
}

func TestFailingRowsLeaveTheReadModelAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(20)
	w.append("p07", 2, "Poison")
	good := w.handler
	w.handler = func(asked turn.Turn) (string, error) {
		if asked.Event.Type == "Poison" {
			return "", &turn.HandlerError{Kind: turn.Threw, Message: "no price"}
		}
		return good(asked)
	}
	report, err := w.run()
	require.ErrorIs(t, err, errRowsFailed)
	assert.Equal(t, StatusFailed, report.Status)
	require.Len(t, report.Failures, 1)
	assert.Equal(t, "p07", report.Failures[0].ID)
	assert.Contains(t, report.Failures[0].Error, "event 3 (Poison)")
	assert.Equal(t, 19, report.Rows, "the others are tried, too")
	assert.False(t, report.Touched)
	assert.Empty(t, w.rows())
	assert.Equal(t, fresh, report.Table)

	_, err = w.run()
	require.ErrorContains(t, err, "there is a rebuild already, run by me@here since ")
	require.ErrorContains(t, err, "--resume")
	w.handler = good
	w.deploy("c2")
	_, err = w.run(resume)
	require.ErrorContains(t, err, "begin again with --restart")
	w.deploy("c1")
	_, err = w.run(resume)
	require.NoError(t, err)
	assert.Contains(t, w.rows(), "p07=ABPoison")
	assert.Len(t, w.rows(), 20)
}

func TestManyFailuresEndARebuildEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(maxFailures + 40)
	w.handler = func(turn.Turn) (string, error) { return "", &turn.HandlerError{Kind: turn.Threw, Message: "broken"} }
	report, err := w.run(func(o *Options) { o.Concurrency = 1 })
	require.ErrorIs(t, err, errTooManyFailures)
	assert.GreaterOrEqual(t, len(report.Failures), maxFailures)
	assert.Less(t, len(report.Failures), maxFailures+10)
	w.deploy("c2")
	w.handler = func(turn.Turn) (string, error) { return `{"row":{"seen":"new"}}`, nil }
	_, err = w.run(restart)
	require.NoError(t, err)
	assert.Len(t, w.rows(), maxFailures+40)
}

// TestInterruptedAnywhere lets each of the run's requests fail, before or after its effect,
// and goes on: with --resume where there is something to go on with.
func TestInterruptedAnywhere(t *testing.T) {
	t.Parallel()
	for at := int64(1); ; at++ {
		w := newWorld(t)
		w.fill(6)
		w.live("p01", "old")
		w.live("orphan", "A")
		ctx, cancel := context.WithCancel(t.Context())
		var count, hit atomic.Int64
		w.before = func(string, string) error {
			if count.Add(1) >= at {
				hit.Add(1)
				cancel()
				return errDown
			}
			return nil
		}
		options := Options{ReadModel: "Products", Function: "f", Batch: 3, Concurrency: 2}
		_, err := Run(ctx, w.clients(), options)
		cancel()
		w.before = nil
		if hit.Load() > 0 {
			require.Error(t, err, at)
			_, err = w.run(resume)
		}
		require.NoError(t, err, at)
		require.Equal(t, want(6), w.rows(), at)
		require.False(t, w.exists(), at)
		if hit.Load() == 0 {
			require.Greater(t, at, int64(40))
			return
		}
	}
}

func TestARunEndsWhenAnotherTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(20)
	var once atomic.Bool
	w.invoked = func(request protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
		if request.Step == protocol.RebuildFold && once.CompareAndSwap(false, true) {
			_, err := w.run(resume, keep)
			assert.NoError(t, err)
		}
		return nil, false
	}
	_, err := w.run(func(o *Options) { o.Concurrency = 1 })
	require.ErrorIs(t, err, errTakenOver)
	assert.Equal(t, want(20), w.rows())
	_, err = w.run()
	require.NoError(t, err, "a rebuild at its end is in nobody's way")
	assert.False(t, w.exists())
}

func TestADeploymentDuringARebuild(t *testing.T) {
	t.Parallel()
	for step, touched := range map[protocol.RebuildStep]bool{protocol.RebuildFold: false, protocol.RebuildSwitch: true} {
		w := newWorld(t)
		w.fill(5)
		w.invoked = func(request protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
			if request.Step == step {
				w.deploy("c2")
			}
			return nil, false
		}
		report, err := w.run()
		require.ErrorContains(t, err, "was changed during the rebuild")
		assert.Equal(t, touched, report.Touched)
		assert.Equal(t, touched, len(w.rows()) > 0)
		_, err = w.run(restart)
		require.NoError(t, err)
		assert.Equal(t, want(5), w.rows())
	}
}

func TestWhatKeepsARebuildFromBeginning(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(w *world, o *Options)
		want   string
	}{
		"options": {func(_ *world, o *Options) { o.Resume, o.Restart, o.Concurrency, o.Batch = true, true, 65, 1001 }, "--resume goes on with what was made and --restart throws it away: use one of them\n--concurrency is 65, it must be from 1 to 64\n--batch is 1001"},
		"to-do":   {func(_ *world, o *Options) { o.ReadModel = "Ship" }, `"Ship" is a list of work to do`},
		"old function": {func(w *world, _ *Options) {
			w.invoked = func(protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
				return crashed("InternalError", "no"), true
			}
		}, "redeploy the platform and the plugin, which are older than this command"},
		"other answer": {func(w *world, _ *Options) {
			w.invoked = func(protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
				return &lambda.InvokeOutput{Payload: []byte("{}")}, true
			}
		}, "did not say what there is to rebuild"},
		"no JSON": {func(w *world, _ *Options) {
			w.invoked = func(protocol.RebuildRequest) (*lambda.InvokeOutput, bool) {
				return &lambda.InvokeOutput{Payload: []byte("x")}, true
			}
		}, "cannot be read"},
		"no table":      {func(w *world, _ *Options) { delete(w.tags, "products") }, "the table products of the read model Products does not exist"},
		"foreign table": {func(w *world, _ *Options) { w.tags[fresh] = map[string]string{tagRebuild: "Others"} }, "was not made by a rebuild of Products"},
		"no access": {func(w *world, _ *Options) {
			w.before = func(operation, _ string) error {
				if operation == "CreateTable" {
					return errDown
				}
				return nil
			}
		}, "create the table products-rebuild: down"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fill(2)
			report, err := w.run(func(o *Options) { c.change(w, o) })
			require.ErrorContains(t, err, c.want)
			assert.Empty(t, report.Status)
			assert.Empty(t, w.rows())
		})
	}
}

func TestATableThatIsBeingDeletedIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(2)
	w.tags[fresh] = map[string]string{tagRebuild: "Products"}
	clients := w.clients()
	clients.DynamoDB = &deleting{world: w}
	_, err := Run(t.Context(), clients, Options{ReadModel: "Products", Function: "f"})
	require.NoError(t, err)
	assert.Equal(t, want(2), w.rows())
}

// deleting is a world whose fresh table vanishes after it was looked at once.
type deleting struct {
	*world
	asked bool
}

func (d *deleting) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, opts ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	out, err := d.world.DescribeTable(ctx, in, opts...)
	if *in.TableName == fresh && !d.asked {
		d.asked = true
		out.Table.TableStatus = types.TableStatusDeleting
		d.mu.Lock()
		delete(d.tags, fresh)
		d.mu.Unlock()
	}
	return out, err
}

func TestProgressIsTold(t *testing.T) {
	t.Parallel()
	var told []string
	r := &run{Options: Options{ReadModel: "Products", Progress: func(text string) { told = append(told, text) }}}
	r.counts.begin("folding")
	_, _, _, err := r.counts.add([]protocol.RebuiltRow{{Outcome: protocol.RebuildDone, Events: 7}, {Outcome: protocol.RebuildFailed}})
	require.NoError(t, err)
	assert.Equal(t, 1, r.tellOnce(0))
	assert.Equal(t, []string{"folding Products: 1 rows, 0 rows/s, 7 events read, 1 failed"}, told)
}
