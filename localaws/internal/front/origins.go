package front

import (
	"encoding/json"
	"net/http"
	"sync"
)

// maxOrigins bounds the messages whose first queue is remembered.
const maxOrigins = 100000

const sourceAttribute = "DeadLetterQueueSourceArn"

// origins remembers the queue in which a message was first received: it is received
// there before a redrive policy moves it to a dead-letter queue. The zero value is
// ready for use.
type origins struct {
	mutex  sync.Mutex
	queues map[string]string // by message id
	order  []string          // the ids, the oldest first
}

// first is the queue in which a message was first received, which is this one if it is
// new.
func (o *origins) first(message, queue string) string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if known, found := o.queues[message]; found {
		return known
	}
	if o.queues == nil {
		o.queues = map[string]string{}
	}
	o.queues[message] = queue
	if o.order = append(o.order, message); len(o.order) > maxOrigins {
		delete(o.queues, o.order[0])
		o.order = o.order[1:]
	}
	return queue
}

// receiveMessage names the queue that dead letters came from, as AWS does in the system
// attribute DeadLetterQueueSourceArn, which moto lacks.
func (t *Transport) receiveMessage(r *http.Request, c *call) (*http.Response, error) {
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	var output struct{ Messages []map[string]any }
	if response.StatusCode != http.StatusOK || json.Unmarshal(body, &output) != nil {
		return withBody(response, body), nil
	}
	changed := false
	for _, message := range output.Messages {
		id, _ := message["MessageId"].(string)
		attributes, _ := message["Attributes"].(map[string]any)
		if source := t.origins.first(id, c.queue()); source != c.queue() && attributes != nil {
			attributes[sourceAttribute] = "arn:aws:sqs:" + t.region + ":" + c.account() + ":" + source
			changed = true
		}
	}
	if changed {
		body, _ = json.Marshal(output) // it was JSON
	}
	return withBody(response, body), nil
}
