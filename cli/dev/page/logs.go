package page

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/reventless/pulumi-reventless/cli/internal/stack"
	"github.com/reventless/pulumi-reventless/runtime/eventlog"
)

// readInterval is how often the event logs that were written are read at most. A log is read
// whole, which is cheap for what a developer writes.
const readInterval = 250 * time.Millisecond

// logReader reads new commits of event logs.
type logReader struct {
	happenings *happenings
	wake       chan struct{}

	mutex sync.Mutex
	// logs are the plugin and name of each event log by its table; dirty are those that were
	// written, and seen are their items that were told of.
	logs  map[string]string
	dirty map[string]bool
	// seen is used by run only.
	seen map[string]map[string]bool
}

// follow takes the event logs that there are. All of them are read: something may have been
// written before they were known.
func (l *logReader) follow(stacks []*stack.Stack) {
	l.mutex.Lock()
	l.logs = map[string]string{}
	for _, one := range stacks {
		for _, plugin := range one.Plugins {
			for name, table := range plugin.EventLogs {
				l.logs[table] = plugin.Name + " " + name
			}
		}
	}
	tables := slices.Collect(maps.Keys(l.logs))
	l.mutex.Unlock()
	l.written(tables)
}

// written takes tables that were written.
func (l *logReader) written(tables []string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, table := range tables {
		if _, follows := l.logs[table]; follows {
			if l.dirty == nil {
				l.dirty = map[string]bool{}
			}
			l.dirty[table] = true
		}
	}
	if len(l.dirty) > 0 {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

func (l *logReader) run(ctx context.Context, client *dynamodb.Client) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		for table, name := range l.take() {
			l.read(ctx, client, table, name)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(readInterval):
		}
	}
}

// take are the logs that were written since the last time.
func (l *logReader) take() map[string]string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	taken := map[string]string{}
	for table := range l.dirty {
		taken[table] = l.logs[table]
	}
	l.dirty = nil
	return taken
}

// read tells of the commits of a table that are new, in the order of their times. A table
// that has just been deleted has none.
func (l *logReader) read(ctx context.Context, client *dynamodb.Client, table, name string) {
	if l.seen[table] == nil {
		l.seen[table] = map[string]bool{}
	}
	var news []eventlog.Commit
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return
		}
		for _, item := range page.Items {
			if commit, is := l.news(table, item); is {
				news = append(news, commit)
			}
		}
	}
	slices.SortStableFunc(news, func(a, b eventlog.Commit) int { return compare(a, b) })
	for _, commit := range news {
		l.tell(name, commit)
	}
}

func compare(a, b eventlog.Commit) int {
	if a.Time != b.Time {
		if a.Time < b.Time {
			return -1
		}
		return 1
	}
	return int(a.Seq - b.Seq)
}

// news is the commit of an item that has not been told of. In a DCB log one commit is in
// several streams, and guards are no commits.
func (l *logReader) news(table string, item map[string]types.AttributeValue) (eventlog.Commit, bool) {
	commit, err := eventlog.DecodeItem(item)
	if err != nil {
		return commit, false
	}
	key := fmt.Sprintf("%s %s %d", commit.CommandID, commit.ID, commit.Seq)
	if commit.Position != 0 {
		key = fmt.Sprintf("%s %d", commit.CommandID, commit.Position)
	}
	if l.seen[table][key] {
		return commit, false
	}
	l.seen[table][key] = true
	return commit, true
}

func (l *logReader) tell(log string, commit eventlog.Commit) {
	at, err := time.Parse(time.RFC3339Nano, commit.Time)
	if err != nil {
		at = time.Now()
	}
	for i, event := range commit.Events {
		id := commit.ID
		if len(commit.Places) > i {
			id = commit.Places[i].ID
		}
		l.happenings.add(Happening{Kind: "event", Time: at, Source: log, Text: event.Type + " " + id, Data: event.Data})
	}
}
