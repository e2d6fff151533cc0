// Package exit has the error that says with which code a command ends.
package exit

// Error is an error with the code to exit with.
type Error struct {
	Code int
	Text string
}

// Error gives the text.
func (e *Error) Error() string { return e.Text }

// ExitCode is the code to exit with.
func (e *Error) ExitCode() int { return e.Code }
