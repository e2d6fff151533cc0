package pulumi

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	// stackType is the type of the resource that has the stack's outputs.
	stackType = "pulumi:pulumi:Stack"
	// pollInterval is how often the event log is looked at while it does not grow.
	pollInterval = 50 * time.Millisecond
)

// events is what an event log says.
type events struct {
	step  func(Step)
	began map[string]time.Time
	// changes are the numbers of resources by operation.
	changes   map[string]int
	resources int
	// before and after are the stack's outputs; secret says whether one of them is masked.
	before, after map[string]any
	secret        bool
	errors        []string
}

// follow reads an event log as it grows, to its end when the command has ended.
func (e *events) follow(path string, ended <-chan struct{}) {
	file := open(path, ended)
	if file == nil {
		return
	}
	defer func() { _ = file.Close() }()
	reader := bufio.NewReader(file)
	var line []byte
	for over := false; ; {
		part, err := reader.ReadBytes('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			e.read(line)
			line = nil
		case !errors.Is(err, io.EOF) || over:
			e.read(line)
			return
		default:
			over = wait(ended)
		}
	}
}

// open waits for the file until the command has ended.
func open(path string, ended <-chan struct{}) *os.File {
	for over := false; ; over = wait(ended) {
		file, err := os.Open(path)
		if err == nil {
			return file
		}
		if over {
			return nil
		}
	}
}

// wait waits a moment and says whether the command has ended.
func wait(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return true
	case <-time.After(pollInterval):
		return false
	}
}

func (e *events) read(line []byte) {
	var event apitype.EngineEvent
	if len(line) == 0 || json.Unmarshal(line, &event) != nil {
		return // half a line of a command that was killed
	}
	switch {
	case event.ResourcePreEvent != nil:
		e.began[event.ResourcePreEvent.Metadata.URN] = time.Now()
	case event.ResOutputsEvent != nil:
		e.ended(event.ResOutputsEvent.Metadata, false)
	case event.ResOpFailedEvent != nil:
		e.ended(event.ResOpFailedEvent.Metadata, true)
	case event.DiagnosticEvent != nil:
		e.diagnosed(*event.DiagnosticEvent)
	case event.SummaryEvent != nil:
		e.summed(*event.SummaryEvent)
	}
}

func (e *events) ended(metadata apitype.StepEventMetadata, failed bool) {
	if metadata.Type == stackType {
		e.outputs(metadata)
		return
	}
	if e.step == nil {
		return
	}
	step := Step{Operation: string(metadata.Op), Type: metadata.Type, Name: resource.URN(metadata.URN).Name(), Failed: failed}
	if began, known := e.began[metadata.URN]; known {
		step.Duration = time.Since(began)
	}
	e.step(step)
}

// outputs takes the stack's outputs. The engine tells of the stack twice, without outputs
// when the program begins.
func (e *events) outputs(metadata apitype.StepEventMetadata) {
	if metadata.Old != nil && e.before == nil {
		e.before = metadata.Old.Outputs
	}
	if metadata.New != nil {
		e.after = metadata.New.Outputs
	}
	e.secret = masked(e.before) || masked(e.after)
}

// masked says whether a value is or has a secret.
func masked(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		if value[resource.SigKey] == resource.SecretSig {
			return true
		}
		for _, inner := range value {
			if masked(inner) {
				return true
			}
		}
	case []any:
		for _, inner := range value {
			if masked(inner) {
				return true
			}
		}
	}
	return false
}

// summed takes the counts, which include those of resources that stay.
func (e *events) summed(summary apitype.SummaryEvent) {
	e.changes, e.resources = map[string]int{}, 0
	for operation, count := range summary.ResourceChanges {
		e.changes[string(operation)] = count
		if operation != apitype.OpDelete && operation != apitype.OpDeleteReplaced {
			e.resources += count
		}
	}
}

// colors are the marks of colours in the engine's texts.
var colors = regexp.MustCompile(`<\{%[^%]*%\}>`)

// diagnosed keeps errors. That the update failed is said of the stack too, once what made
// it fail has been said.
func (e *events) diagnosed(diagnostic apitype.DiagnosticEvent) {
	text := strings.TrimSpace(colors.ReplaceAllString(diagnostic.Message, ""))
	if diagnostic.Severity != "error" || text == "" || text == "update failed" || text == "preview failed" {
		return
	}
	if name := resource.URN(diagnostic.URN); diagnostic.URN != "" && string(name.QualifiedType()) != stackType {
		text = string(name.Type()) + " " + name.Name() + ": " + text
	}
	e.errors = append(e.errors, text)
}
