package lambda

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
)

// LogEvent is one line of a function's output.
type LogEvent struct {
	Time    time.Time
	Message string
}

// LogStore receives the functions' output for CloudWatch Logs. It must not block.
type LogStore interface {
	// Put adds events to a stream of a log group.
	Put(group, stream string, events []LogEvent)
}

// logFiles holds one file of output per function.
type logFiles struct {
	folder string
	store  LogStore
	// arn begins the ARNs of log groups; enforcer says whether a function's role may
	// write to them.
	arn      string
	enforcer *enforcement.Enforcer

	mutex sync.Mutex
	files map[string]*os.File
}

// open makes the output of a new environment.
func (l *logFiles) open(config Configuration) *output {
	id := uuid.New()
	stream := fmt.Sprintf("%s/[$LATEST]%x", time.Now().UTC().Format("2006/01/02"), id[:])
	return &output{logs: l, function: config.FunctionName, role: config.Role, group: config.LoggingConfig.LogGroup, stream: stream}
}

func (l *logFiles) path(function string) string { return filepath.Join(l.folder, function+".log") }

func (l *logFiles) write(function string, lines []byte) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	file := l.files[function]
	if file == nil {
		var err error
		if file, err = os.OpenFile(l.path(function), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return // a full disk must not stop the function
		}
		if l.files == nil {
			l.files = map[string]*os.File{}
		}
		l.files[function] = file
	}
	_, _ = file.Write(lines)
}

// tail is the end of a function's output.
func (l *logFiles) tail(function string, limit int64) (string, error) {
	file, err := os.Open(l.path(filepath.Base(function)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	text := make([]byte, min(size, limit))
	if _, err := file.ReadAt(text, size-int64(len(text))); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if _, rest, found := bytes.Cut(text, []byte("\n")); found && size > limit {
		text = rest
	}
	return string(text), nil
}

// forget closes a deleted function's file and keeps it for reading.
func (l *logFiles) forget(function string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if file := l.files[function]; file != nil {
		_ = file.Close()
		delete(l.files, function)
	}
}

func (l *logFiles) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, file := range l.files {
		_ = file.Close()
	}
	l.files = nil
}

// output is what one environment writes: it splits it into lines and passes them on.
type output struct {
	logs                          *logFiles
	function, role, group, stream string

	mutex   sync.Mutex
	partial []byte
	tail    []byte
	closed  bool
}

// Write takes output of the process.
func (o *output) Write(text []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.partial = append(o.partial, text...)
	if end := bytes.LastIndexByte(o.partial, '\n'); end >= 0 {
		o.pass(o.partial[:end+1])
		o.partial = append([]byte(nil), o.partial[end+1:]...)
	}
	return len(text), nil
}

// pass passes whole lines on.
func (o *output) pass(lines []byte) {
	if o.closed || len(lines) == 0 {
		return
	}
	o.logs.write(o.function, lines)
	o.tail = append(o.tail, lines...)
	if excess := len(o.tail) - maxTail; excess > 0 {
		o.tail = append([]byte(nil), o.tail[excess:]...)
	}
	if o.logs.store == nil || !o.mayLog() {
		return
	}
	now := time.Now()
	var events []LogEvent
	for line := range bytes.Lines(lines) {
		events = append(events, LogEvent{Time: now, Message: string(line)})
	}
	o.logs.store.Put(o.group, o.stream, events)
}

// mayLog says whether the function's role may write to CloudWatch Logs. On AWS too, what
// it may not write is lost without a word; here it is still in the function's file.
func (o *output) mayLog() bool {
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		if o.logs.enforcer.CheckRole(context.Background(), o.role, o.function, action, o.logs.arn+o.group+":log-stream:"+o.stream) != nil {
			return false
		}
	}
	return true
}

func (o *output) begin(id string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.tail = nil
	o.pass([]byte("START RequestId: " + id + " Version: $LATEST\n"))
}

// end writes an invocation's last lines and returns the end of its output.
func (o *output) end(id string, duration, coldStart time.Duration, result outcome, config Configuration) []byte {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.flushPartial()
	var text bytes.Buffer
	if result.functionError != "" {
		fmt.Fprintf(&text, "%s %s %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), id, result.payload[:min(len(result.payload), maxTail)])
	}
	milliseconds := float64(duration.Microseconds()) / 1000
	fmt.Fprintf(&text, "END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB", id, id, milliseconds, milliseconds+0.5, config.MemorySize)
	if coldStart > 0 {
		fmt.Fprintf(&text, "\tInit Duration: %.2f ms", float64(coldStart.Microseconds())/1000)
	}
	text.WriteString("\n")
	o.pass(text.Bytes())
	return bytes.Clone(o.tail)
}

func (o *output) flushPartial() {
	if len(o.partial) > 0 {
		o.pass(append(o.partial, '\n'))
		o.partial = nil
	}
}

func (o *output) close() {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.flushPartial()
	o.closed = true
}
