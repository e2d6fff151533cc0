package proxy

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// connections knows which connections of a server are open.
type connections struct {
	mu   sync.Mutex
	open map[net.Conn]struct{}
	idle chan struct{} // closed when the last one closes; set by drain
}

// track is a [http.Server] ConnState hook.
func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open[conn] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
		if len(c.open) == 0 && c.idle != nil {
			close(c.idle)
			c.idle = nil
		}
	case http.StateActive, http.StateIdle:
	}
}

// drain waits until all connections are closed, or until the time is over. The
// connections of an ended process close by themselves as soon as the server has
// read everything that the process had sent.
func (c *connections) drain(limit time.Duration) {
	c.mu.Lock()
	if len(c.open) == 0 {
		c.mu.Unlock()
		return
	}
	idle := make(chan struct{})
	c.idle = idle
	c.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
}
