package front

import (
	"crypto/md5" // what SQS's answers hold
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
)

const jsonContent = "application/x-amz-json-1.0"

// message is what deduplication needs to know of a message, and its name in a batch.
type message struct {
	ID                     string `json:"Id"`
	MessageBody            string
	MessageDeduplicationID string `json:"MessageDeduplicationId"`
}

func (m message) key(target string) deduplicationKey {
	id := m.MessageDeduplicationID
	if id == "" {
		id = contentID(m.MessageBody)
	}
	return deduplicationKey{target: target, id: id}
}

// repeat is the answer to a message that repeats another: the first one's, with the
// checksum of its own body, which SDKs check.
func (m message) repeat(first map[string]string) map[string]string {
	repeated := maps.Clone(first)
	sum := md5.Sum([]byte(m.MessageBody))
	repeated["MD5OfMessageBody"] = hex.EncodeToString(sum[:])
	if m.ID != "" {
		repeated["Id"] = m.ID
	}
	return repeated
}

func (t *Transport) sendSQS(r *http.Request, c *call) (*http.Response, error) {
	if c.isJSON && c.operation == "ReceiveMessage" {
		return t.receiveMessage(r, c)
	}
	if !c.isJSON || !isFIFO(c.queue()) || r.Context().Value(resendKey{}) != nil {
		return t.base.RoundTrip(r)
	}
	switch c.operation {
	case "SendMessage":
		return t.sendMessage(r, c)
	case "SendMessageBatch":
		return t.sendMessageBatch(r, c)
	case "DeleteQueue":
		t.queues.forget(c.queue())
	}
	return t.base.RoundTrip(r)
}

func (t *Transport) sendMessage(r *http.Request, c *call) (*http.Response, error) {
	var m message
	if json.Unmarshal(c.body, &m) != nil {
		return t.base.RoundTrip(r)
	}
	t.queues.mutex.Lock()
	defer t.queues.mutex.Unlock()
	if first, found := t.queues.seen(m.key(c.queue())); found {
		body, _ := json.Marshal(m.repeat(first))
		return answer(r, jsonContent, body), nil
	}
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	var accepted map[string]string
	if response.StatusCode == http.StatusOK && json.Unmarshal(body, &accepted) == nil {
		t.queues.remember(m.key(c.queue()), accepted)
	}
	return withBody(response, body), nil
}

// sendMessageBatch sends on only the entries that are new, and answers for all.
func (t *Transport) sendMessageBatch(r *http.Request, c *call) (*http.Response, error) {
	var request map[string]json.RawMessage
	var raw []json.RawMessage
	if json.Unmarshal(c.body, &request) != nil || json.Unmarshal(request["Entries"], &raw) != nil {
		return t.base.RoundTrip(r)
	}
	t.queues.mutex.Lock()
	defer t.queues.mutex.Unlock()
	entries := parseEntries(raw)
	fresh, repeated := t.queues.split(c.queue(), entries)
	if len(repeated) == 0 {
		return t.exchangeBatch(r, c, entries, nil)
	}
	var rest []json.RawMessage
	for _, i := range fresh {
		rest = append(rest, raw[i])
	}
	if len(rest) == 0 {
		return t.answerBatch(r, c.queue(), entries, repeated, batchAnswer{}), nil
	}
	request["Entries"], _ = json.Marshal(rest)
	body, _ := json.Marshal(request)
	setBody(r, body)
	return t.exchangeBatch(r, c, entries, repeated)
}

func parseEntries(raw []json.RawMessage) []message {
	entries := make([]message, len(raw))
	for i, text := range raw {
		_ = json.Unmarshal(text, &entries[i]) // moto refuses what is no message
	}
	return entries
}

// split finds the entries to send on, and those that repeat a message that was sent
// before or an entry before them.
func (d *deduplication) split(target string, entries []message) (fresh, repeated []int) {
	within := map[deduplicationKey]bool{}
	for i, entry := range entries {
		key := entry.key(target)
		if _, found := d.seen(key); found || within[key] {
			repeated = append(repeated, i)
			continue
		}
		within[key] = true
		fresh = append(fresh, i)
	}
	return fresh, repeated
}

type batchAnswer struct {
	Successful []map[string]string
	Failed     []json.RawMessage `json:",omitempty"`
}

func (t *Transport) exchangeBatch(r *http.Request, c *call, entries []message, repeated []int) (*http.Response, error) {
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	var sent batchAnswer
	if response.StatusCode != http.StatusOK || json.Unmarshal(body, &sent) != nil {
		return withBody(response, body), nil
	}
	byID := map[string]message{}
	for _, entry := range entries {
		byID[entry.ID] = entry
	}
	for _, accepted := range sent.Successful {
		t.queues.remember(byID[accepted["Id"]].key(c.queue()), accepted)
	}
	if len(repeated) == 0 {
		return withBody(response, body), nil
	}
	return t.answerBatch(r, c.queue(), entries, repeated, sent), nil
}

// answerBatch adds the answers of the repeated entries: those that the first ones
// got. One whose first entry failed just now fails with it.
func (t *Transport) answerBatch(r *http.Request, target string, entries []message, repeated []int, sent batchAnswer) *http.Response {
	for _, i := range repeated {
		first, found := t.queues.seen(entries[i].key(target))
		if !found {
			failed, _ := json.Marshal(map[string]any{"Id": entries[i].ID, "Code": "InternalError", "SenderFault": false})
			sent.Failed = append(sent.Failed, failed)
			continue
		}
		sent.Successful = append(sent.Successful, entries[i].repeat(first))
	}
	body, _ := json.Marshal(sent)
	return answer(r, jsonContent, body)
}
