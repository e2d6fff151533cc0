package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// Fields of the platform's own schema that the function answers.
const (
	fieldPlugin     = "Platform_plugin"
	fieldPlugins    = "Platform_plugins"
	fieldEvents     = "Platform_pluginEvents"
	fieldDeactivate = "Platform_deactivatePlugin"
	fieldActivate   = "Platform_activatePlugin"
	fieldRetire     = "Platform_retirePlugin"
)

// Sizes of pages.
const (
	defaultPage = 100
	maxPage     = 1000
)

// arguments are those of all fields.
type arguments struct {
	ID        string `json:"id"`
	Reason    string `json:"reason"`
	Limit     *int   `json:"limit"`
	NextToken string `json:"nextToken"`
}

// answer answers a field of the platform's own schema. What fails is a part of the
// answer, because AppSync gives every error of a function the same type.
func (c *Connect) answer(ctx context.Context, f protocol.FieldInvocation) any {
	var args arguments
	if err := json.Unmarshal(f.Arguments, &args); err != nil {
		return failure("InvalidArguments", fmt.Errorf("the arguments of %s cannot be read: %w", f.Field, err))
	}
	value, err := c.value(ctx, f, args)
	if err != nil {
		c.Logger.Error("a field could not be answered", "field", f.Field, "error", err)
		return failure("PlatformError", err)
	}
	return value
}

// value is the value of a field.
func (c *Connect) value(ctx context.Context, f protocol.FieldInvocation, args arguments) (any, error) {
	switch f.Field {
	case fieldPlugin:
		return c.plugin(ctx, args.ID)
	case fieldPlugins:
		return c.plugins(ctx, args)
	case fieldEvents:
		return c.events(ctx, args)
	case fieldDeactivate, fieldActivate, fieldRetire:
		return c.operate(ctx, f, args)
	}
	return nil, fmt.Errorf("the connect function does not answer the field %q; update the platform's stack", f.Field)
}

func failure(kind string, err error) protocol.FieldFailure {
	return protocol.FieldFailure{Error: protocol.FieldError{Type: kind, Message: err.Error()}}
}

// page is the size of a page.
func (a arguments) page() int {
	if a.Limit == nil {
		return defaultPage
	}
	return max(1, min(*a.Limit, maxPage))
}

// shown is the GraphQL type Platform_Plugin.
type shown struct {
	ID              string   `json:"id"`
	Version         string   `json:"version"`
	Status          string   `json:"status"`
	Hash            string   `json:"hash"`
	Stack           string   `json:"stack,omitempty"`
	Fields          []string `json:"fields"`
	ExtensionPoints []string `json:"extensionPoints"`
	ConnectedAt     string   `json:"connectedAt,omitempty"`
	Message         string   `json:"message,omitempty"`
	LastSeen        string   `json:"lastSeen,omitempty"`
	PreviousVersion string   `json:"previousVersion,omitempty"`
	StatusChangedAt string   `json:"statusChangedAt,omitempty"`
	Reason          string   `json:"reason,omitempty"`
	UIBundleURL     string   `json:"uiBundleUrl,omitempty"`
	// DeadLetters is null while nothing is known of them.
	DeadLetters   []deadLetterQueue `json:"deadLetters"`
	DeadLettersAt string            `json:"deadLettersAt,omitempty"`
}

func (c *Connect) show(ctx context.Context, row registry.Row, beat registry.Beat) shown {
	s := shown{
		ID: row.ID, Version: row.Version, Status: row.Shown().Status, Hash: row.Hash, Stack: row.Stack, Fields: row.Fields,
		ExtensionPoints: row.ExtensionPoints, ConnectedAt: row.ConnectedAt, Message: row.Message,
		PreviousVersion: row.PreviousVersion, StatusChangedAt: row.StatusChangedAt, Reason: row.Reason,
		UIBundleURL: row.UIBundleURL,
	}
	if s.Status == "" {
		s.Status = row.Status
	}
	if beat.Stack == row.Stack {
		s.LastSeen = beat.LastSeen
	}
	s.DeadLetters, s.DeadLettersAt = c.deadLetters(ctx, row, beat)
	return s
}

