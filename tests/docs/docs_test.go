package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
	"github.com/reventless/pulumi-reventless/runtime/turn"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

// documents are the texts of all documents by their paths, without their code blocks.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := snippet.Documents()
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	texts := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(snippet.Root(), path))
		require.NoError(t, err)
		texts[path] = regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(string(text), "")
	}
	return texts
}

// TestSnippets checks every fenced code block of every document.
func TestSnippets(t *testing.T) {
	t.Parallel()
	for document := range documents(t) {
		blocks, err := snippet.Read(document)
		require.NoError(t, err)
		for _, block := range blocks {
			t.Run(block.String(), func(t *testing.T) {
				t.Parallel()
				assert.NoError(t, check(t.Context(), block, blocks, t.TempDir()))
			})
		}
	}
}

// TestEveryKindOfTurnIsShown finds a turn of each kind in the page about handlers.
func TestEveryKindOfTurnIsShown(t *testing.T) {
	t.Parallel()
	blocks, err := snippet.Read("docs/handler.md")
	require.NoError(t, err)
	seen := map[turn.Kind]bool{}
	for _, block := range blocks {
		var shown struct{ Kind turn.Kind }
		if block.Language == "json" && json.Unmarshal([]byte(block.Text), &shown) == nil && shown.Kind != "" {
			seen[shown.Kind] = true
		}
	}
	assert.Len(t, seen, len(turn.Kinds()))
}

// link is a Markdown link.
var link = regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	texts := documents(t)
	for document, text := range texts {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			path := document
			if match[1] != "" {
				path = filepath.Join(filepath.Dir(document), match[1])
			}
			_, err := os.Stat(filepath.Join(snippet.Root(), path))
			assert.NoError(t, err, "a link in %s", document)
			if target, known := texts[path]; known && match[2] != "" {
				assert.Contains(t, anchors(target), match[2], "a link in %s to %s", document, path)
			}
		}
	}
}

// anchors are those that GitHub gives the headings of a document.
func anchors(text string) []string {
	var all []string
	for _, match := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		all = append(all, "#"+strings.Map(func(letter rune) rune {
			switch {
			case unicode.IsLetter(letter) || unicode.IsDigit(letter) || letter == '-' || letter == '_':
				return unicode.ToLower(letter)
			case letter == ' ':
				return '-'
			}
			return -1
		}, match[1]))
	}
	return all
}

// quoted are commands in the text.
var quoted = regexp.MustCompile("`((?:bin/)?(?:reventless|make|pulumi) [^`]+)`")

// TestCommandsInTheText checks commands that stand in sentences and tables.
func TestCommandsInTheText(t *testing.T) {
	t.Parallel()
	for document, text := range documents(t) {
		for _, match := range quoted.FindAllStringSubmatch(text, -1) {
			if strings.Contains(match[1], "…") {
				continue // it says that something is left out
			}
			assert.NoError(t, commands.Mention(t.Context(), strings.ReplaceAll(match[1], "\n", " ")), document)
		}
	}
}

// TestKeysAreDescribed finds every key of the configuration on its page.
func TestKeysAreDescribed(t *testing.T) {
	t.Parallel()
	page := documents(t)["docs/configuration.md"]
	for _, key := range localconfig.Keys() {
		assert.Contains(t, page, "| `"+key.Name+"` | `"+key.Variable()+"` | `"+key.In("<project>").Config()+"` |")
	}
}

// TestEveryPageIsLinked finds a link to each page of docs in the README.
func TestEveryPageIsLinked(t *testing.T) {
	t.Parallel()
	texts := documents(t)
	for document := range texts {
		if filepath.Dir(document) == "docs" && !registryPages[filepath.Base(document)] {
			assert.Contains(t, texts["README.md"], "]("+document+")")
		}
	}
}

// registryPages are those of the Pulumi Registry alone.
var registryPages = map[string]bool{"_index.md": true, "installation-configuration.md": true}

var (
	// section begins the part about a kind of turn.
	section = regexp.MustCompile(`(?m)^## (.*)$`)
	// object is an answer in a sentence or table.
	object = regexp.MustCompile("`(\\{\"[^`]*\\})`")
	// elided is what such an answer leaves out.
	elided = strings.NewReplacer("{…}", "{}", "[…]", "[]", `"data": …`, `"data": {}`)
)

// TestAnswersInTheText holds the answers that sentences and tables show against their schemas.
// Parts about rows that wait for something also say how a project turn answers.
func TestAnswersInTheText(t *testing.T) {
	t.Parallel()
	text := documents(t)["docs/handler.md"]
	found := map[turn.Kind]bool{}
	starts := section.FindAllStringSubmatchIndex(text, -1)
	for i, start := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		kind := turn.Kind(text[start[2]:start[3]])
		if turn.AnswerSchema(kind) == nil {
			continue
		}
		for _, match := range object.FindAllStringSubmatch(text[start[0]:end], -1) {
			answer := []byte(elided.Replace(match[1]))
			if conforms(turn.AnswerSchema(turn.Project), answer) != nil {
				assert.NoError(t, conforms(turn.AnswerSchema(kind), answer), "%s: %s", kind, match[1])
			}
			found[kind] = true
		}
	}
	assert.Len(t, found, len(turn.Kinds()))
}
