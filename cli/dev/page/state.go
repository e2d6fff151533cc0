package page

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/reventless/pulumi-reventless/cli/internal/report"
	"github.com/reventless/pulumi-reventless/localaws/graphqlclient"
)

// State is what the page shows beside what happens.
type State struct {
	// Deployment is the last one.
	Deployment *report.Report `json:"deployment"`
	Plugins    []Plugin       `json:"plugins"`
	Addresses  []Address      `json:"addresses"`
	// Problem is why the platform's API did not say what it knows, "" when it did.
	Problem string `json:"problem,omitempty"`
}

// Address is where something is.
type Address struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Plugin is a plugin as the local AWS and the platform's registry know it.
type Plugin struct {
	Name       string   `json:"name"`
	Version    string   `json:"version"`
	Status     string   `json:"status"`
	LastSeen   string   `json:"lastSeen"`
	Fields     []string `json:"fields"`
	EventLogs  []Table  `json:"eventLogs"`
	ReadModels []Table  `json:"readModels"`
	Queues     []Queue  `json:"queues"`
}

// Table is a table with the number of its items.
type Table struct {
	Name  string `json:"name"`
	Table string `json:"table"`
	Items int64  `json:"items"`
}

// Queue is a queue with the number of its messages.
type Queue struct {
	Name       string `json:"name"`
	Messages   int    `json:"messages"`
	DeadLetter bool   `json:"deadLetter"`
}

func (s *Server) serveState(w http.ResponseWriter, r *http.Request) {
	done, _ := s.now()
	plugins := s.plugins(r.Context())
	state := State{Deployment: done, Plugins: plugins, Addresses: s.Addresses()}
	if err := s.ask(r.Context(), state.Plugins); err != nil {
		state.Problem = err.Error()
	}
	answer(w, state, nil)
}

// plugins counts what the deployed plugins have.
func (s *Server) plugins(ctx context.Context) []Plugin {
	_, stacks := s.now()
	plugins := []Plugin{}
	for _, one := range stacks {
		for _, deployed := range one.Plugins {
			plugin := Plugin{Name: deployed.Name, Version: deployed.Version, Fields: []string{},
				EventLogs: s.tables(ctx, deployed.EventLogs), ReadModels: s.tables(ctx, deployed.ReadModels), Queues: []Queue{}}
			if deployed.CommandQueueURL != "" {
				plugin.Queues = append(plugin.Queues, s.queue(ctx, "commands", deployed.CommandQueueURL, false))
			}
			for _, part := range slices.Sorted(maps.Keys(deployed.DeadLetterQueues)) {
				plugin.Queues = append(plugin.Queues, s.queue(ctx, part, deployed.DeadLetterQueues[part], true))
			}
			plugins = append(plugins, plugin)
		}
	}
	return plugins
}

func (s *Server) tables(ctx context.Context, named map[string]string) []Table {
	tables := []Table{}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		physical := named[name]
		table := Table{Name: name, Table: physical}
		if described, err := s.dynamodb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &physical}); err == nil && described.Table.ItemCount != nil {
			table.Items = *described.Table.ItemCount
		}
		tables = append(tables, table)
	}
	return tables
}

func (s *Server) queue(ctx context.Context, name, url string, deadLetter bool) Queue {
	queue := Queue{Name: name, DeadLetter: deadLetter}
	got, err := s.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll}})
	if err != nil {
		return queue
	}
	for _, attribute := range []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages,
		sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible, sqstypes.QueueAttributeNameApproximateNumberOfMessagesDelayed} {
		count, _ := strconv.Atoi(got.Attributes[string(attribute)])
		queue.Messages += count
	}
	return queue
}

// registryQuery asks the platform for its plugins.
const registryQuery = `query { Platform_plugins(limit: 100) { items { id version status lastSeen connectedAt fields } } }`

// ask fills in what the registry knows.
func (s *Server) ask(ctx context.Context, plugins []Plugin) error {
	url := s.graphQL()
	if url == "" {
		return nil
	}
	client := graphqlclient.Client{URL: url, Region: s.aws.Region, Credentials: s.aws.Credentials}
	var known struct {
		Page struct {
			Items []struct {
				ID, Version, Status, LastSeen, ConnectedAt string
				Fields                                     []string
			}
		} `json:"Platform_plugins"`
	}
	if err := client.Data(ctx, &known, registryQuery, nil); err != nil {
		return fmt.Errorf("the platform's API does not answer: %w", err)
	}
	for _, item := range known.Page.Items {
		for i := range plugins {
			if plugins[i].Name == item.ID {
				plugins[i].Status, plugins[i].LastSeen, plugins[i].Fields = item.Status, cmp.Or(item.LastSeen, item.ConnectedAt), item.Fields
			}
		}
	}
	return nil
}

// graphQL is the address of the platform's API, "" before there is one.
func (s *Server) graphQL() string {
	_, stacks := s.now()
	for _, one := range stacks {
		for _, platform := range one.Platforms {
			return platform.GraphQLURL
		}
	}
	return ""
}

// Addresses are those of the API.
func (s *Server) Addresses() []Address {
	url := s.graphQL()
	if url == "" {
		return []Address{}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	page := s.local + "/graphiql/" + path.Base(url)
	if s.credential != "" {
		page += "?apiKey=" + s.credential
	}
	return []Address{{"GraphQL", url}, {"GraphiQL", page}}
}

// maxRows is how many rows of a read model are shown.
const maxRows = 50

// serveRows shows rows of a read model or items of an event log; other tables it does not
// show.
func (s *Server) serveRows(w http.ResponseWriter, r *http.Request) {
	table := r.URL.Query().Get("table")
	if !s.shows(table) {
		answer(w, nil, fmt.Errorf("no plugin has the table %q: %w", table, fs.ErrNotExist))
		return
	}
	limit := int32(maxRows)
	got, err := s.dynamodb.Scan(r.Context(), &dynamodb.ScanInput{TableName: &table, Limit: &limit})
	if err != nil {
		answer(w, nil, err)
		return
	}
	rows := []map[string]any{}
	err = attributevalue.UnmarshalListOfMaps(got.Items, &rows)
	slices.SortFunc(rows, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a["id"]), fmt.Sprint(b["id"])) })
	answer(w, rows, err)
}

func (s *Server) shows(table string) bool {
	_, stacks := s.now()
	for _, one := range stacks {
		for _, plugin := range one.Plugins {
			for _, named := range []map[string]string{plugin.EventLogs, plugin.ReadModels} {
				for _, physical := range named {
					if physical == table {
						return true
					}
				}
			}
		}
	}
	return false
}
