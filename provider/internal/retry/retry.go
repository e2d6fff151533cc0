// Package retry repeats AppSync operations that fail for a while after the schema of
// the API has changed.
//
// The stock AppSync resources give up at the first such error. An error hook makes the
// engine repeat the very operation:
//
//  1. [Register] registers one hook for a component under a name made of the
//     component's URN. Hook names are unique per program, and a hook that cannot be
//     registered makes its resource vanish without an error, therefore nobody else in
//     the provider names hooks.
//  2. [Hook.Bind] binds it to a data source or a resolver.
//  3. When the operation fails, [Policy.Again] looks at the error: only the four that
//     pass by themselves are repeated, after a wait that grows with full jitter, and
//     only so often that the provider's own error is still the one that is shown.
//  4. A creation is not repeated when only reading back what it made failed: the engine would
//     create it once more, be told that it exists, and forget it. As it is, the state has it,
//     and the next run goes on.
//  5. A field that has a resolver already is repeated too when [Policy.Free] freed it.
package retry

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// transient are the errors that pass by themselves: a field of a schema that was just
// pushed is not known everywhere yet, another change of the API is in progress, or the
// account's rate of control-plane calls is used up. They are AppSync's own texts.
var transient = []string{
	"No field named",
	"Schema is currently being altered",
	"ConcurrentModificationException",
	"Too Many Requests",
}

// create is the engine's name of the operation, readBack is in the error of an AppSync call
// that reads, GetDataSource or GetResolver. They too answer that the schema is being altered.
// https://docs.aws.amazon.com/appsync/latest/APIReference/API_GetDataSource.html
const (
	create   = "create"
	readBack = "operation error AppSync: Get"
)

// occupied is the error of a resolver whose field has one already.
const occupied = "Only one resolver is allowed per field"

// claims is how often a field is asked for. Once should do, but an answer can be lost, and
// AppSync can be slow to see what was deleted.
const claims = 3

// Policy says how often and how fast an operation is repeated.
type Policy struct {
	// Attempts is the number of repetitions. It must stay under 100, where the engine
	// replaces the real error by its own.
	Attempts int
	// Base is the longest first wait, Cap the longest of all; the wait before a
	// repetition is random between 0 and the bound, which doubles each time.
	Base, Cap time.Duration
	// Sleep waits, or returns early when the context ends. Rand returns a number in
	// [0,1). They are arguments so that tests need no time.
	Sleep func(context.Context, time.Duration)
	Rand  func() float64
	// Free asks that the resolver of a root field ("Query.product") be given up by whoever
	// made it, and says whether it was. Nil where nobody could have.
	Free func(ctx context.Context, field string) bool
}

// Default waits about five minutes in total, at most ten: propagation of a new field takes
// from seconds to minutes.
func Default() Policy {
	return Policy{
		Attempts: 60,
		Base:     time.Second,
		Cap:      10 * time.Second,
		Sleep:    sleep,
		Rand:     rand.Float64,
	}
}

// Again says whether the operation (create, update or delete) is to be repeated, after having
// waited. errors are all errors of the operation so far, newest first.
func (p Policy) Again(ctx context.Context, operation string, errors []string) bool {
	if len(errors) == 0 || len(errors) > p.Attempts || !Transient(errors[0]) {
		return false
	}
	if operation == create && strings.Contains(errors[0], readBack) {
		return false
	}
	p.Sleep(ctx, p.wait(len(errors)))
	return ctx.Err() == nil
}

// Freed says whether the creation of a resolver is to be repeated because its field had
// one, which has been given up now. errors are as for [Policy.Again].
func (p Policy) Freed(ctx context.Context, field string, errors []string) bool {
	if p.Free == nil || field == "" || len(errors) == 0 || !strings.Contains(errors[0], occupied) {
		return false
	}
	asked := 0
	for _, text := range errors[1:] {
		if strings.Contains(text, occupied) {
			asked++
		}
	}
	if asked >= claims {
		return false
	}
	if asked > 0 {
		p.Sleep(ctx, p.wait(asked))
	}
	return p.Free(ctx, field) && ctx.Err() == nil
}

// wait is random up to a bound that doubles with each attempt, from Base up to Cap.
func (p Policy) wait(attempt int) time.Duration {
	bound := p.Cap
	if shift := attempt - 1; shift < 16 && p.Base<<shift < p.Cap {
		bound = p.Base << shift
	}
	return time.Duration(p.Rand() * float64(bound))
}

// Transient says whether an AppSync error passes by itself.
func Transient(message string) bool {
	for _, text := range transient {
		if strings.Contains(message, text) {
			return true
		}
	}
	return false
}

// Hook is a registered error hook. The zero Hook binds nothing.
type Hook struct {
	hook *pulumi.ErrorHook
}

// Registrar registers the error hook of the component with this URN.
type Registrar func(ctx *pulumi.Context, component pulumi.URN, policy Policy) (Hook, error)

// Register is the [Registrar] of deployments.
func Register(ctx *pulumi.Context, component pulumi.URN, policy Policy) (Hook, error) {
	hook, err := ctx.RegisterErrorHook("reventless/appsync/"+string(component),
		func(args *pulumi.ErrorHookArgs) (again bool, err error) {
			// A panic in a hook would end the provider, with all that it has in flight.
			defer func() {
				if recover() != nil {
					again, err = false, nil
				}
			}()
			return policy.Again(ctx.Context(), args.FailedOperation, args.Errors) || policy.Freed(ctx.Context(), fieldOf(args), args.Errors), nil
		})
	if err != nil {
		return Hook{}, fmt.Errorf("registering the error hook of %s: %w", component, err)
	}
	return Hook{hook: hook}, nil
}

// fieldOf is the root field of a resolver that could not be created, empty for anything else.
func fieldOf(args *pulumi.ErrorHookArgs) string {
	if args.Type != "aws:appsync/resolver:Resolver" || args.FailedOperation != create {
		return ""
	}
	rootType, field := args.NewInputs["type"], args.NewInputs["field"]
	if !rootType.IsString() || !field.IsString() {
		return ""
	}
	return rootType.StringValue() + "." + field.StringValue()
}

// None is the [Registrar] of tests without an engine, where hooks do not exist.
func None(*pulumi.Context, pulumi.URN, Policy) (Hook, error) {
	return Hook{}, nil
}

// Bind is the resource option that binds the hook.
func (h Hook) Bind() pulumi.ResourceOption {
	if h.hook == nil {
		return pulumi.Composite()
	}
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{OnError: []*pulumi.ErrorHook{h.hook}})
}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
