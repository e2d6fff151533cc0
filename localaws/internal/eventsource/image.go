package eventsource

import "fmt"

// Image is all mappings and how far they are in their streams, for another service to begin
// with. What a mapping is at when the image is made, it does again.
type Image struct{ Mappings []mappingImage }

type mappingImage struct {
	Config   configuration
	Enabled  bool
	Position string
	Latest   bool
}

// Save makes an image.
func (s *Service) Save() Image {
	var image Image
	for _, m := range s.ordered() {
		m.mutex.Lock()
		if !m.deleted {
			image.Mappings = append(image.Mappings, mappingImage{m.config, m.enabled, m.position, m.latest})
		}
		m.mutex.Unlock()
	}
	return image
}

// Restore makes the mappings of an image. They begin to poll with [Service.Resume].
func (s *Service) Restore(image Image) error {
	for _, saved := range image.Mappings {
		config := saved.Config
		parsed, err := parseSource(config.EventSourceArn)
		if err != nil {
			return fmt.Errorf("restore the mapping %s: %w", config.UUID, err)
		}
		m := &mapping{service: s, uuid: config.UUID, source: parsed, arn: config.EventSourceArn, woken: make(chan struct{}, 1), config: config, position: saved.Position, latest: saved.Latest}
		if m.filters, err = parseFilters(config.FilterCriteria); err != nil {
			return fmt.Errorf("restore the mapping %s: %w", config.UUID, err)
		}
		if err := s.add(m); err != nil {
			return err
		}
	}
	return nil
}

// Resume lets the mappings of an image poll.
func (s *Service) Resume(image Image) {
	for _, saved := range image.Mappings {
		if m, err := s.find(saved.Config.UUID); err == nil && saved.Enabled {
			m.start()
		}
	}
}
