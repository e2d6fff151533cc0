package cloudfront

import (
	"net"
	"net/http"
	"time"
)

// listener is where a distribution answers.
type listener struct {
	url    string
	server *http.Server
}

// relisten starts or stops a distribution's listener, as its configuration wants. One that
// is changed keeps its address.
func (s *Service) relisten(t *thing) {
	_, listening := s.running[t.id]
	switch {
	case t.distribution.Enabled && !listening:
		s.start(t.id)
	case !t.distribution.Enabled && listening:
		s.stop(t.id)
	}
}

func (s *Service) start(id string) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Logger.Warn("a distribution cannot be served", "distribution", id, "error", err)
		return
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, id) })}
	s.running[id] = &listener{url: "http://" + socket.Addr().String(), server: server}
	go func() { _ = server.Serve(socket) }()
}

func (s *Service) stop(id string) {
	_ = s.running[id].server.Close()
	delete(s.running, id)
}
