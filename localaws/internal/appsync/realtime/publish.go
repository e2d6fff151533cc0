package realtime

import (
	"context"
	"encoding/json"
	"slices"
)

// target is a started subscription of a connection.
type target struct {
	connection   *connection
	id           string
	subscription *Subscription
}

// targets are the started subscriptions to fields of an API's Subscription.
func (h *Hub) targets(apiID string, fields []string) []target {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	var result []target
	for c := range h.connections {
		if c.api != apiID {
			continue
		}
		for id, subscription := range c.subscriptions {
			if slices.Contains(fields, subscription.Field) {
				result = append(result, target{c, id, subscription})
			}
		}
	}
	return result
}

// Publish hands a mutation's answer, in the types of encoding/json, to the
// subscriptions to fields of Subscription. It does not wait for the subscribers.
func (h *Hub) Publish(ctx context.Context, apiID string, fields []string, value any) {
	if len(fields) == 0 {
		return
	}
	for _, t := range h.targets(apiID, fields) {
		payload, ok := t.subscription.Message(ctx, value)
		if !ok {
			continue
		}
		text, err := json.Marshal(payload)
		if err != nil || len(text) > MaxPayload {
			h.options.Logger.Warn("a subscriber's message is dropped: it is larger than AppSync sends",
				"service", "appsync", "api", apiID, "field", t.subscription.Field, "bytes", len(text), "limit", MaxPayload)
			continue
		}
		h.deliver(t, outgoing{ID: t.id, Type: data, Payload: json.RawMessage(text)}, false)
	}
}

// Invalidate ends the subscriptions to a field whose invalidation filter lets the
// payload through.
func (h *Hub) Invalidate(apiID, field string, payload any) {
	for _, t := range h.targets(apiID, []string{field}) {
		if t.subscription.Invalidated(payload) {
			h.deliver(t, outgoing{ID: t.id, Type: complete}, true)
		}
	}
}

// deliver sends a message of a subscription unless it was stopped meanwhile.
func (h *Hub) deliver(t target, message outgoing, last bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if t.connection.subscriptions[t.id] != t.subscription {
		return
	}
	if last {
		delete(t.connection.subscriptions, t.id)
	}
	t.connection.send(message)
}
