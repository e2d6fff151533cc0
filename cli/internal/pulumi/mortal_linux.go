package pulumi

import "syscall"

// mortal lets the kernel kill a process when the thread that started it ends.
func mortal(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