// plugin shows one plugin, null if there is none.
func (c *Connect) plugin(ctx context.Context, id string) (any, error) {
	row, err := c.Store.Row(ctx, id)
	if err != nil || row.Revision == 0 || row.Deleted {
		return nil, err
	}
	beat, err := c.Store.LastBeat(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.show(ctx, row, beat), nil
}

// plugins shows a page of all plugins.
func (c *Connect) plugins(ctx context.Context, args arguments) (any, error) {
	rows, next, err := c.Store.Rows(ctx, args.NextToken, args.page())
	if err != nil {
		return nil, err
	}
	beats, err := c.Store.Beats(ctx)
	if err != nil {
		return nil, err
	}
	items := []shown{}
	for _, row := range rows {
		items = append(items, c.show(ctx, row, beats[row.ID]))
	}
	return connection(items, next), nil
}

// events shows a page of a plugin's events, newest first.
func (c *Connect) events(ctx context.Context, args arguments) (any, error) {
	before := int64(0)
	if args.NextToken != "" {
		var err error
		if before, err = strconv.ParseInt(args.NextToken, 10, 64); err != nil || before < 1 {
			return nil, fmt.Errorf("nextToken is %q, but that is none of a page before", args.NextToken)
		}
	}
	past, number, err := c.Store.History(ctx, args.ID, before, args.page())
	if err != nil {
		return nil, err
	}
	next := ""
	if number > 0 {
		next = strconv.FormatInt(number, 10)
	}
	return connection(past, next), nil
}

// connection is a page as GraphQL has it.
func connection[T any](items []T, next string) map[string]any {
	if items == nil {
		items = []T{}
	}
	page := map[string]any{"items": items, "nextToken": nil}
	if next != "" {
		page["nextToken"] = next
	}
	return page
}

// operateTime is how long an operator's mutation waits for its outcome. AppSync gives up
// a request after 30 s.
// https://docs.aws.amazon.com/general/latest/gr/appsync.html
const operateTime = 24 * time.Second

// operate sends an operator's request and waits for the outcome for a while. One that
// takes longer is pending; Platform_pluginEvents shows it under its correlation id, and
// Platform_plugin what became of it.
func (c *Connect) operate(ctx context.Context, f protocol.FieldInvocation, args arguments) (any, error) {
	row, err := c.Store.Row(ctx, args.ID)
	if err != nil {
		return nil, err
	}
	request := c.operation(ctx, f, args)
	result := protocol.CommandResult{ID: args.ID, CommandID: request.ID, CorrelationID: request.ID, Version: row.Shown().LogVersion}
	if row.Shown().Status == "" {
		problem := registry.UnknownPlugin(args.ID)
		result.Status, result.Code, result.Message = protocol.Rejected, problem.Code, problem.Message
		return result, nil
	}
	outcome, err := c.askWithin(ctx, request, operateTime)
	switch {
	case err != nil:
		return nil, err
	case outcome == nil:
		result.Status = protocol.Pending
		result.Message = "the platform is still at work on it; Platform_plugin shows what became of it"
		return result, nil
	}
	if row, err = c.Store.Row(ctx, args.ID); err != nil {
		return nil, err
	}
	result.Status, result.Message, result.Version = protocol.Accepted, outcome.Text(), row.Shown().LogVersion
	if !outcome.OK {
		result.Status, result.Code = protocol.Rejected, outcome.Problems[0].Code
	}
	return result, nil
}

// operation is the request of an operator.
func (c *Connect) operation(ctx context.Context, f protocol.FieldInvocation, args arguments) registry.Request {
	operation := &registry.Operation{Plugin: args.ID, Reason: registry.Short(args.Reason)}
	var request registry.Request
	switch f.Field {
	case fieldDeactivate:
		request = c.request(ctx, registry.TypeDeactivate)
		request.Deactivate = operation
	case fieldActivate:
		request = c.request(ctx, registry.TypeActivate)
		request.Activate = operation
	default:
		request = c.request(ctx, registry.TypeRetire)
		request.Retire = operation
	}
	request.Actor = f.Identity
	return request
}
