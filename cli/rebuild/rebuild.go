// Package rebuild makes the rows of a read model anew from the event logs, while the
// plugin goes on working.
//
//  1. The plugin's projections function is asked where the rows come from. Handlers run
//     only there, so it also makes the rows; this package says which ones, and when.
//  2. A fresh table is made beside that of the read model. An item in it keeps how far the
//     rebuild has come and who runs it, so that anybody can go on after an interruption.
//  3. Fold: the event logs are scanned for the keys of all rows, in parallel. The function
//     makes each row in the fresh table, from its complete history. If one fails, nothing
//     more happens: the read model is as it was.
//  4. Switch: the function compares each row of the fresh table with that of the read model
//     and writes those that differ, on condition that no live event wrote there meanwhile.
//     Then it does the same with the rows that are in the read model only, which are new or
//     belong to no event any more.
//  5. The fresh table is deleted.
//
// Every step may be repeated, and the state goes forward only after what it stands for is
// done, so whatever is interrupted comes to the same end when it is run again.
package rebuild

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// DynamoDB is the part of the DynamoDB client that a rebuild needs.
type DynamoDB interface {
	DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, opts ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, opts ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
	ListTagsOfResource(ctx context.Context, in *dynamodb.ListTagsOfResourceInput, opts ...func(*dynamodb.Options)) (*dynamodb.ListTagsOfResourceOutput, error)
	Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
}

