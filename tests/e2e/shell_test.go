package e2e

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browsers are the names of Chromium on different systems.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// newBrowser starts a browser with a profile of its own, which asks for nothing by itself.
func newBrowser(t *testing.T, program string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(patience))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	browser, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	limited, cancel := context.WithTimeout(browser, 3*time.Minute)
	t.Cleanup(cancel)
	return limited
}

func findBrowser() string {
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// TestShell opens the platform's own page in a browser, as its users do: with an API key,
// and with a plugin whose texts would be HTML if the page took them for it.
func TestShell(t *testing.T) {
	t.Parallel()
	program := findBrowser()
	if program == "" {
		t.Skip("NOT RUN: the platform's page in a browser, which needs one of " + strings.Join(browsers, ", "))
	}
	w := newHostUI(t)
	w.write("whole/source/Pulumi.yaml", strings.Replace(w.read("whole/source/Pulumi.yaml"), "      version: ",
		"      uiBundleUrl: https://ui.example.com/source.js?<b>x</b>\n      version: ", 1))
	w.write("whole/source/Pulumi.alpha.yaml", strings.ReplaceAll(w.read("whole/source/Pulumi.alpha.yaml"), "whole-platform", "hostui-platform"))
	w.up(hostUIPlatform, "whole/source")
	outputs, err := w.stack(hostUIPlatform).Outputs(t.Context())
	require.NoError(t, err)
	key := outputs["apiKey"].(string)

	browser := newBrowser(t, program)
	var complaints []string
	chromedp.ListenTarget(browser, func(event any) {
		if thrown, ok := event.(*runtime.EventExceptionThrown); ok {
			complaints = append(complaints, thrown.ExceptionDetails.Error())
		}
	})
	run := func(actions ...chromedp.Action) { t.Helper(); require.NoError(t, chromedp.Run(browser, actions...)) }
	text := func(selector string) string {
		t.Helper()
		var found string
		run(chromedp.Text(selector, &found, chromedp.ByQuery))
		return found
	}
	status := func(want string) {
		t.Helper()
		run(chromedp.Poll(`document.getElementById("status").textContent.includes(`+"`"+want+"`"+`)`, nil, chromedp.WithPollingTimeout(patience)))
	}

	run(chromedp.Navigate(w.site().URL + "/plugins"))
	status("Give an API key")
	run(chromedp.SendKeys("#credential", "da2-wrong\r", chromedp.ByQuery))
	status("refused the key")
	run(chromedp.SendKeys("#credential", key+"\r", chromedp.ByQuery))
	status("2 plugins")

	assert.Contains(t, text("#plugins"), "source")
	assert.Contains(t, text("#plugins"), "CONNECTED")
	assert.Contains(t, text("#plugins"), "organization/whole-source/alpha")
	assert.Contains(t, text("#plugins"), "https://ui.example.com/source.js?<b>x</b>")
	assert.Contains(t, text("#owners"), "Query.note")
	var bold int
	run(chromedp.Evaluate(`document.querySelectorAll("#plugins b").length`, &bold))
	assert.Zero(t, bold, "what plugins say is text")

	run(chromedp.Click(`button[aria-label="Show the events of source"]`, chromedp.ByQuery), chromedp.WaitVisible("#history", chromedp.ByQuery))
	assert.Contains(t, text("#events"), "PluginConnected")

	run(chromedp.Click("#query-form button", chromedp.ByQuery),
		chromedp.Poll(`document.getElementById("answer").textContent.includes("Platform_plugins")`, nil, chromedp.WithPollingTimeout(patience)))
	assert.Contains(t, text("#answer"), `"id": "source"`)

	var injected, unlabelled int
	run(chromedp.Evaluate(`(() => { const s = document.createElement("script"); s.textContent = "window.injected = 1"; document.body.append(s); return window.injected ?? 0; })()`, &injected))
	assert.Zero(t, injected, "the Content-Security-Policy lets no inline script run")
	run(chromedp.Evaluate(`[...document.querySelectorAll("input, textarea")].filter((e) => e.labels.length === 0).length`, &unlabelled))
	assert.Zero(t, unlabelled, "every input has a label")

	var kept string
	run(chromedp.Click("#forget", chromedp.ByQuery), chromedp.Evaluate(`JSON.stringify(sessionStorage) + JSON.stringify(localStorage)`, &kept))
	assert.NotContains(t, kept, key)
	status("Give an API key")
	assert.Empty(t, complaints)
}
