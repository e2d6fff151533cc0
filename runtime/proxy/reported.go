package proxy

import (
	"encoding/json"
	"strings"

	"github.com/reventless/pulumi-reventless/runtime/turn"
)

// maxText bounds how much of a text that is not JSON is taken as a message.
const maxText = 4096

// reportedError is an error that a language runtime reported.
type reportedError struct {
	Type, Message string
	Stack         []string
}

// errorBody is the body of an error as the runtimes write it: Node.js puts the
// stack under "trace", the others under "stackTrace", most as strings, some as
// objects, and Java adds a "cause".
type errorBody struct {
	Type    string          `json:"errorType"`
	Message string          `json:"errorMessage"`
	Stack   json.RawMessage `json:"stackTrace"`
	Trace   json.RawMessage `json:"trace"`
}

// parseError reads an error's body. The header's type counts when the body has
// none; a body that is not JSON is the message as it is.
func parseError(headerType string, body []byte) *reportedError {
	var parsed errorBody
	if err := json.Unmarshal(body, &parsed); err != nil {
		return &reportedError{Type: headerType, Message: plainText(body)}
	}
	e := &reportedError{Type: parsed.Type, Message: parsed.Message, Stack: stackLines(parsed.Stack)}
	if e.Type == "" {
		e.Type = headerType
	}
	if len(e.Stack) == 0 {
		e.Stack = stackLines(parsed.Trace)
	}
	return e
}

// plainText is a body as a message.
func plainText(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), maxText)]), "")
	if text == "" {
		return "the language runtime reported an error without a message"
	}
	return text
}

// stackLines gives a stack trace as lines: a list of strings, a list of objects,
// or one string with line ends.
func stackLines(raw json.RawMessage) []string {
	var text string
	if json.Unmarshal(raw, &text) == nil && text != "" {
		return strings.Split(text, "\n")
	}
	var frames []json.RawMessage
	if json.Unmarshal(raw, &frames) != nil {
		return nil
	}
	lines := make([]string, 0, len(frames))
	for _, frame := range frames {
		line := string(frame)
		if json.Unmarshal(frame, &text) == nil {
			line = text
		}
		lines = append(lines, strings.TrimRight(line, "\n"))
	}
	return lines
}

// threw is the error as the failure of a turn.
func (e *reportedError) threw() *turn.HandlerError {
	return &turn.HandlerError{Kind: turn.Threw, Type: e.Type, Message: e.Message, Stack: e.Stack}
}
