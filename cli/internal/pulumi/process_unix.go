//go:build unix

package pulumi

import (
	"os"
	"syscall"
)

func ownProcessGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the command to end what is under way.
func interrupt(process *os.Process) error { return process.Signal(syscall.SIGINT) }
