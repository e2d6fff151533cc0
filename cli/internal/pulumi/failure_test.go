package pulumi

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFailure(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := map[string]struct {
		ctx       context.Context
		printed   string
		diagnosed []string
		kind      Kind
		errors    []string
	}{
		"diagnosed": {printed: "error: update failed", diagnosed: []string{"aws:a a: AccessDenied"}, kind: Other, errors: []string{"aws:a a: AccessDenied"}},
		"every one passes": {diagnosed: []string{"a: BadRequestException: Schema is currently being altered, please wait", "b: TooManyRequestsException: Rate exceeded"},
			kind: Transient, errors: []string{"a: BadRequestException: Schema is currently being altered, please wait", "b: TooManyRequestsException: Rate exceeded"}},
		"one does not pass": {diagnosed: []string{"a: ThrottlingException", "b: no"}, kind: Other, errors: []string{"a: ThrottlingException", "b: no"}},
		"self-managed lock": {
			printed: "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///state/.pulumi/locks/x: created by me@here (pid 1)\n",
			kind:    Locked,
			errors: []string{"the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
				"  file:///state/.pulumi/locks/x: created by me@here (pid 1)"},
		},
		"Pulumi Cloud's lock": {printed: "error: [409] Conflict: Another update is currently in progress.", kind: Locked,
			errors: []string{"[409] Conflict: Another update is currently in progress."}},
		"no mark":     {printed: " something \n", kind: Other, errors: []string{"something"}},
		"nothing":     {kind: Other, errors: []string{"the pulumi command ended without saying why"}},
		"two":         {printed: "error: one\n\nmore\nerror: two", kind: Other, errors: []string{"one", "two"}},
		"interrupted": {ctx: cancelled, printed: "error: ThrottlingException", kind: Interrupted, errors: []string{"ThrottlingException"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.ctx == nil {
				test.ctx = t.Context()
			}
			failed := failure(test.ctx, test.printed, test.diagnosed)
			assert.Equal(t, test.kind, failed.Kind)
			assert.Equal(t, test.errors, failed.Errors)
		})
	}
}
