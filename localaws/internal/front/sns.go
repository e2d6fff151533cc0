package front

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

const entryPrefix = "PublishBatchRequestEntries.member."

// sendSNS gives FIFO topics the memory that moto's lack. Since topics remember, the
// queues behind them need not.
func (t *Transport) sendSNS(r *http.Request, c *call) (*http.Response, error) {
	target := c.form.Get("TopicArn")
	if c.operation == "CreateTopic" {
		return t.createTopic(r, c)
	}
	if !isFIFO(target) {
		return t.base.RoundTrip(r)
	}
	switch c.operation {
	case "GetTopicAttributes":
		return t.topicAttributes(r, target)
	case "SetTopicAttributes":
		if c.form.Get("AttributeName") == scopeAttribute {
			t.scopes.set(target, c.form.Get("AttributeValue"))
		}
	case "Publish":
		return t.publish(r, c, target)
	case "PublishBatch":
		return t.publishBatch(r, c, target)
	case "DeleteTopic":
		t.topics.forget(target)
		t.scopes.set(target, "")
	}
	return t.base.RoundTrip(r)
}

type publishAnswer struct {
	MessageID      string `xml:"PublishResult>MessageId"`
	SequenceNumber string `xml:"PublishResult>SequenceNumber"`
}

func (t *Transport) publish(r *http.Request, c *call, target string) (*http.Response, error) {
	key := formMessage(c.form, "").key(target)
	t.topics.mutex.Lock()
	defer t.topics.mutex.Unlock()
	if first, found := t.topics.seen(key); found {
		return snsAnswer(r, "Publish", fmt.Sprintf("<MessageId>%s</MessageId><SequenceNumber>%s</SequenceNumber>", first["MessageId"], first["SequenceNumber"])), nil
	}
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	var sent publishAnswer
	if response.StatusCode == http.StatusOK && xml.Unmarshal(body, &sent) == nil {
		t.topics.remember(key, map[string]string{"MessageId": sent.MessageID, "SequenceNumber": sent.SequenceNumber})
	}
	return withBody(response, body), nil
}

// formMessage reads the message that the form's parameters with the prefix describe.
func formMessage(form url.Values, prefix string) message {
	return message{ID: form.Get(prefix + "Id"), MessageBody: form.Get(prefix + "Message"), MessageDeduplicationID: form.Get(prefix + "MessageDeduplicationId")}
}

type publishBatchAnswer struct {
	Successful []struct {
		ID             string `xml:"Id"`
		MessageID      string `xml:"MessageId"`
		SequenceNumber string `xml:"SequenceNumber"`
	} `xml:"PublishBatchResult>Successful>member"`
	Failed struct {
		Inner string `xml:",innerxml"`
	} `xml:"PublishBatchResult>Failed"`
}

// publishBatch sends on only the entries that are new, and answers for all.
func (t *Transport) publishBatch(r *http.Request, c *call, target string) (*http.Response, error) {
	entries := formEntries(c.form)
	t.topics.mutex.Lock()
	defer t.topics.mutex.Unlock()
	fresh, repeated := t.topics.split(target, entries)
	var sent publishBatchAnswer
	if len(fresh) > 0 {
		setBody(r, []byte(reduced(c.form, fresh).Encode()))
		response, body, err := t.exchange(r)
		if err != nil {
			return nil, err
		}
		if response.StatusCode != http.StatusOK || xml.Unmarshal(body, &sent) != nil {
			return withBody(response, body), nil
		}
		t.rememberPublished(target, entries, sent)
		if len(repeated) == 0 {
			return withBody(response, body), nil
		}
	}
	return t.answerPublishBatch(r, target, entries, sent), nil
}

func (t *Transport) rememberPublished(target string, entries []message, sent publishBatchAnswer) {
	for _, accepted := range sent.Successful {
		for _, entry := range entries {
			if entry.ID == accepted.ID {
				t.topics.remember(entry.key(target), map[string]string{"MessageId": accepted.MessageID, "SequenceNumber": accepted.SequenceNumber})
			}
		}
	}
}

// answerPublishBatch answers every entry that was sent, now or before.
func (t *Transport) answerPublishBatch(r *http.Request, target string, entries []message, sent publishBatchAnswer) *http.Response {
	var members strings.Builder
	for _, entry := range entries {
		if first, found := t.topics.seen(entry.key(target)); found {
			fmt.Fprintf(&members, "<member><Id>%s</Id><MessageId>%s</MessageId><SequenceNumber>%s</SequenceNumber></member>", entry.ID, first["MessageId"], first["SequenceNumber"])
		}
	}
	return snsAnswer(r, "PublishBatch", "<Successful>"+members.String()+"</Successful><Failed>"+sent.Failed.Inner+"</Failed>")
}

func formEntries(form url.Values) []message {
	var entries []message
	for i := 1; form.Has(entryName(i, "Id")); i++ {
		entries = append(entries, formMessage(form, entryName(i, "")))
	}
	return entries
}

func entryName(i int, field string) string { return fmt.Sprintf("%s%d.%s", entryPrefix, i, field) }

// reduced is a form with some of its entries only, numbered anew.
func reduced(form url.Values, indexes []int) url.Values {
	result := url.Values{}
	for name, values := range form {
		if !strings.HasPrefix(name, entryPrefix) {
			result[name] = values
		}
	}
	for position, index := range indexes {
		from, to := entryName(index+1, ""), entryName(position+1, "")
		for name, values := range form {
			if rest, found := strings.CutPrefix(name, from); found {
				result[to+rest] = values
			}
		}
	}
	return result
}

func snsAnswer(r *http.Request, operation, result string) *http.Response {
	body := fmt.Sprintf(`<%[1]sResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>%[3]s</RequestId></ResponseMetadata></%[1]sResponse>`, operation, result, uuid.NewString())
	return answer(r, "text/xml", []byte(body))
}
