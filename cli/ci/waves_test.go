package ci

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// fleet is a plan of a platform and many plugins in five layers, of which everything changed.
func fleet(count int) (*project.Plan, *change.Result) {
	plan := &project.Plan{Environment: "alpha", Targets: []project.Target{{Stack: manifest.Stack{Name: "platform", Platform: true}}}}
	for i := range count {
		target := project.Target{Stack: manifest.Stack{Name: fmt.Sprintf("plugin-%04d", i)}, After: []string{"platform"}}
		if i%5 > 0 {
			target.After = append(target.After, fmt.Sprintf("plugin-%04d", i-1))
		}
		plan.Targets = append(plan.Targets, target)
	}
	result := &change.Result{}
	for _, target := range plan.Targets {
		result.Stacks = append(result.Stacks, change.Stack{Name: target.Name, Changed: true, Reasons: []change.Reason{{Rule: change.RuleFolder, Why: "its folder"}}})
	}
	return plan, result
}

func TestLargeFleet(t *testing.T) {
	t.Parallel()
	plan, result := fleet(500)
	began := time.Now()
	found, err := arrange(plan, result, 5)
	require.NoError(t, err)
	assert.Less(t, time.Since(began), 30*time.Second)
	t.Log(time.Since(began))
	assert.True(t, found.platform)
	for number, wave := range found.waves {
		assert.Len(t, wave, 100)
		assert.Equal(t, fmt.Sprintf("plugin-%04d", number), wave[0])
	}
}

func TestWaveThatIsTooWide(t *testing.T) {
	t.Parallel()
	plan, result := fleet(5 * 257)
	_, err := arrange(plan, result, 5)
	require.ErrorContains(t, err, "wave 1 has 257 plugins, and GitHub makes at most 256 jobs of a matrix")
}
