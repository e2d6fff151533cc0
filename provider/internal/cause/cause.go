// Package cause gives the cause of a failure in words that mean something to a user:
// without the frames that gRPC, the engine and the Go SDK put around the text of the one
// who knows what is wrong.
package cause

import "strings"

// frames are what precedes that text, each with its end, the outermost first.
var frames = []struct{ start, end string }{
	{"waiting for RPCs", ": "},
	{"marshaling properties", ": "},
	{"awaiting input property ", "\": "},
	{"rpc error: code = ", " desc = "},
	{"invocation of ", " returned an error: "},
	{"invoking ", ": "},
}

// Text is the error's text without its frames.
func Text(err error) string {
	text := err.Error()
	for _, frame := range frames {
		if !strings.HasPrefix(text, frame.start) {
			continue
		}
		if _, rest, found := strings.Cut(text, frame.end); found {
			text = rest
		}
	}
	return strings.TrimSpace(text)
}
