package deadletters_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/deadletters"
	"github.com/reventless/pulumi-reventless/runtime/deadletters/deadletterstest"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestCount(t *testing.T) {
	t.Parallel()
	queues := deadletterstest.Queues{"u/commands": {2, 1}, "u/tasks": {0, 0}, "u/slow": {-1, 0}}
	began := time.Now()
	report, err := deadletters.Count(t.Context(), queues, map[string]string{
		"commands": "u/commands", "tasks": "u/tasks", "slow": "u/slow", "gone": "u/gone",
	}, 50*time.Millisecond, noon)
	assert.Less(t, time.Since(began), 10*time.Second)
	require.ErrorContains(t, err, "count the dead letters of gone: AWS.SimpleQueueService.NonExistentQueue")
	require.ErrorContains(t, err, "count the dead letters of slow: context deadline exceeded")
	assert.Equal(t, &protocol.DeadLetterReport{
		CountedAt: "2026-03-01T12:00:00.000Z",
		Messages:  map[string]*int{"commands": aws.Int(3), "tasks": aws.Int(0), "slow": nil, "gone": nil},
	}, report)
}

func TestURLs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ function, want string }{
		"AWS":       {"arn:aws:lambda:eu-west-1:123456789012:function:f", "https://sqs.eu-west-1.amazonaws.com/123456789012/q.fifo"},
		"China":     {"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:live", "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q.fifo"},
		"no ARN":    {"f", ""},
		"no region": {"arn:aws:lambda", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			urls, err := deadletters.URLs(test.function, map[string]string{"commands": "q.fifo"})
			if test.want == "" {
				require.ErrorContains(t, err, "is no ARN of a function")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"commands": test.want}, urls)
		})
	}
}
