package cloudfront

import (
	"fmt"
	"maps"
	"slices"
)

// Image is what was made, for another service to begin with. The addresses of the
// distributions are not in it.
type Image struct {
	Things []thingImage
	Tags   map[string]map[string]string
}

type thingImage struct{ Kind, ID, ETag, Config string }

// Save makes an image.
func (s *Service) Save() Image {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	image := Image{Tags: map[string]map[string]string{}}
	for arn, tags := range s.tags {
		image.Tags[arn] = maps.Clone(tags)
	}
	for _, id := range slices.Sorted(maps.Keys(s.things)) {
		t := s.things[id]
		image.Things = append(image.Things, thingImage{t.kind.path, id, t.etag, t.config})
	}
	return image
}

// Restore makes what an image has. It is for a service that has nothing yet.
func (s *Service) Restore(image Image) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	maps.Copy(s.tags, image.Tags)
	for _, saved := range image.Things {
		at := slices.IndexFunc(kinds(), func(k *kind) bool { return k.path == saved.Kind })
		if at < 0 {
			return fmt.Errorf("restore %s: there is no kind %s", saved.ID, saved.Kind)
		}
		t := &thing{kind: kinds()[at], id: saved.ID, etag: saved.ETag, config: saved.Config}
		if err := t.kind.parse(t); err != nil {
			return fmt.Errorf("restore the %s %s: %w", t.kind.noun, t.id, err)
		}
		s.things[t.id] = t
		if t.kind.changed != nil {
			t.kind.changed(s, t)
		}
	}
	return nil
}
