package retry_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/internal/retry"
)

func TestTransient(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		message string
		want    bool
	}{
		"propagation":  {"NotFoundException: No field named product found on type Query", true},
		"schema":       {"ConcurrentModificationException: Schema is currently being altered, please wait", true},
		"code only":    {"operation error AppSync: ConcurrentModificationException: Another modification", true},
		"throttled":    {"Too Many Requests (Service: AppSync)", true},
		"no resolver":  {"NotFoundException: No resolver found.", false},
		"second":       {"BadRequestException: Only one resolver is allowed per field.", false},
		"code":         {"BadRequestException: The code contains one or more errors.", false},
		"type missing": {"NotFoundException: Type Query not found", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, retry.Transient(test.message))
		})
	}
}

func TestPolicyWaitsLongerAndGivesUp(t *testing.T) {
	t.Parallel()
	var waits []time.Duration
	policy := retry.Default()
	policy.Rand = func() float64 { return 1 }
	policy.Sleep = func(_ context.Context, wait time.Duration) { waits = append(waits, wait) }

	var errors []string
	for {
		errors = append(errors, "No field named product found on type Query")
		if !policy.Again(t.Context(), "create", errors) {
			break
		}
	}
	assert.Len(t, waits, policy.Attempts)
	assert.Less(t, policy.Attempts, 100, "the engine hides the real error at 100")
	assert.Equal(t, time.Second, waits[0])
	assert.True(t, slices.IsSorted(waits))
	assert.Equal(t, policy.Cap, waits[len(waits)-1])
}

func TestPolicyLooksAtTheNewestError(t *testing.T) {
	t.Parallel()
	policy := retry.Default()
	policy.Sleep = func(context.Context, time.Duration) {}
	assert.False(t, policy.Again(t.Context(), "create", nil))
	assert.False(t, policy.Again(t.Context(), "create", []string{"AccessDenied", "No field named x"}))
	assert.True(t, policy.Again(t.Context(), "create", []string{"No field named x", "AccessDenied"}))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, policy.Again(ctx, "create", []string{"No field named x"}), "a cancelled deployment ends at once")
}

// TestPolicyCreatesOnce sees to it that nothing is created a second time because it could not
// be read the first time.
func TestPolicyCreatesOnce(t *testing.T) {
	t.Parallel()
	policy := retry.Default()
	policy.Sleep = func(context.Context, time.Duration) {}
	const busy = "https response error StatusCode: 409, ConcurrentModificationException: Schema is currently being altered"
	read, written := []string{"reading it back: operation error AppSync: GetDataSource, " + busy}, []string{"operation error AppSync: CreateDataSource, " + busy}
	assert.False(t, policy.Again(t.Context(), "create", read))
	assert.True(t, policy.Again(t.Context(), "create", written))
	assert.True(t, policy.Again(t.Context(), "update", read), "which may be done twice")
	assert.True(t, policy.Again(t.Context(), "delete", read))
}

func TestPolicyFreesFields(t *testing.T) {
	t.Parallel()
	const occupied, transient = "BadRequestException: Only one resolver is allowed per field.", "No field named x"
	for name, c := range map[string]struct {
		field  string
		errors []string
		given  bool
		want   bool
		asked  int
	}{
		"given up":               {"Query.product", []string{occupied}, true, true, 1},
		"somebody's":             {"Query.product", []string{occupied}, false, false, 1},
		"after another error":    {"Query.product", []string{occupied, transient, transient}, true, true, 1},
		"again":                  {"Query.product", []string{occupied, occupied, occupied}, true, true, 1},
		"again and again":        {"Query.product", []string{occupied, occupied, transient, occupied, occupied}, true, false, 0},
		"another error":          {"Query.product", []string{transient, occupied}, true, false, 0},
		"no error":               {"Query.product", nil, true, false, 0},
		"not a resolver's error": {"", []string{occupied}, true, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy, asked := retry.Default(), 0
			policy.Sleep = func(context.Context, time.Duration) {}
			assert.False(t, policy.Freed(t.Context(), c.field, c.errors), "nobody could give it up")
			policy.Free = func(_ context.Context, field string) bool {
				asked++
				assert.Equal(t, c.field, field)
				return c.given
			}
			assert.Equal(t, c.want, policy.Freed(t.Context(), c.field, c.errors))
			assert.Equal(t, c.asked, asked)
		})
	}
}
