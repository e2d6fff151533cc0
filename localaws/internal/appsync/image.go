package appsync

import (
	"fmt"
	"maps"
	"slices"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/schema"
)

// Image is all APIs with what is in them, for another service to begin with. It holds no
// connections of subscribers.
type Image struct{ APIs []apiImage }

type apiImage struct {
	ID              string
	Document        document
	Keys, Sources   map[string]document
	Resolvers       []resolverImage
	Schema          string `json:",omitempty"`
	Status, Details string
}

type resolverImage struct {
	Document document
	Detached bool
}

// Save makes an image. A schema creation that has not ended is taken as ended.
func (s *Service) Save() Image {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var image Image
	for _, id := range slices.Sorted(maps.Keys(s.apis)) {
		image.APIs = append(image.APIs, s.apis[id].image())
	}
	return image
}

func (a *api) image() apiImage {
	image := apiImage{ID: a.id, Document: a.document, Keys: maps.Clone(a.keys), Sources: maps.Clone(a.sources), Status: a.status, Details: a.details}
	live := a.schema
	switch {
	case a.creation == nil:
	case a.creation.schema == nil:
		image.Status, image.Details = "FAILED", a.creation.failure
	default:
		live, image.Status, image.Details = a.creation.schema, "SUCCESS", ""
	}
	if live != nil {
		image.Schema = live.Source
	}
	for ref, stored := range a.resolvers {
		gone := live != nil && !live.HasField(ref.typeName, ref.fieldName)
		image.Resolvers = append(image.Resolvers, resolverImage{stored.document, stored.detached || gone})
	}
	return image
}

// Restore puts an image in place of everything that the service has.
func (s *Service) Restore(image Image) error {
	apis := map[string]*api{}
	for _, saved := range image.APIs {
		restored, err := saved.api()
		if err != nil {
			return fmt.Errorf("restore the API %s: %w", saved.ID, err)
		}
		apis[saved.ID] = restored
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.apis = apis
	return nil
}

func (i apiImage) api() (*api, error) {
	a := newAPI(i.ID, i.Document)
	a.status, a.details = i.Status, i.Details
	maps.Copy(a.keys, i.Keys)
	maps.Copy(a.sources, i.Sources)
	if i.Schema != "" {
		var err error
		if a.schema, err = schema.Parse(i.Schema); err != nil {
			return nil, err
		}
	}
	for _, saved := range i.Resolvers {
		source := a.sources[saved.Document.text("dataSourceName")]
		program, err := compile(saved.Document.text("code"), source)
		if err != nil {
			return nil, err
		}
		a.resolvers[fieldRef{saved.Document.text("typeName"), saved.Document.text("fieldName")}] = &resolver{saved.Document, program, saved.Detached}
	}
	return a, nil
}
