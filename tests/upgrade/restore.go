package upgrade

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	appsynctypes "github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	apiType        = "aws:appsync/graphQLApi:GraphQLApi"
	invocationType = "aws:lambda/invocation:Invocation"
)

// restoring is a restore under way.
type restoring struct {
	snapshot *Snapshot
	config   aws.Config
	provider *plugin
	names    *names
}

// Restore makes the deployment in a local AWS that has nothing of the same names. program is
// that of the stand-in for the aws provider. The states that it returns are those
// recorded, with the ids of now.
func (s *Snapshot) Restore(ctx context.Context, config aws.Config, program string) ([]Stack, error) {
	endpoint, err := url.Parse(*config.BaseEndpoint)
	if err != nil {
		return nil, err
	}
	provider, err := start(ctx, program, config)
	if err != nil {
		return nil, err
	}
	defer provider.close()
	r := &restoring{snapshot: s, config: config, provider: provider, names: newNames(host, endpoint.Host)}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	text, err := json.Marshal(s.Stacks)
	if err != nil {
		return nil, err
	}
	var stacks []Stack
	return stacks, json.Unmarshal([]byte(r.names.now(string(text))), &stacks)
}

// all makes resources in the order of the states, in which each comes after those that it
// needs, and fills the tables. The idle functions are told of the items, as those of then
// were.
func (r *restoring) all(ctx context.Context) error {
	for _, stack := range r.snapshot.Stacks {
		for _, resource := range resources(stack.State) {
			kind := text(resource, "type")
			if !strings.HasPrefix(kind, "aws:") || kind == invocationType {
				continue // Nothing but the state has it.
			}
			if err := r.create(ctx, resource); err != nil {
				return err
			}
		}
	}
	if err := r.subscribe(ctx); err != nil {
		return err
	}
	return r.fill(ctx)
}

// create makes a resource and learns which ids it has now.
func (r *restoring) create(ctx context.Context, resource map[string]any) error {
	inputs, ok := r.inputs(resource).(map[string]any)
	if !ok {
		return fmt.Errorf("%s has no inputs", text(resource, "urn"))
	}
	id, outputs, err := r.provider.create(ctx, text(resource, "urn"), inputs)
	if err != nil {
		return fmt.Errorf("making %s again: %w", text(resource, "urn"), err)
	}
	r.names.learn("id", text(resource, "id"), id)
	r.names.learn("", plain(resource["outputs"]), plain(outputs))
	if text(resource, "type") == apiType {
		return r.push(ctx, id, r.snapshot.Schemas[text(resource, "id")])
	}
	return nil
}

// inputs are the inputs of a resource as the provider takes them, with the ids of now.
func (r *restoring) inputs(resource map[string]any) any {
	return r.names.replaced(withoutCode(plain(resource["inputs"])))
}

// push gives an API its schema, so that it can have resolvers.
func (r *restoring) push(ctx context.Context, id, schema string) error {
	client := appsync.NewFromConfig(r.config)
	if _, err := client.StartSchemaCreation(ctx, &appsync.StartSchemaCreationInput{ApiId: &id, Definition: []byte(schema)}); err != nil {
		return err
	}
	for {
		answer, err := client.GetSchemaCreationStatus(ctx, &appsync.GetSchemaCreationStatusInput{ApiId: &id})
		switch {
		case err != nil:
			return err
		case answer.Status == appsynctypes.SchemaStatusSuccess:
			return nil
		case answer.Status == appsynctypes.SchemaStatusFailed:
			return fmt.Errorf("the recorded schema of %s is refused: %s", id, aws.ToString(answer.Details))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// fill puts the recorded items into the tables.
func (r *restoring) fill(ctx context.Context) error {
	client := dynamodb.NewFromConfig(r.config)
	for table, items := range r.snapshot.Tables {
		for _, recorded := range items {
			item, err := attributevalue.UnmarshalMapJSON([]byte(r.names.now(string(recorded))))
			if err != nil {
				return err
			}
			if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}); err != nil {
				return fmt.Errorf("filling %s: %w", table, err)
			}
		}
	}
	return nil
}

// resources are the resources of an exported state.
func resources(state map[string]any) []map[string]any {
	deployment, _ := state["deployment"].(map[string]any)
	list, _ := deployment["resources"].([]any)
	var all []map[string]any
	for _, each := range list {
		if resource, ok := each.(map[string]any); ok {
			all = append(all, resource)
		}
	}
	return all
}

func text(resource map[string]any, key string) string {
	value, _ := resource[key].(string)
	return value
}
