package front

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// deduplicationWindow is how long FIFO queues and topics remember an id.
const deduplicationWindow = 5 * time.Minute

// deduplication is a table of the messages that FIFO queues or topics were sent.
// The zero value is ready for use. The mutex is held over the whole exchange with
// moto, so that of two equal messages at the same time one is the first.
type deduplication struct {
	mutex sync.Mutex
	sent  map[deduplicationKey]sentMessage
	swept time.Time
}

type deduplicationKey struct{ target, id string }

// sentMessage is what the first sender was answered.
type sentMessage struct {
	at     time.Time
	answer map[string]string
}

// seen is the answer that the first of equal messages got, if that is not too long
// ago.
func (d *deduplication) seen(key deduplicationKey) (map[string]string, bool) {
	message, found := d.sent[key]
	if !found || time.Since(message.at) > deduplicationWindow {
		return nil, false
	}
	return message.answer, true
}

func (d *deduplication) remember(key deduplicationKey, answer map[string]string) {
	if d.sent == nil {
		d.sent = map[deduplicationKey]sentMessage{}
	}
	d.sent[key] = sentMessage{at: time.Now(), answer: answer}
	if time.Since(d.swept) > time.Minute {
		d.sweep()
	}
}

func (d *deduplication) sweep() {
	d.swept = time.Now()
	for key, message := range d.sent {
		if time.Since(message.at) > deduplicationWindow {
			delete(d.sent, key)
		}
	}
}

// forget drops everything about a queue or topic that was deleted.
func (d *deduplication) forget(target string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for key := range d.sent {
		if key.target == target {
			delete(d.sent, key)
		}
	}
}

// contentID is the id that content-based deduplication uses.
func contentID(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
