package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browsers are the names of Chromium on different systems.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// browser is a tab of a browser.
type browser struct {
	w   *world
	tab context.Context
	// thrown are the errors that scripts did not catch.
	thrown []string
}

// browser starts a browser with a profile of its own, which asks for nothing by itself.
// It notes what a Content-Security-Policy refuses.
func (w *world) browser(program string) *browser {
	t := w.t
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile(t)), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WindowSize(1400, 1000), chromedp.WSURLReadTimeout(persistence))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() { _ = chromedp.Cancel(tab) }) // waits until the browser has ended
	b := &browser{w: w, tab: tab}
	chromedp.ListenTarget(tab, func(event any) {
		if thrown, ok := event.(*runtime.EventExceptionThrown); ok {
			b.thrown = append(b.thrown, thrown.ExceptionDetails.Error())
		}
	})
	const note = `window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));`
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(note).Do(ctx)
		return err
	}))
	return b
}

// profile is a folder for a browser's profile. The browser's own children may write to it
// still when it has ended.
func profile(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "reventless-browser-")
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.EventuallyWithT(t, func(c *assert.CollectT) { assert.NoError(c, os.RemoveAll(folder)) }, patience, 50*time.Millisecond)
	})
	return folder
}

// findBrowser is the path of a browser. Without one the test is not run.
func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("NOT RUN: a page in a browser, which needs one of " + strings.Join(browsers, ", "))
	return ""
}

func (b *browser) run(actions ...chromedp.Action) {
	b.w.t.Helper()
	require.NoError(b.w.t, chromedp.Run(b.tab, actions...))
}

// value is the value of an expression as text, the error that it throws included.
func (b *browser) value(expression string) string {
	b.w.t.Helper()
	var value string
	b.run(chromedp.Evaluate(`(() => { try { return String(`+expression+`); } catch (error) { return String(error); } })()`, &value))
	return value
}

// becomes waits for an expression to have a text in it.
func (b *browser) becomes(expression, want string) {
	b.w.t.Helper()
	until(b.w.t, func() error {
		if value := b.value(expression); !strings.Contains(value, want) {
			return fmt.Errorf("%s is %q, without %q", expression, value, want)
		}
		return nil
	})
}

// text is the text of an element.
func text(selector string) string { return "document.querySelector(`" + selector + "`).textContent" }

// click waits for an element and clicks it.
func (b *browser) click(selector string) {
	b.w.t.Helper()
	b.becomes("document.querySelector(`"+selector+"`) !== null", "true")
	b.value("document.querySelector(`" + selector + "`).click()")
}

// signIn gives the page an API key.
func (b *browser) signIn(key string) {
	b.w.t.Helper()
	b.run(chromedp.SendKeys("#credential", key+"\r", chromedp.ByQuery))
}

// newShell is a platform with its own page, and a plugin whose texts would be HTML if the
// page took them for it.
func newShell(t *testing.T) (w *world, key string) {
	t.Helper()
	w = newHostUI(t)
	w.write("whole/source/Pulumi.yaml", strings.Replace(w.read("whole/source/Pulumi.yaml"), "      version: ",
		"      uiBundleUrl: https://ui.example.com/source.js?<b>x</b>\n      version: ", 1))
	w.write("whole/source/Pulumi.alpha.yaml", strings.ReplaceAll(w.read("whole/source/Pulumi.alpha.yaml"), "whole-platform", "hostui-platform"))
	w.up(hostUIPlatform, "whole/source")
	outputs, err := w.stack(hostUIPlatform).Outputs(t.Context())
	require.NoError(t, err)
	return w, outputs["apiKey"].(string)
}

// TestShell opens the platform's own page in a browser, as its users do: with an API key.
func TestShell(t *testing.T) {
	t.Parallel()
	program := findBrowser(t)
	w, key := newShell(t)
	b := w.browser(program)
	b.run(chromedp.Navigate(w.site().URL + "/plugins"))
	b.becomes(text("#status"), "Give an API key")
	b.signIn("da2-wrong")
	b.becomes(text("#status"), "refused the key")
	b.signIn(key)
	b.becomes(text("#status"), "2 plugins")

	w.step("plugins and fields are shown", func(t *testing.T) {
		plugins := b.value(text("#plugins"))
		for _, want := range []string{"source", "CONNECTED", "organization/whole-source/alpha", "https://ui.example.com/source.js?<b>x</b>"} {
			assert.Contains(t, plugins, want)
		}
		assert.Contains(t, b.value(text("#owners")), "Query.note")
		assert.Equal(t, "0", b.value("document.querySelectorAll(`#plugins b`).length"), "what plugins say is text")
		b.click(`button[aria-label="Show the events of source"]`)
		b.becomes(text("#events"), "PluginConnected")
		assert.Equal(t, "undefined", b.value(`(() => { const s = document.createElement("script"); s.textContent = "window.injected = 1"; document.body.append(s); return window.injected; })()`),
			"the Content-Security-Policy lets no inline script run")
		assert.Contains(t, b.value("refused.splice(0).join()"), "script-src-elem inline")
		assert.Equal(t, "0", b.value(`[...document.querySelectorAll("input, textarea")].filter((e) => e.labels.length === 0).length`), "every input has a label")
	})
	w.step("dead letters are shown, with the commands for them", func(t *testing.T) { w.shellLetters(t, b) })
	w.step("GraphiQL runs requests with the same key", func(t *testing.T) { w.shellExplorer(t, b) })

	b.click("#forget")
	b.becomes(text("#status"), "Give an API key")
	assert.NotContains(t, b.value("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)"), key)
	assert.Empty(t, b.value(text("#plugins tbody")+" + "+text("#letters tbody")))
	assert.Empty(t, b.value("refused.join()"), "what the Content-Security-Policy refuses")

	w.step("the local AWS has a page of its own with GraphiQL", func(t *testing.T) {
		b.run(chromedp.Navigate(w.url + "/graphiql/" + path.Base(w.client(hostUIPlatform).URL) + "?apiKey=" + key))
		b.becomes(`document.querySelector(".graphiql-query-editor .CodeMirror") !== null`, "true")
		b.write("{ Platform_plugins { items { id } } }")
		b.explore(`"id": "source"`)
		assert.Empty(t, b.value("refused.join()"), "what the Content-Security-Policy refuses")
	})
	assert.Empty(t, b.thrown)
}

