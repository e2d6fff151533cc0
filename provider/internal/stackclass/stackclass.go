// Package stackclass sorts stacks by what the loss of one would mean, and says what follows
// from that: how long logs are kept, what may be deleted, whether there are alarms.
//
//  1. [Of] is the class of a stack by its name, for those that do not say it.
//  2. The methods of [Class] are the defaults. An explicit argument always wins.
package stackclass

import "strings"

// Class is the class of a stack.
type Class string

// The classes.
const (
	// Production is for stacks whose data must not be lost.
	Production Class = "production"
	Standard   Class = "standard"
	// Disposable is for stacks that go with all they have, such as that of a pull request.
	Disposable Class = "disposable"
)

// Classes are all classes.
func Classes() []string { return []string{string(Production), string(Standard), string(Disposable)} }

// disposablePrefix is what the names of disposable stacks begin with.
const disposablePrefix = "pr-"

// Of is the class of a stack by its name, which may be organization/project/stack.
func Of(stack string) Class {
	name := stack[strings.LastIndex(stack, "/")+1:]
	switch {
	case name == "prod", name == "main":
		return Production
	case strings.HasPrefix(name, disposablePrefix):
		return Disposable
	}
	return Standard
}

// LogRetentionDays is how many days logs are kept.
func (c Class) LogRetentionDays() int {
	switch c {
	case Production:
		return 365
	case Disposable:
		return 3
	case Standard:
	}
	return 30
}

// APILogLevel is how much AppSync logs of the API, in its words. A disposable stack is
// gone before anybody reads its log.
func (c Class) APILogLevel() string {
	if c == Disposable {
		return "NONE"
	}
	return "ERROR"
}

// Protects says whether data that nothing can make anew must not be deleted.
func (c Class) Protects() bool { return c == Production }

// KeepsUsers says whether a user pool of the platform's own must not be deleted.
func (c Class) KeepsUsers() bool { return c != Disposable }

// Restores says whether tables can be restored to any second of the last 35 days.
func (c Class) Restores() bool { return c != Disposable }

// Empties says whether buckets are deleted with all their objects.
func (c Class) Empties() bool { return c == Disposable }

// Alarms says whether there are alarms.
func (c Class) Alarms() bool { return c == Production }
