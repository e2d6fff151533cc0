package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

const (
	// connectTime is the connect function's timeout.
	connectTime = 840 * time.Second
	// resolverTime is how long a stack tries to make a resolver.
	resolverTime = 20 * time.Minute
)

// revision is what a stack deploys.
type revision struct {
	version string
	// fields are the root fields ("Query.product"), money the variant of a type that
	// plugins may share, 0 for none. closed says that the fields are for AWS_IAM only.
	fields []string
	money  int
	closed bool
}

// poisoned says that AppSync refuses the revision.
func (r *revision) poisoned() bool {
	return slices.ContainsFunc(r.fields, func(field string) bool { return strings.Contains(field, poison) })
}

// sdl is the revision's fragment.
func (r *revision) sdl() string {
	var text strings.Builder
	for _, root := range []string{"Query", "Mutation"} {
		var lines []string
		for _, field := range r.fields {
			if name, ok := strings.CutPrefix(field, root+"."); ok {
				lines = append(lines, "  "+name+": "+r.result()+"\n")
			}
		}
		if len(lines) > 0 {
			text.WriteString("type " + root + " {\n" + strings.Join(lines, "") + "}\n")
		}
	}
	switch {
	case text.Len() == 0:
	case r.money == 1:
		text.WriteString("type Money {\n  amount: Int\n}\n")
	case r.money == 2:
		text.WriteString("type Money {\n  amount: Int\n  currency: String\n}\n")
	}
	return text.String()
}

func (r *revision) result() string {
	result := "Int"
	if r.money > 0 {
		result = "Money"
	}
	if r.closed {
		result += " @aws_iam"
	}
	return result
}

// stack is a plugin's stack as Pulumi keeps it.
type stack struct {
	cloud      *cloud
	plugin, id string
	// lock is full while the stack is deployed, as Pulumi locks it. (A mutex would stop the
	// bubble's time.)
	lock chan struct{}
	// input is that of the connection as the stack's state has it, nil without one.
	input *protocol.ConnectRequest
	// resolvers are those in the stack's state.
	resolvers map[string]bool
	// gone says that the stack was destroyed and not deployed since.
	gone bool
}

func newStack(c *cloud, plugin, id string) *stack {
	return &stack{cloud: c, plugin: plugin, id: id, lock: make(chan struct{}, 1), resolvers: map[string]bool{}}
}

// errRefused is a deployment that ended with a reason of its own.
var errRefused = errors.New("refused")

// up deploys a revision. killed ends it while it waits for the connection; the request
// is under way then.
func (s *stack) up(r *revision, look, killed bool) error {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	c := s.cloud
	s.gone = false
	c.count(func(f *figures) { f.deploys++ })
	request := protocol.ConnectRequest{Plugin: s.plugin, Version: r.version, Stack: s.id, Fragment: r.sdl(), Hash: s.hash(r)}
	check := request
	check.Action, check.Applying = protocol.ActionCheck, true
	result, err := c.call(check)
	if err != nil {
		return err
	}
	if look && !result.OK {
		return s.refusal(result)
	}
	request.Nonce = result.Nonce
	if s.input == nil || s.input.Hash != request.Hash || s.input.Nonce != request.Nonce {
		if result, err = s.connect(request, killed); err != nil {
			return err
		}
		if !result.OK {
			return s.refusal(result)
		}
	}
	return s.makeResolvers(r)
}

// hash is the hash of a revision, which is known from here on.
func (s *stack) hash(r *revision) string {
	hash := fmt.Sprintf("%s %s %s %d %v", s.plugin, r.version, strings.Join(r.fields, ","), r.money, r.closed)
	s.cloud.mu.Lock()
	defer s.cloud.mu.Unlock()
	s.cloud.revisions[hash] = r
	return hash
}

// refusal is the reason of a refusal.
func (s *stack) refusal(result protocol.ConnectResult) error {
	s.cloud.count(func(f *figures) { f.refused++ })
	for _, p := range result.Problems {
		switch p.Code {
		case protocol.CodeFieldConflict, protocol.CodeTypeConflict, protocol.CodeNameTaken, protocol.CodeSchemaRefused, protocol.CodeWrongStatus, protocol.CodeExpired:
		default:
			s.cloud.fail(fmt.Sprintf("a deployment of plugin %s was refused with %s: %s", s.plugin, p.Code, p.Message))
		}
	}
	if len(result.Problems) == 0 {
		s.cloud.fail("a deployment of plugin " + s.plugin + " was refused without a reason")
	}
	return fmt.Errorf("%w: %s", errRefused, registry.Texts(result.Problems))
}