// shellLetters sends a message that cannot be read, and waits for the page to show it among
// the dead letters.
func (w *world) shellLetters(t *testing.T, b *browser) {
	w.advance(5 * time.Minute)
	untilRefreshed := func(expression, want string) {
		t.Helper()
		until(t, func() error {
			b.click("#refresh")
			b.becomes(text("#status"), "2 plugins")
			if value := b.value(expression); !strings.Contains(value, want) {
				return errors.New(value)
			}
			return nil
		})
	}
	untilRefreshed(text("#letters-note"), "There are none.")

	client, queue := sqs.NewFromConfig(w.aws()), "whole-source-alpha-source-commands.fifo"
	url, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	require.NoError(t, err)
	_, err = client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url.QueueUrl, MessageBody: aws.String("poison"),
		MessageGroupId: aws.String("poison"), MessageDeduplicationId: aws.String("poison")})
	require.NoError(t, err)
	until(t, func() error { return w.letters("whole-source-alpha-source-commands-dead-letter.fifo") })
	w.advance(5 * time.Minute)
	untilRefreshed(text("#letters tbody"), "sourcecommands1")
	b.becomes(text("#status"), "dead letters: 1")

	command := strings.Fields(b.value(text("#letters tbody code")))
	require.Equal(t, []string{"reventless", "dlq", "show", "commands", "--stack", "organization/whole-source/alpha", "--plugin", "source"}, command)
	shown := w.program("bin/reventless", command[1:]...)
	shown.Dir = filepath.Join(w.projects, "whole/source")
	printed, err := shown.CombinedOutput()
	require.NoError(t, err, "%s", printed)
	assert.Contains(t, string(printed), "group        poison", "the command is one that works")
}

// shellExplorer opens GraphiQL and runs what is in it, then a subscription.
func (w *world) shellExplorer(t *testing.T, b *browser) {
	const loaded = `performance.getEntriesByType("resource").filter((e) => e.name.includes("/graphiql/")).length`
	assert.Equal(t, "0", b.value(loaded), "nothing of it is loaded before it is opened")
	b.click("#to-graphiql")
	b.explore(`"id": "source"`)
	assert.Equal(t, "2", b.value(loaded), "script and styles")
	assert.Contains(t, b.value(result), `"messages": 1`)
	b.becomes(`document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.options.hintOptions.schema?.getType("Platform_DeadLetterQueue")`, "Platform_DeadLetterQueue")
	assert.Empty(t, b.value("refused.join()"), "what the Content-Security-Policy refuses")
	b.click(`[aria-label="Open settings dialog"]`)
	b.becomes(text("[role=dialog]"), "Theme")
	assert.Equal(t, "style-src-elem inline ", b.value("refused.splice(0).join()"), "only that the page behind a dialog cannot be scrolled")
	b.click("[role=dialog] .graphiql-dialog-close")
	w.shellSubscription(t, b)
}

// shellSubscription subscribes to the outcome of a command, and tells it.
func (w *world) shellSubscription(t *testing.T, b *browser) {
	b.write(`subscription { Platform_commandCompleted(commandId: "c-1") { id } }`)
	b.click(".graphiql-execute-button")
	function := w.client(hostUIPlatform)
	function.Key, function.Region, function.Credentials = "", "eu-west-1", w.aws().Credentials
	until(t, func() error {
		w.ask(function, `mutation { Platform_completeCommand(result: "{\"id\":\"told\",\"commandId\":\"c-1\",\"status\":\"ACCEPTED\",\"version\":1,\"correlationId\":\"c-1\"}") { id commandId correlationId status version } }`)
		if shown := b.value(result); !strings.Contains(shown, `"id": "told"`) {
			return errors.New(shown)
		}
		return nil
	})
	b.click(".graphiql-execute-button") // ends it
	b.click("#to-overview")
	b.becomes(`document.getElementById("overview").hidden`, "false")
}

// result is what GraphiQL shows of answers.
const result = `document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()`

// explore runs what is in GraphiQL's editor.
func (b *browser) explore(want string) {
	b.w.t.Helper()
	b.click(".graphiql-execute-button")
	b.becomes(result, want)
}

// write puts a request into GraphiQL's editor.
func (b *browser) write(request string) {
	b.w.t.Helper()
	encoded, err := json.Marshal(request)
	require.NoError(b.w.t, err)
	b.value(`document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue(` + string(encoded) + `)`)
}
