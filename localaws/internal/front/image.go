package front

import (
	"maps"
	"slices"
)

// Image is what the transport remembers for longer than minutes, for another one to begin
// with: the throughput scopes of topics, and the queues that messages were first received in.
type Image struct {
	Scopes, Origins map[string]string
	Order           []string
}

// Save makes an image.
func (t *Transport) Save() Image {
	t.scopes.mutex.Lock()
	scopes := maps.Clone(t.scopes.scopes)
	t.scopes.mutex.Unlock()
	t.origins.mutex.Lock()
	defer t.origins.mutex.Unlock()
	return Image{Scopes: scopes, Origins: maps.Clone(t.origins.queues), Order: slices.Clone(t.origins.order)}
}

// Restore puts an image in place of what the transport remembers.
func (t *Transport) Restore(image Image) {
	t.scopes.mutex.Lock()
	t.scopes.scopes = image.Scopes
	t.scopes.mutex.Unlock()
	t.origins.mutex.Lock()
	defer t.origins.mutex.Unlock()
	t.origins.queues, t.origins.order = image.Origins, image.Order
}
