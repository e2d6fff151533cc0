package proxy

import "syscall"

// dieWithParent makes the kernel kill the language runtime when the engine dies,
// however that happens.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
