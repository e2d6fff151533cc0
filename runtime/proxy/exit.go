package proxy

import (
	"fmt"
	"os"
	"syscall"
)

// Exit is how a language runtime ended.
type Exit struct {
	// Code is the exit status, 128 plus the signal's number when a signal ended
	// it, as a shell has it.
	Code int
	// Signal ended the process, 0 for none.
	Signal syscall.Signal
}

// newExit reads a process's state.
func newExit(state *os.ProcessState) Exit {
	if state == nil {
		return Exit{Code: 1}
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return Exit{Code: 128 + int(status.Signal()), Signal: status.Signal()}
	}
	return Exit{Code: state.ExitCode()}
}

// String is "exit status 3" or "signal: killed".
func (e Exit) String() string {
	switch e.Signal {
	case 0:
		return fmt.Sprintf("exit status %d", e.Code)
	case syscall.SIGKILL:
		return "signal: killed (often for want of memory: raise the function's memory size)"
	default:
		return "signal: " + e.Signal.String()
	}
}

// InitError says why a language runtime never asked for an invocation.
type InitError struct {
	// Reported says that the runtime reported the error itself; it has then been
	// forwarded to the real Runtime API. Otherwise it just ended.
	Reported bool
	// Type and Message are what it reported, or "Runtime.ExitError" and the exit status.
	Type, Message string
	// Exit is how the process ended.
	Exit Exit
}

// Error names the type and the message.
func (e *InitError) Error() string {
	return fmt.Sprintf("the language runtime could not initialise: %s: %s", e.Type, e.Message)
}

// ExitCode is the status to end with: the process's own, but never success.
func (e *InitError) ExitCode() int {
	if e.Exit.Code == 0 {
		return 1
	}
	return e.Exit.Code
}

// initError is the [InitError] of a session that has ended.
func (s *session) initError() *InitError {
	if e := s.exchange.initFailure(); e != nil {
		return &InitError{Reported: true, Type: e.Type, Message: e.Message, Exit: s.exit}
	}
	return &InitError{Type: "Runtime.ExitError", Message: "Runtime exited with error: " + s.exit.String(), Exit: s.exit}
}
