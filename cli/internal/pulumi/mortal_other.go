//go:build !linux

package pulumi

import "syscall"

// mortal does nothing: there is no such thing here.
func mortal(*syscall.SysProcAttr) {}
