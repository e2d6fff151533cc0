package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// maxGroupLength is the greatest length of a message group id (SQS and SNS API
// references, MessageGroupId).
const maxGroupLength = 128

// hash makes an id of 64 hexadecimal digits from parts, always the same from the same
// parts. Lengths are part of it, so that no two lists of parts give the same text.
func hash(parts ...string) string {
	digest := sha256.New()
	for _, part := range parts {
		digest.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// groupID is name as a message group id: itself if SQS and SNS take it, else a hash.
// They take up to 128 letters, digits and punctuation characters of ASCII.
func groupID(name string) string {
	invalid := func(r rune) bool { return r <= ' ' || r > '~' }
	if name == "" || len(name) > maxGroupLength || strings.ContainsFunc(name, invalid) {
		return "sha256-" + hash(name)
	}
	return name
}

// commandGroup is the group id of the commands for one aggregate id.
func commandGroup(component, id string) string { return groupID(component + "#" + id) }

// messageID identifies a message on an extension point's topic.
func messageID(m protocol.ExtensionMessage) string {
	return hash(m.Plugin, m.ExtensionPoint, m.Source.Component, m.Source.ID,
		strconv.FormatInt(m.Source.Number, 10), strconv.Itoa(m.Index))
}

// reactionID identifies the command with the place index among those that a message
// led to in an extension.
func reactionID(message, extension string, index int) string {
	return hash(message, extension, strconv.Itoa(index))
}