// Lambda is the part of the Lambda client that a rebuild needs.
type Lambda interface {
	Invoke(ctx context.Context, in *lambda.InvokeInput, opts ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
	GetFunctionConfiguration(ctx context.Context, in *lambda.GetFunctionConfigurationInput, opts ...func(*lambda.Options)) (*lambda.GetFunctionConfigurationOutput, error)
}

// Clients reach AWS.
type Clients struct {
	DynamoDB DynamoDB
	Lambda   Lambda
}

// Limits and defaults of [Options].
const (
	// DefaultConcurrency and MaxConcurrency are how many invocations run at once.
	DefaultConcurrency = 4
	MaxConcurrency     = 64
	// DefaultBatch and MaxBatch are how many rows an invocation is given. A request to a
	// function has at most 6 MB, a key 2 KB.
	DefaultBatch = 100
	MaxBatch     = 1000
	// maxFailures is how many rows fail before a rebuild gives up.
	maxFailures = 100
)

// Options say what is rebuilt, and how.
type Options struct {
	// ReadModel is the name of the read model, Function that of the projections function
	// that makes its rows.
	ReadModel, Function string
	// Resume goes on with a rebuild that was interrupted, Restart throws away what it made.
	Resume, Restart bool
	// DryRun only says which rows differ. Keep keeps the fresh table.
	DryRun, Keep bool
	// Announce says that subscribers hear of the rows that are written.
	Announce bool
	// Concurrency is how many invocations run at once; it is also the number of segments in
	// which tables are scanned. Batch is how many rows an invocation is given.
	Concurrency, Batch int
	// By says who runs the rebuild, for others who find it.
	By string
	// Progress is told every few seconds how far the rebuild has come; may be nil.
	Progress func(text string)
	// Retry is for requests that AWS cannot serve at the moment. Default: 10 attempts, with
	// pauses of up to 20 s.
	Retry eventlog.Retry
	// Now is the clock. Default [time.Now].
	Now func() time.Time
}

// defaultRetry is patient: functions are throttled for as long as others use up the
// account's concurrency.
var defaultRetry = eventlog.Retry{Attempts: 10, Base: 500 * time.Millisecond, Cap: 20 * time.Second}

// setDefaults fills what has a default.
func (o *Options) setDefaults() {
	if o.Concurrency == 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.Batch == 0 {
		o.Batch = DefaultBatch
	}
	if o.Retry.Attempts == 0 {
		o.Retry = defaultRetry
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// check says everything that is wrong with the options.
func (o *Options) check() error {
	var problems []error
	if o.Resume && o.Restart {
		problems = append(problems, errors.New("--resume goes on with what was made and --restart throws it away: use one of them"))
	}
	if o.Concurrency < 1 || o.Concurrency > MaxConcurrency {
		problems = append(problems, fmt.Errorf("--concurrency is %d, it must be from 1 to %d", o.Concurrency, MaxConcurrency))
	}
	if o.Batch < 1 || o.Batch > MaxBatch {
		problems = append(problems, fmt.Errorf("--batch is %d, it must be from 1 to %d", o.Batch, MaxBatch))
	}
	return errors.Join(problems...)
}

// run is one run of a rebuild.
type run struct {
	Options
	Clients
	described protocol.RebuildDescription
	keyTypes  map[string]string
	state     state
	// slots are the invocations that may run at once.
	slots  chan struct{}
	counts counts
	// removed says that the fresh table is deleted.
	removed bool
}

// Run rebuilds a read model. The report is of use also when there is an error: it says what
// was done, which rows failed, and how to go on.
func Run(ctx context.Context, clients Clients, options Options) (Report, error) {
	options.setDefaults()
	r := &run{Options: options, Clients: clients, slots: make(chan struct{}, options.Concurrency)}
	r.counts.began = options.Now()
	if err := options.check(); err != nil {
		return r.report(""), err
	}
	if err := r.open(ctx); err != nil {
		return r.report(""), err
	}
	stop := r.tell()
	defer stop()
	status, err := r.steps(ctx)
	return r.report(status), err
}

// open finds out what there is to do and makes or takes over the fresh table.
func (r *run) open(ctx context.Context) error {
	if err := r.describe(ctx); err != nil {
		return err
	}
	version, err := r.version(ctx)
	if err != nil {
		return err
	}
	table, err := r.table(ctx, r.described.Table)
	if err != nil {
		return err
	}
	if table == nil {
		return fmt.Errorf("the table %s of the read model %s does not exist: run 'pulumi up'", r.described.Table, r.ReadModel)
	}
	r.keyTypes = keyTypes(table)
	return r.openFresh(ctx, table, version)
}

// steps takes the steps that are left.
func (r *run) steps(ctx context.Context) (status string, err error) {
	if r.state.phase == phaseFold {
		if err := r.fold(ctx); err != nil {
			return StatusFailed, err
		}
	}
	if r.DryRun {
		if err := r.compare(ctx); err != nil {
			return StatusFailed, err
		}
		return StatusCompared, r.remove(ctx)
	}
	if err := r.switchAll(ctx); err != nil {
		return StatusFailed, err
	}
	return StatusRebuilt, r.remove(ctx)
}

// fold makes all rows in the fresh table.
func (r *run) fold(ctx context.Context) error {
	r.counts.begin("folding")
	if err := r.walk(ctx, phaseFold, r.logScans(), protocol.RebuildFold); err != nil {
		return err
	}
	return r.unchanged(ctx)
}

// compare counts the rows that differ.
func (r *run) compare(ctx context.Context) error {
	r.counts.begin("comparing")
	for _, phase := range []string{phaseSwitch, phaseSweep} {
		if err := r.walk(ctx, "", r.rowScans(phase), protocol.RebuildCompare); err != nil {
			return err
		}
	}
	return nil
}

// switchAll writes the rows that differ over those of the read model.
func (r *run) switchAll(ctx context.Context) error {
	r.counts.begin("switching")
	for _, phase := range []string{phaseSwitch, phaseSweep} {
		if r.state.phase == phaseSweep && phase == phaseSwitch {
			continue
		}
		if err := r.enter(ctx, phase); err != nil {
			return err
		}
		if err := r.walk(ctx, phase, r.rowScans(phase), protocol.RebuildSwitch); err != nil {
			return err
		}
	}
	if err := r.unchanged(ctx); err != nil {
		return err
	}
	return r.enter(ctx, phaseDone)
}

// unchanged says that the plugin was deployed while its rows were made, nil if it was not.
func (r *run) unchanged(ctx context.Context) error {
	version, err := r.version(ctx)
	if err == nil && version != r.state.version {
		return fmt.Errorf("the function %s was changed during the rebuild: some rows are those of the old version; begin again with --restart", r.Function)
	}
	return err
}
