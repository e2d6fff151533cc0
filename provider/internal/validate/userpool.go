package validate

import (
	"regexp"
	"slices"
)

// Users are the arguments about the users of a platform.
type Users struct {
	// ID is the user pool that was chosen, empty for one of the platform's own; From is the
	// place that chose it.
	ID, From string
	// Given says that the argument cognitoUserPoolId is there.
	Given      bool
	SelfSignUp bool
	// Clients is how many further clients are let in.
	Clients int
}

// userPoolID is Cognito's own pattern.
var userPoolID = regexp.MustCompile(`^[\w-]+_[0-9A-Za-z]+$`)

// UserPool checks the arguments about users against the modes.
func UserPool(modes []string, users Users) []Problem {
	var found findings
	if !slices.Contains(modes, userPools) {
		for _, argument := range users.arguments() {
			found.add(argument, "there are no users: add %s to authenticationModes, or leave this out", userPools)
		}
		return found
	}
	if users.ID == "" {
		if users.Given && users.From != "" {
			found.add("cognitoUserPoolId", "it is empty; leave it out for a user pool of the platform's own")
		}
		return found
	}
	if len(users.ID) > 55 || !userPoolID.MatchString(users.ID) {
		found.add("cognitoUserPoolId", "%q, from %s, is no id of a user pool; it looks like eu-west-1_AbCdEfGhI", users.ID, users.From)
	}
	if users.SelfSignUp {
		found.add("selfSignUp", "the user pool %s, from %s, is not the platform's own, so who may sign up is said there; leave this out", users.ID, users.From)
	}
	return found
}

// arguments are the names of those that are given.
func (u Users) arguments() []string {
	var names []string
	for name, given := range map[string]bool{"cognitoUserPoolId": u.Given, "selfSignUp": u.SelfSignUp, "userPoolClientIds": u.Clients > 0} {
		if given {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
