// Package naming makes the names of everything that the components create.
//
// Physical names are needed before anything is created: the definition of a plugin
// names its tables, and a definition that held outputs could not be validated in a
// preview. So they are not left to Pulumi's random suffix:
//
//  1. [Physical] joins project, stack, the component's name and the part with "-";
//  2. characters that the service refuses become "-";
//  3. a name over the service's limit is cut and ends in a hash of the full name, so
//     two long names that differ only in their tail stay different.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Kind says what a service accepts as a name.
type Kind struct {
	// Limit is the longest name in characters, Suffix included.
	Limit int
	// Extra are the characters allowed beside letters, digits and "-".
	Extra string
	// Suffix is a required ending, ".fifo" for FIFO queues and topics.
	Suffix string
	// Lower says that there are no capitals.
	Lower bool
}

// The services' rules. Limits are those of the services' API references.
var (
	Function      = Kind{Limit: 64, Extra: "_"}
	Layer         = Kind{Limit: 140, Extra: "_"}
	Role          = Kind{Limit: 64, Extra: "_"}
	Table         = Kind{Limit: 255, Extra: "_."}
	Queue         = Kind{Limit: 80, Extra: "_"}
	FIFOQueue     = Kind{Limit: 80, Extra: "_", Suffix: ".fifo"}
	FIFOTopic     = Kind{Limit: 256, Extra: "_", Suffix: ".fifo"}
	Topic         = Kind{Limit: 256, Extra: "_"}
	Alarm         = Kind{Limit: 255, Extra: "_."}
	LogGroup      = Kind{Limit: 512, Extra: "_./"}
	API           = Kind{Limit: 128, Extra: "_"}
	UserPool      = Kind{Limit: 128, Extra: "_+=,.@"}
	ScheduleGroup = Kind{Limit: 64, Extra: "_."}
	Schedule      = Kind{Limit: 64, Extra: "_."}
	Bucket        = Kind{Limit: 63, Lower: true}
	AccessControl = Kind{Limit: 64, Extra: "_."}
	HeadersPolicy = Kind{Limit: 128, Extra: "_"}
)

// hashLength is the number of hexadecimal digits that a cut name ends in.
const hashLength = 8

// Physical is the physical name made of parts, see the package comment. The same
// parts always give the same name.
func Physical(kind Kind, parts ...string) string {
	full := strings.Join(parts, "-")
	if kind.Lower {
		full = strings.ToLower(full)
	}
	name := strings.Map(kind.replace, full)
	limit := kind.Limit - len(kind.Suffix)
	if len(name) > limit || name != full {
		name = cut(name, limit-hashLength-1) + "-" + hash(full)
	}
	return name + kind.Suffix
}

// replace maps what the kind does not allow to "-".
func (k Kind) replace(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
		return r
	case strings.ContainsRune(k.Extra, r):
		return r
	}
	return '-'
}

func cut(name string, limit int) string {
	if len(name) > limit {
		name = name[:limit]
	}
	return strings.TrimRight(name, "-")
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:hashLength]
}

// Scope is a component in a stack: the common beginning of its resources' names.
type Scope struct {
	// Project and Stack are Pulumi's, Component is the component's logical name. Name is
	// the component's own name, which stays when the logical one changes: with it the
	// physical names stay too, and what they name is not replaced.
	Project, Stack, Component, Name string
}

// Physical is the physical name of one part of the component.
func (s Scope) Physical(kind Kind, part ...string) string {
	return Physical(kind, append([]string{s.Project, s.Stack, s.Name}, part...)...)
}

// Logical is the logical (Pulumi) name of one part: it begins with the component's
// name, and in a stack it is unique with the resource's type.
func (s Scope) Logical(part ...string) string {
	return strings.Join(append([]string{s.Component}, part...), "-")
}

// DataSource is the name of a plugin's AppSync data source. AppSync accepts
// [_A-Za-z][_0-9A-Za-z]* and wants it unique in the API. Names of plugins hold no
// "_" and names of components neither, so different data sources get different names.
func DataSource(plugin, component string) string {
	return strings.ReplaceAll(plugin, "-", "_") + "_" + component
}

// FunctionDataSource is the name of the data source of one of a plugin's functions, by the
// function's part of the plugin. Names of components with rows start with a capital, so it
// is none of theirs.
func FunctionDataSource(plugin, part string) string {
	return DataSource(plugin, strings.ReplaceAll(part, "-", "_"))
}

// Account is the account of an ARN, "" when the text is no ARN.
func Account(arn string) string { return element(arn, 4) }

// Region is the region of an ARN, "" when the text is no ARN.
func Region(arn string) string { return element(arn, 3) }

func element(arn string, at int) string {
	// arn:partition:service:region:account:resource
	elements := strings.SplitN(arn, ":", 6)
	if len(elements) < 6 || elements[0] != "arn" {
		return ""
	}
	return elements[at]
}

// Sibling is the ARN of a resource of a service in the partition, region and account of
// another ARN.
func Sibling(arn, service, resource string) string {
	elements := strings.SplitN(arn, ":", 6)
	if len(elements) < 6 {
		return ""
	}
	elements[2], elements[5] = service, resource
	return strings.Join(elements, ":")
}

// Global is [Sibling] for a service without regions, such as IAM.
func Global(arn, service, resource string) string {
	elements := strings.SplitN(Sibling(arn, service, resource), ":", 6)
	if len(elements) < 6 {
		return ""
	}
	elements[3] = ""
	return strings.Join(elements, ":")
}
