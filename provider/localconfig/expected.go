package localconfig

import (
	"os"
	"slices"
	"strings"
)

// ExpectedStacks is the environment variable in which `reventless preview` names the stacks
// that come before the one that is previewed, with commas. In the preview of a first
// deployment they are not there yet: what they will export is unknown then, not missing.
const ExpectedStacks = Prefix + "EXPECTED_STACKS"

// Expected says whether a stack, <org>/<project>/<stack>, is in [ExpectedStacks].
func Expected(stack string) bool {
	return slices.Contains(strings.Split(os.Getenv(ExpectedStacks), ","), stack)
}
