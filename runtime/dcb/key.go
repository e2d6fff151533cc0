package dcb

import (
	"regexp"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/reventless/pulumi-reventless/runtime/definition"
)

const (
	// valueSeparator stands between a stream's family and its value, typeSeparator
	// between tag and event type. Neither can be part of a name.
	valueSeparator = "="
	typeSeparator  = "#"
	// guardPrefix begins the key of a guard. No family has a slash.
	guardPrefix = "command/"
)

// familyPattern is what a family looks like: a tag, for secondary streams with an event
// type. Names are identifiers; what matters here is that keys can be taken apart again.
var familyPattern = regexp.MustCompile(`^[^=#/]+(#[^=#/]+)?$`)

// HomeFamily is the family of the home streams of a tag: the streams of those events
// whose home tag it is.
func HomeFamily(tag string) string { return tag }

// Family is the family of the streams in which the events of a type are found by the
// values of a tag: the home family of the tag if it is the type's home tag, else
// "tag#type". It is false when the type is not declared or does not carry the tag.
func Family(model definition.DCB, eventType, tag string) (string, bool) {
	for i, carried := range model.Events[eventType] {
		switch {
		case carried == tag && i == 0:
			return HomeFamily(tag), true
		case carried == tag:
			return tag + typeSeparator + eventType, true
		}
	}
	return "", false
}

// HomeTag is the home tag of an event type, false when the type is not declared.
func HomeTag(model definition.DCB, eventType string) (string, bool) {
	tags := model.Events[eventType]
	if len(tags) == 0 {
		return "", false
	}
	return tags[0], true
}

// FamilyPrefix is what the hash keys of a family's streams begin with, for
// [eventlog.WithPrefix]; the rest is the value.
func FamilyPrefix(family string) string { return family + valueSeparator }

// StreamKey is the hash key of the stream of a family and value, for instance
// "productId=p1" or "categoryId#ProductAdded=c1".
func StreamKey(family, value string) string { return FamilyPrefix(family) + value }

// ParseStreamKey splits the hash key of a stream; false when it is none, as that of a guard.
func ParseStreamKey(key string) (family, value string, ok bool) {
	family, value, ok = strings.Cut(key, valueSeparator)
	if !ok || value == "" || !familyPattern.MatchString(family) {
		return "", "", false
	}
	return family, value, true
}

// ParseFamily splits a family; the event type is "" for a home family.
func ParseFamily(family string) (tag, eventType string) {
	tag, eventType, _ = strings.Cut(family, typeSeparator)
	return tag, eventType
}

// GuardKey is the hash key of the guard of a command.
func GuardKey(slice, commandID string) string { return guardPrefix + slice + "/" + commandID }

// IsGuard says whether the image of a stream record is that of a guard, which holds no
// events. Consumers of the table's stream skip it; everything else is a commit.
func IsGuard(image map[string]events.DynamoDBAttributeValue) bool {
	value, ok := image[attrGuard]
	return ok && value.DataType() == events.DataTypeBoolean && value.Boolean()
}
