package registry

import "github.com/blang/semver"

// compareVersions orders two versions by the rules of semver.org: negative when the
// first is lower, 0 when neither is or one is no semantic version.
func compareVersions(a, b string) int {
	first, err := semver.Parse(a)
	if err != nil {
		return 0
	}
	second, err := semver.Parse(b)
	if err != nil {
		return 0
	}
	return first.Compare(second)
}

// Older says that version a is lower than version b.
func Older(a, b string) bool { return compareVersions(a, b) < 0 }
