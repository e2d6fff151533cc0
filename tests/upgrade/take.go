package upgrade

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	appsynctypes "github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// host stands for the address of the local AWS in a snapshot.
const host = "local-aws.test"

// apiKey is the form of AppSync's keys.
var apiKey = regexp.MustCompile(`da2-[a-z0-9]{26}`)

// Take reads what the exported stacks, and all else in the local AWS, are.
func Take(ctx context.Context, config aws.Config, version string, stacks []Stack) (*Snapshot, error) {
	s := &Snapshot{Version: version, Programs: map[string]string{}, Stacks: stacks}
	for i := range s.Stacks {
		tidy(s.Stacks[i].State)
	}
	var err error
	if s.Tables, err = Tables(ctx, config); err != nil {
		return nil, err
	}
	if s.Schemas, err = schemas(ctx, config); err != nil {
		return nil, err
	}
	if s.Subscriptions, err = subscriptions(ctx, config, stacks); err != nil {
		return nil, err
	}
	endpoint, err := url.Parse(*config.BaseEndpoint)
	if err != nil {
		return nil, err
	}
	return s.rewritten(func(text string) string {
		return apiKey.ReplaceAllString(strings.ReplaceAll(text, endpoint.Host, host), "da2-recorded")
	})
}

// rewritten is a snapshot with another text.
func (s *Snapshot) rewritten(change func(string) string) (*Snapshot, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	changed := &Snapshot{}
	return changed, json.Unmarshal([]byte(change(string(text))), changed)
}

// tidy leaves out of a state where the program that registered a resource was, and the
// folders of files outside of the projects.
func tidy(value any) {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			tidy(each)
		}
	case map[string]any:
		delete(v, "stackTrace")
		delete(v, "sourcePosition")
		if file, ok := v["path"].(string); ok && v[signature] != nil && path.IsAbs(file) {
			v["path"] = path.Base(file)
		}
		for _, each := range v {
			tidy(each)
		}
	}
}

// private finds a folder of this computer's in a text.
func private(text string) string {
	folders := []string{os.TempDir() + "/"}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, home+"/")
	}
	if folder, err := os.Getwd(); err == nil {
		folders = append(folders, folder+"/")
	}
	if i := slices.IndexFunc(folders, func(folder string) bool { return strings.Contains(text, folder) }); i >= 0 {
		return folders[i]
	}
	return ""
}

// Tables are the items of all tables, in DynamoDB's JSON.
func Tables(ctx context.Context, config aws.Config) (map[string][]json.RawMessage, error) {
	client, tables := dynamodb.NewFromConfig(config), map[string][]json.RawMessage{}
	names, err := client.ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		return nil, err
	}
	for _, name := range names.TableNames {
		if tables[name], err = items(ctx, client, name); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func items(ctx context.Context, client *dynamodb.Client, table string) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			text, err := attributevalue.MarshalMapJSON(item)
			if err != nil {
				return nil, err
			}
			ordered, err := inOrder(text)
			if err != nil {
				return nil, err
			}
			all = append(all, ordered)
		}
	}
	slices.SortFunc(all, func(a, b json.RawMessage) int { return strings.Compare(string(a), string(b)) })
	return all, nil
}

// inOrder is JSON with the keys of its objects in order, which the SDK does not give.
func inOrder(text []byte) ([]byte, error) {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func schemas(ctx context.Context, config aws.Config) (map[string]string, error) {
	client, all := appsync.NewFromConfig(config), map[string]string{}
	apis, err := client.ListGraphqlApis(ctx, &appsync.ListGraphqlApisInput{})
	if err != nil {
		return nil, err
	}
	for _, api := range apis.GraphqlApis {
		answer, err := client.GetIntrospectionSchema(ctx, &appsync.GetIntrospectionSchemaInput{
			ApiId: api.ApiId, Format: appsynctypes.OutputTypeSdl, IncludeDirectives: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		all[*api.ApiId] = string(answer.Schema)
	}
	return all, nil
}
