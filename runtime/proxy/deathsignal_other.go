//go:build !linux

package proxy

import "syscall"

// dieWithParent has no equivalent outside Linux; there the language runtime ends
// when its next request finds no one listening.
func dieWithParent() *syscall.SysProcAttr { return nil }
