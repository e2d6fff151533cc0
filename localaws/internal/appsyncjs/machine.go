package appsyncjs

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/dop251/goja"
	"github.com/google/uuid"
)

// machine is a virtual machine in which the bundle was loaded.
type machine struct {
	*goja.Runtime
	entry *goja.Object
}

// start loads the bundle into a new virtual machine. Loading is limited too: a
// module's top level is code as well.
func (p *Program) start() (*machine, error) {
	runtime := goja.New()
	if err := runtime.Set("__host", host()); err != nil {
		return nil, err
	}
	timer := time.AfterFunc(Timeout, func() { runtime.Interrupt(errTimeout) })
	defer timer.Stop()
	if _, err := runtime.RunProgram(p.program); err != nil {
		return nil, err
	}
	entry := runtime.Get("__entry")
	if entry == nil {
		return nil, errors.New("the bundle has no entry")
	}
	return &machine{runtime, entry.ToObject(runtime)}, nil
}

var errTimeout = errors.New("timeout")

// limit interrupts the machine after [Timeout] or when ctx ends.
func (m *machine) limit(ctx context.Context) (stop func()) {
	limited, cancel := context.WithTimeout(ctx, Timeout)
	release := context.AfterFunc(limited, func() { m.Interrupt(errTimeout) })
	return func() { release(); cancel() }
}

// call calls a function of the entry that cannot throw.
func (m *machine) call(name string, argument string) goja.Value {
	function, _ := goja.AssertFunction(m.entry.Get(name))
	value, err := function(goja.Undefined(), m.ToValue(argument))
	if err != nil {
		return goja.Undefined()
	}
	return value
}

func (m *machine) evaluate(handler, resolverContext string) (string, error) {
	function, ok := goja.AssertFunction(m.entry.Get("evaluate"))
	if !ok {
		return "", errors.New("the bundle has no evaluate function")
	}
	value, err := function(goja.Undefined(), m.ToValue(handler), m.ToValue(resolverContext))
	if err != nil {
		return "", err
	}
	return value.String(), nil
}

// host is what aws-appsync-utils.js cannot do itself.
func host() map[string]any {
	return map[string]any{
		"uuid":         uuid.NewString,
		"base64Encode": base64Encode,
		"base64Decode": base64Decode,
		"urlEncode":    url.QueryEscape,
		"urlDecode": func(text string) string {
			decoded, err := url.QueryUnescape(text)
			if err != nil {
				return text
			}
			return decoded
		},
	}
}
