package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// kept is how many happenings a browser that comes later is shown.
const kept = 500

// Happening is an event, a line of a function, or a deployment.
type Happening struct {
	Number int `json:"number"`
	// Kind is event, log or deployment.
	Kind string    `json:"kind"`
	Time time.Time `json:"time"`
	// Source is the plugin's event log, the function or what was run.
	Source string `json:"source"`
	// Text is what it says: of an event its type and id.
	Text string          `json:"text"`
	Data json.RawMessage `json:"data,omitempty"`
}

// happenings are the last ones, and who waits for the next.
type happenings struct {
	mutex sync.Mutex
	last  []Happening
	next  int
	added chan struct{}
}

func newHappenings() *happenings { return &happenings{next: 1, added: make(chan struct{})} }

func (h *happenings) add(happening Happening) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	happening.Number = h.next
	h.next++
	h.last = append(h.last, happening)
	if excess := len(h.last) - kept; excess > 0 {
		h.last = append([]Happening(nil), h.last[excess:]...)
	}
	close(h.added)
	h.added = make(chan struct{})
}

// after are those after a number, and a channel that is closed when there are more.
func (h *happenings) after(number int) ([]Happening, <-chan struct{}) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for i, happening := range h.last {
		if happening.Number > number {
			return append([]Happening(nil), h.last[i:]...), h.added
		}
	}
	return nil, h.added
}

// serve sends happenings as they come. A browser that was away says the last that it knows.
func (h *happenings) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	last := 0
	_, _ = fmt.Sscan(r.Header.Get("Last-Event-ID"), &last)
	flush := http.NewResponseController(w)
	for {
		news, added := h.after(last)
		for _, happening := range news {
			text, err := json.Marshal(happening)
			if err != nil {
				continue
			}
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", happening.Number, text); err != nil {
				return
			}
			last = happening.Number
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-added:
		case <-r.Context().Done():
			return
		}
	}
}
