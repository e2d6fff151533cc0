package proxy

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// drainTime bounds the wait for what an ended process still had in its sockets.
const drainTime = 200 * time.Millisecond

// initLimit is how long a language runtime that replaces another may initialise:
// what Lambda gives to the first.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const initLimit = 10 * time.Second

// session is one language runtime: its process, and the server that only it has.
type session struct {
	first       bool
	real        *realAPI
	exchange    *exchange
	server      *http.Server
	connections connections
	command     *exec.Cmd
	started     time.Time
	exited      chan struct{} // closed when the process has ended and been heard out
	exit        Exit          // valid after exited
}

// startSession opens a port and starts the process. First says that the real API
// still waits for this function's initialisation.
func startSession(options Options, real *realAPI, first bool) (*session, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: opening a loopback port for the private Runtime API: %w", err)
	}
	s := &session{
		first: first, real: real, exchange: newExchange(), started: time.Now(),
		exited: make(chan struct{}), connections: connections{open: map[net.Conn]struct{}{}},
	}
	s.server = &http.Server{Handler: s, ConnState: s.connections.track, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.server.Serve(listener) }()
	s.command = exec.Command(options.Command[0], options.Command[1:]...)
	s.command.Dir, s.command.Stdout, s.command.Stderr = options.Dir, options.Stdout, options.Stderr
	s.command.Env = environment(options.Env, listener.Addr().String())
	s.command.SysProcAttr = dieWithParent()
	if err := s.startProcess(); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("proxy: starting the language runtime %q: %w", options.Command[0], err)
	}
	return s, nil
}

// environment is the process's environment with the private address in it.
func environment(base []string, address string) []string {
	env := make([]string, 0, len(base)+1)
	for _, entry := range base {
		name, _, _ := strings.Cut(entry, "=")
		if name != EnvRuntimeAPI && name != envExecWrapper {
			env = append(env, entry)
		}
	}
	return append(env, EnvRuntimeAPI+"="+address)
}

// startProcess starts the process and waits for its end in the background. Linux
// ties the parent-death signal to the thread that started the process, so that
// thread has to live as long as the process.
func (s *session) startProcess() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.command.Start()
		started <- err
		if err != nil {
			return
		}
		_ = s.command.Wait()
		s.exit = newExit(s.command.ProcessState)
		s.connections.drain(drainTime)
		close(s.exited)
	}()
	return <-started
}

// ended says whether the process has ended.
func (s *session) ended() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// signal passes a signal on. A process that has ended needs none.
func (s *session) signal(signal os.Signal) { _ = s.command.Process.Signal(signal) }

// kill ends the process at once and waits for that.
func (s *session) kill() {
	s.signal(os.Kill)
	<-s.exited
}

// waitOrKill gives the process some time to end by itself.
func (s *session) waitOrKill(grace time.Duration) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.exited:
	case <-timer.C:
		s.kill()
	}
}

// close frees the port of a process that has ended.
func (s *session) close() { _ = s.server.Close() }
