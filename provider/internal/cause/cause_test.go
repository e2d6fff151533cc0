package cause_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/internal/cause"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a stack name may not be empty": "a stack name may not be empty",
		"rpc error: code = Unknown desc = invocation of pulumi:pulumi:readStackOutputs returned an error: a stack name may not be empty": "a stack name may not be empty",
		"rpc error: code = Unknown desc = invocation of aws:lambda/getInvocation:getInvocation returned an error: " +
			"invoking aws:lambda/getInvocation:getInvocation: operation error Lambda: Invoke, dial tcp: refused": "operation error Lambda: Invoke, dial tcp: refused",
		`waiting for RPCs: marshaling properties: awaiting input property "description": the platform refused "x": why`: `the platform refused "x": why`,
		"rpc error: code = Unavailable": "rpc error: code = Unavailable",
	} {
		assert.Equal(t, want, cause.Text(errors.New(text)))
	}
}
