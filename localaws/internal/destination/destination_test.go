package destination

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInsist(t *testing.T) {
	t.Parallel()
	failure := errors.New("not now")
	cases := map[string]struct {
		failures, tries int
		want            error
	}{
		"at once":    {0, 1, nil},
		"in the end": {4, 5, nil},
		"never":      {9, 5, failure},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // it cuts pauses short only
			tries := 0
			err := Insist(ctx, func(ctx context.Context) error {
				require.NoError(t, ctx.Err())
				if tries++; tries <= c.failures {
					return failure
				}
				return nil
			})
			assert.Equal(t, c.want, err)
			assert.Equal(t, c.tries, tries)
		})
	}
}

func TestSendRefusesOtherTargets(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{"", "queue", "arn:aws:s3:::bucket", "arn:aws:events:r:1:bus"} {
		assert.ErrorContains(t, Clients{}.Send(t.Context(), arn, Message{}), "send to "+arn)
	}
}
