package cloud

import (
	"sync"
	"time"
)

// deduplication is for how long FIFO queues and topics know a message.
const deduplication = 5 * time.Minute

// window knows what came within the last minutes.
type window struct {
	mu sync.Mutex
	// known are the deduplication ids, each within its message group.
	known map[[2]string]time.Time
	// order are the same, oldest first.
	order [][2]string
}

// newWindow returns an empty window.
func newWindow() *window { return &window{known: map[[2]string]time.Time{}} }

// seen says whether a message came before; if not, it has come now.
func (w *window) seen(group, once string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for len(w.order) > 0 && now.Sub(w.known[w.order[0]]) >= deduplication {
		delete(w.known, w.order[0])
		w.order = w.order[1:]
	}
	key := [2]string{group, once}
	if _, known := w.known[key]; known {
		return true
	}
	w.known[key] = now
	w.order = append(w.order, key)
	return false
}
