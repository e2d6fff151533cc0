package registry

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"

	"github.com/reventless/pulumi-reventless/runtime/connect"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/runtime/schema"
	"github.com/reventless/pulumi-reventless/runtime/schemapush/schemapushtest"
)

// Names of what the cloud holds.
const (
	logTable, pluginsTable, livenessTable = "log", "plugins", "liveness"
	registryURL, sweepURL                 = "registry.fifo", "sweep"
	registryARN                           = "arn:aws:sqs:eu-central-1:123456789012:registry.fifo"
	sweepARN                              = "arn:aws:sqs:eu-central-1:123456789012:sweep"
	pluginSource                          = "plugin"
	poison                                = "poison"
)

// modes are the API's; two of them make the platform write authorization directives.
var modes = []string{"API_KEY", "AWS_IAM"}

// Faults are the rates of faults, each between 0 and 1.
type Faults struct {
	// Of the admin function's invocations: Kills end at a request to AWS, before or after
	// its effect; in Errors one request fails.
	Kills, Errors float64
	// LostDeletes is the rate of batches that were worked on but are delivered again.
	LostDeletes float64
	// Hard makes AppSync slow, busy, throttling and inconsistent.
	Hard bool
}

// figures are what a run counts.
type figures struct {
	deploys, refused, unanswered, batches, repeated, kills, dead, clobbers int
}

// cloud is the registry with everything around it, but for the stacks.
type cloud struct {
	faults Faults
	db     *eventlogtest.DynamoDB
	api    *schemapushtest.AppSync
	fifo   *queue
	store  *registry.Store
	door   *connect.Connect

	mu      sync.Mutex
	random  *rand.Rand
	figures figures
	wrong   []string
	// outcomes are those of all requests, as the rows showed them.
	outcomes map[string]registry.Outcome
	// revisions are those that stacks have sent, by hash.
	revisions map[string]*revision
	sweeps    int
	// tamper changes what is pushed, lose loses each n-th request: sabotage that the checks
	// must find.
	tamper func(sdl string) string
	lose   int
	// outageEnd is until when requests of the admin function fail.
	outageEnd time.Time
}

// wallClock is the clock of the bubble.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func newCloud(seed uint64, faults Faults) *cloud {
	c := &cloud{
		faults: faults, random: rand.New(rand.NewPCG(seed, 1)), outcomes: map[string]registry.Outcome{}, revisions: map[string]*revision{},
		db: eventlogtest.New(eventlogtest.Table{Name: logTable, Log: true}, eventlogtest.Table{Name: pluginsTable}, eventlogtest.Table{Name: livenessTable}),
	}
	c.db.PageSize = 50
	c.api = schemapushtest.New(wallClock{})
	c.api.Creation = 2 * time.Second
	c.api.Refuse = func(sdl string) string {
		if strings.Contains(sdl, poison) {
			return "Failed to parse schema document."
		}
		return ""
	}
	if faults.Hard {
		c.api.ConflictsAfter, c.api.ThrottleEvery, c.api.Propagation, c.api.FalseFailures, c.api.StaleReads = 3*time.Second, 9, 2, 1, 1
	}
	c.api.Applied = c.applied
	_, err := c.api.CreateDataSource(context.Background(), &appsync.CreateDataSourceInput{Name: aws.String(pluginSource), Type: types.DataSourceTypeNone})
	c.must(err)
	c.store = registry.NewStore(c.db, logTable, pluginsTable, livenessTable)
	c.fifo = newQueue(c)
	c.door = connect.New(connect.Config{Store: c.store, Queue: queueClient{c.fifo}, Modes: modes, RegistryQueueURL: registryURL, Logger: slog.New(slog.DiscardHandler)})
	return c
}

// fail notes something that must not be.
func (c *cloud) fail(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrong) < 20 {
		c.wrong = append(c.wrong, text)
	}
}

func (c *cloud) must(err error) {
	if err != nil {
		c.fail(err.Error())
	}
}

// chance is true at a rate.
func (c *cloud) chance(rate float64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return rate > 0 && c.random.Float64() < rate
}

// number is a random number below n.
func (c *cloud) number(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

// count changes the figures.
func (c *cloud) count(change func(*figures)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.figures)
}

// pushes is the number of schema creations so far.
func (c *cloud) pushes() int { return c.api.Counts()["StartSchemaCreation"] }

// harvest keeps the outcomes that the rows show. A row keeps more of them than one batch
// brings, so none is missed after each batch.
func (c *cloud) harvest(requests []registry.Request) {
	for _, r := range requests {
		if r.Plugin() == "" {
			continue
		}
		row, err := c.store.Row(context.Background(), r.Plugin())
		c.must(err)
		c.mu.Lock()
		for _, o := range row.Outcomes {
			c.outcomes[o.Request] = o
		}
		c.mu.Unlock()
	}
}

// logged are the plugins, and the ids of the requests that led to events, as the log tells.
func (c *cloud) logged() (map[string]registry.State, map[string]bool) {
	states, requests := map[string]registry.State{}, map[string]bool{}
	for _, item := range c.db.Items(logTable) {
		commit, err := eventlog.DecodeItem(item)
		c.must(err)
		requests[commit.CommandID] = true
		for _, e := range commit.Recorded(registry.Aggregate) {
			states[e.ID], err = states[e.ID].Apply(e)
			c.must(err)
		}
	}
	return states, requests
}

// applied checks a schema that takes effect: no field of a plugin that is served may be
// missing unless a request about the plugin is under way.
func (c *cloud) applied(sdl string) {
	live, err := schema.ParseLive(sdl)
	if err != nil {
		c.fail(err.Error())
		return
	}
	fields, busy := live.RootFields(), c.fifo.about()
	states, _ := c.logged()
	for name, state := range states {
		if !state.Served() || busy[name] {
			continue
		}
		for _, field := range c.revision(state.Hash).fields {
			if !fields[field] {
				c.fail("a schema was pushed without the field " + field + " of plugin " + name)
			}
		}
	}
}

// revision finds a revision that a stack has sent.
func (c *cloud) revision(hash string) *revision {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revisions[hash]
}

// idle waits until nothing is on its way.
func (c *cloud) idle(limit time.Duration) {
	for end := time.Now().Add(limit); ; time.Sleep(time.Second) {
		c.mu.Lock()
		sweeps := c.sweeps
		c.mu.Unlock()
		if c.fifo.empty() && sweeps == 0 {
			return
		}
		if time.Now().After(end) {
			c.fail("the queues are not empty after " + limit.String())
			return
		}
	}
}

// about are the plugins that waiting requests are about.
func (q *queue) about() map[string]bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	busy := map[string]bool{}
	for _, m := range slices.Concat(q.messages, q.dead) {
		busy[m.request.Plugin()] = true
	}
	return busy
}
