package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadme deploys the first plugin of README.md, from its own text.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), "README.md"))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)`(hello[^`]*)`[^`]*```[a-z]+\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.Len(t, blocks, 4)

	w := newWorld(t)
	for _, block := range blocks {
		w.write(block[1], block[2])
	}
	w.up(platform, "hello-aws")
	client := w.visitor(platform)
	w.ask(client, `mutation { greet(id: "me", name: "you") { status } }`)
	w.eventually(client, `{ greeter(id: "me") { greetings } }`, present("greeter"))
	refused := w.ask(client, `mutation { greet(id: "me", name: "") { status code } }`)
	assert.Equal(t, map[string]any{"status": "REJECTED", "code": "NobodyToGreet"}, refused["greet"])
}
