package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/turn"
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

// messageID identifies a message on an extension point's topic: by the event that it was
// made from, by type and key, and by its place among the event's messages of that type
// and key. Other messages do not count, because another version of the handler may make
// more or fewer of them before the event comes again: the ones that it makes still must
// not get the id of a message that was published before and is another one. The data is
// no part of it, so that a handler that writes a time into it does not publish twice.
func messageID(m protocol.ExtensionMessage) string {
	return hash(m.Plugin, m.ExtensionPoint, m.Source.Component, m.Source.ID,
		strconv.FormatInt(m.Source.Number, 10), m.Type, m.Key, strconv.Itoa(m.Index))
}

// reactionID identifies a command that a message led to in an extension: by aggregate,
// id and type, and by its place among the message's commands that have the same ones;
// see [messageID].
func reactionID(message, extension string, command turn.CommandTo, place int) string {
	return hash(message, extension, command.To, command.ID, command.Type, strconv.Itoa(place))
}

// places counts things that have the same name, to tell them apart.
type places map[string]int

// next is the place of the next thing with the name that is made of parts: 0, 1, 2, ….
func (p places) next(parts ...string) int {
	name := hash(parts...)
	place := p[name]
	p[name]++
	return place
}

// queueText is JSON text as SNS and SQS take it. They refuse two characters that JSON
// texts may have, so these are escaped.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func queueText(encoded []byte) string {
	return refusedByQueues.Replace(string(encoded))
}

// refusedByQueues escapes U+FFFE and U+FFFF.
var refusedByQueues = strings.NewReplacer("\uFFFE", `\ufffe`, "\uFFFF", `\uffff`)