// connect is the invocation that connects. Whatever the function answers, the state has
// its input then; an error leaves the state as it was.
func (s *stack) connect(request protocol.ConnectRequest, killed bool) (protocol.ConnectResult, error) {
	action := protocol.ActionUpdate
	if s.input == nil {
		action = protocol.ActionCreate
	}
	sent := request
	sent.Lifecycle = &protocol.Lifecycle{Action: action}
	if killed {
		go func() { _, _ = s.cloud.call(sent) }()
		time.Sleep(time.Second)
		return protocol.ConnectResult{}, errors.New("killed")
	}
	result, err := s.cloud.call(sent)
	if err == nil {
		s.input = &request
	}
	return result, err
}

// makeResolvers makes the resolvers that are missing, and deletes those without field.
func (s *stack) makeResolvers(r *revision) error {
	for _, field := range r.fields {
		if s.resolvers[field] {
			continue
		}
		if err := s.makeResolver(field); err != nil {
			return err
		}
		s.resolvers[field] = true
	}
	for field := range s.resolvers {
		if !slices.Contains(r.fields, field) {
			s.deleteResolver(field)
		}
	}
	return nil
}

// makeResolver makes a resolver, with the retries that the provider makes. That the field
// is not there is right only where an operator took it away meanwhile.
func (s *stack) makeResolver(field string) error {
	typeName, fieldName, _ := strings.Cut(field, ".")
	for begin := time.Now(); ; time.Sleep(2 * time.Second) {
		_, err := s.cloud.api.CreateResolver(context.Background(), &appsync.CreateResolverInput{
			ApiId: aws.String("api"), TypeName: &typeName, FieldName: &fieldName, DataSourceName: aws.String(pluginSource),
			Kind: types.ResolverKindUnit, Code: aws.String("// " + s.id + " " + field),
		})
		if err == nil {
			return nil
		}
		if strings.Contains(err.Error(), "Only one resolver") {
			if err := s.release(field); err != nil {
				return err
			}
		}
		row, rowErr := s.cloud.store.Row(context.Background(), s.plugin)
		s.cloud.must(rowErr)
		if state := row.Shown(); !state.Served() || state.Stack != s.id {
			return fmt.Errorf("%w: the plugin was taken away meanwhile", errRefused)
		}
		if time.Since(begin) > resolverTime {
			s.cloud.fail(fmt.Sprintf("stack %s cannot make the resolver of %s: %v", s.id, field, err))
			return err
		}
	}
}

// release asks for a resolver that the stack has forgotten.
func (s *stack) release(field string) error {
	result, err := s.cloud.call(protocol.ConnectRequest{Action: protocol.ActionRelease, Plugin: s.plugin, Stack: s.id, RootField: field})
	if err == nil && !result.OK {
		err = fmt.Errorf("%w: %s", errRefused, registry.Texts(result.Problems))
	}
	return err
}

// deleteResolver deletes a resolver, and forgets it.
func (s *stack) deleteResolver(field string) {
	typeName, fieldName, _ := strings.Cut(field, ".")
	for begin := time.Now(); time.Since(begin) < resolverTime; time.Sleep(time.Second) {
		_, err := s.cloud.api.DeleteResolver(context.Background(), &appsync.DeleteResolverInput{ApiId: aws.String("api"), TypeName: &typeName, FieldName: &fieldName})
		var missing *types.NotFoundException
		if err == nil || errors.As(err, &missing) {
			delete(s.resolvers, field)
			return
		}
	}
	s.cloud.fail("stack " + s.id + " cannot delete the resolver of " + field)
}

// refresh forgets the resolvers that are not there.
func (s *stack) refresh() {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	there := s.cloud.api.Resolvers()
	for field := range s.resolvers {
		if there[field] == "" {
			delete(s.resolvers, field)
		}
	}
}

// destroy takes the stack away.
func (s *stack) destroy() error {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	for field := range s.resolvers {
		s.deleteResolver(field)
	}
	if s.input == nil {
		return nil
	}
	s.cloud.count(func(f *figures) { f.deploys++ })
	request := *s.input
	request.Lifecycle = &protocol.Lifecycle{Action: protocol.ActionDelete}
	if _, err := s.cloud.call(request); err != nil {
		return err
	}
	s.input, s.gone = nil, true
	return nil
}

// call invokes the connect function. An answer that does not come is its own reason.
func (c *cloud) call(r protocol.ConnectRequest) (protocol.ConnectResult, error) {
	payload, err := json.Marshal(r)
	if err != nil {
		return protocol.ConnectResult{}, err
	}
	var result protocol.ConnectResult
	answer, err := c.invokeDoor(payload)
	if err == nil {
		err = json.Unmarshal(answer, &result)
	}
	if err != nil {
		c.count(func(f *figures) { f.unanswered++ })
	}
	return result, err
}

func (c *cloud) invokeDoor(payload []byte) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTime)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: uuid.NewString()})
	return c.door.Handle(ctx, payload)
}

// operate is an operator's mutation.
func (c *cloud) operate(field, plugin string) {
	_, err := c.invokeDoor(fmt.Appendf(nil, `{"field":%q,"arguments":{"id":%q},"identity":{"sub":"operator"}}`, field, plugin))
	c.must(err)
}
