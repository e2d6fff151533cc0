package connect

import (
	"context"
	"regexp"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// releaseTime is how long a stack waits until a resolver is given up.
const releaseTime = 2 * time.Minute

// fieldPattern is a root field that can have a resolver.
var fieldPattern = regexp.MustCompile(`^(Query|Mutation|Subscription)\.[_A-Za-z][_0-9A-Za-z]*$`)

// release asks the registry to give up the resolver of a field, so that the plugin's stack
// can make its own.
func (c *Connect) release(ctx context.Context, r protocol.ConnectRequest) (*protocol.ConnectResult, error) {
	if !validName(r.Plugin) || r.Stack == "" || !fieldPattern.MatchString(r.RootField) {
		return &protocol.ConnectResult{Problems: []protocol.Problem{registry.Problem(protocol.CodeInvalidRequest,
			"plugin is %q, stack %q and rootField %q; they must be a plugin's name, organization/project/stack, and a root field such as Query.product", r.Plugin, r.Stack, r.RootField)}}, nil
	}
	request := c.request(ctx, registry.TypeRelease)
	request.Release = &registry.Release{Plugin: r.Plugin, Stack: r.Stack, Field: r.RootField}
	outcome, err := c.askWithin(ctx, request, releaseTime)
	switch {
	case err != nil:
		return nil, err
	case outcome == nil:
		return &protocol.ConnectResult{Problems: []protocol.Problem{registry.Problem(protocol.CodeNotReleasable,
			"the platform did not give up the resolver of %s within %s; run the deployment again", r.RootField, releaseTime)}}, nil
	}
	return &protocol.ConnectResult{OK: outcome.OK, Problems: outcome.Problems}, nil
}
