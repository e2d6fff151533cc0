// Package process starts child processes that never outlive this process.
//
//  1. [Start] puts the child into a process group of its own, so that whatever the
//     child starts belongs to the group too.
//  2. [Process.Kill] ends the whole group at once, [Process.Stop] asks it to end
//     first.
//  3. When the child ends by itself, the rest of its group is killed.
//  4. On Linux the kernel kills the child when this process dies without having
//     had the time to do so.
package process

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// pipeGrace is how long after the child's end output of its own children is still
// waited for.
const pipeGrace = 100 * time.Millisecond

// Options say what to start.
type Options struct {
	// Command is the program's path and its arguments.
	Command []string
	// Dir is the working directory, Env the whole environment (KEY=value).
	Dir string
	Env []string
	// Stdout and Stderr receive the output; nil discards it.
	Stdout, Stderr io.Writer
}

// Process is a running child.
type Process struct {
	command *exec.Cmd
	done    chan struct{}
	err     error
}

// Start starts the child.
func Start(options Options) (*Process, error) {
	if len(options.Command) == 0 {
		return nil, errors.New("start process: no command given")
	}
	command := exec.Command(options.Command[0], options.Command[1:]...)
	command.Dir, command.Env = options.Dir, options.Env
	if command.Env == nil {
		command.Env = []string{}
	}
	command.Stdout, command.Stderr = options.Stdout, options.Stderr
	command.SysProcAttr = attributes()
	command.WaitDelay = pipeGrace
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", options.Command[0], err)
	}
	p := &Process{command: command, done: make(chan struct{})}
	go p.wait()
	return p, nil
}

func (p *Process) wait() {
	err := p.command.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	p.signal(syscall.SIGKILL)
	p.err = err
	close(p.done)
}

// PID is the child's process id, which is also the id of its group.
func (p *Process) PID() int { return p.command.Process.Pid }

// Done is closed when the child has ended and its group has been killed.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is why the child ended: nil after exit code 0, else an [exec.ExitError]. It
// may be called after Done is closed.
func (p *Process) Err() error { return p.err }

// Kill ends the whole group and waits for the child's end.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// Stop asks the group to end (SIGTERM), and kills it when the grace is over.
func (p *Process) Stop(grace time.Duration) {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
		p.Kill()
	}
}

func (p *Process) signal(signal syscall.Signal) {
	_ = syscall.Kill(-p.PID(), signal) // the group may have ended already
}
