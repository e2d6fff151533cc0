package front

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"sync"
)

// scopeAttribute is an attribute of FIFO topics that moto takes and forgets.
const scopeAttribute = "FifoThroughputScope"

// topicScopes remembers it by topic.
type topicScopes struct {
	mutex  sync.Mutex
	scopes map[string]string
}

func (t *topicScopes) set(topic, scope string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.scopes == nil {
		t.scopes = map[string]string{}
	}
	if scope == "" {
		delete(t.scopes, topic)
		return
	}
	t.scopes[topic] = scope
}

func (t *topicScopes) get(topic string) string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.scopes[topic]
}

// createTopic remembers the scope of a new topic.
func (t *Transport) createTopic(r *http.Request, c *call) (*http.Response, error) {
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	var created struct {
		ARN string `xml:"CreateTopicResult>TopicArn"`
	}
	if response.StatusCode == http.StatusOK && xml.Unmarshal(body, &created) == nil {
		t.scopes.set(created.ARN, formAttribute(c.form, scopeAttribute))
	}
	return withBody(response, body), nil
}

// topicAttributes adds the scope to the attributes that moto knows.
func (t *Transport) topicAttributes(r *http.Request, topic string) (*http.Response, error) {
	response, body, err := t.exchange(r)
	if err != nil {
		return nil, err
	}
	if scope := t.scopes.get(topic); scope != "" && response.StatusCode == http.StatusOK {
		entry := fmt.Sprintf("<Attributes><entry><key>%s</key><value>%s</value></entry>", scopeAttribute, scope)
		body = bytes.Replace(body, []byte("<Attributes>"), []byte(entry), 1)
	}
	return withBody(response, body), nil
}

// formAttribute is one of the attributes in a request of the query protocol.
func formAttribute(form url.Values, name string) string {
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("Attributes.entry.%d.", i)
		if !form.Has(prefix + "key") {
			return ""
		}
		if form.Get(prefix+"key") == name {
			return form.Get(prefix + "value")
		}
	}
}
