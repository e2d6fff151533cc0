package validate

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// LogRetentions are the numbers of days that CloudWatch keeps log entries for; 0 is for
// ever.
var LogRetentions = []int{
	0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// Modes are the authentication modes that the platform offers.
var Modes = []string{userPools, "AWS_IAM", "API_KEY", openIDConnect, awsLambda}

const userPools = "AMAZON_COGNITO_USER_POOLS"

// maxKeyLife is how long AppSync lets a key live.
const maxKeyLife = 365 * 24 * time.Hour

// PlatformName checks the name of a platform.
func PlatformName(name string) []Problem {
	var found findings
	if !platformName.MatchString(name) {
		found.add("name", "%q is no name for a platform: use 1 to 100 letters, digits and \"-_.\", beginning with a letter; without the argument it is the resource's name", name)
	}
	return found
}

var platformName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,99}$`)

// Platform checks the arguments of a platform. expires is empty when it is not given or
// not known.
func Platform(modes []string, expires, architecture string, logRetentionDays int, now time.Time) []Problem {
	var found findings
	found.modes(modes)
	if expires != "" {
		found.expiry(modes, expires, now)
	}
	if !slices.Contains(Architectures, architecture) {
		found.add("architecture", "%q is no architecture; use %s", architecture, strings.Join(Architectures, " or "))
	}
	return append(found, LogRetention(logRetentionDays)...)
}

// LogRetention checks for how many days logs are kept.
func LogRetention(days int) []Problem {
	var found findings
	if !slices.Contains(LogRetentions, days) {
		found.add("logRetentionDays", "CloudWatch cannot keep logs for %d days; use one of %v (0 is for ever)", days, LogRetentions)
	}
	return found
}

func (f *findings) modes(modes []string) {
	if len(modes) == 0 {
		f.add("authenticationModes", "name at least one mode: %s", strings.Join(Modes, " or "))
	}
	for i, mode := range modes {
		switch {
		case !slices.Contains(Modes, mode):
			f.add(Path("authenticationModes", index(i)), "%q is no supported mode.%s", mode, DidYouMean(mode, Modes))
		case slices.Index(modes, mode) < i:
			f.add(Path("authenticationModes", index(i)), "the mode %s is listed twice", mode)
		}
	}
}

func (f *findings) expiry(modes []string, expires string, now time.Time) {
	at, err := time.Parse(time.RFC3339, expires)
	switch {
	case !slices.Contains(modes, "API_KEY"):
		f.add("apiKeyExpires", "there is no API key: add API_KEY to authenticationModes, or leave this out")
	case err != nil:
		f.add("apiKeyExpires", "%q is no time in RFC 3339, such as 2030-01-31T00:00:00Z", expires)
	case at.After(now.Add(maxKeyLife)):
		f.add("apiKeyExpires", "AppSync lets a key live for at most 365 days; choose an earlier time")
	}
}
