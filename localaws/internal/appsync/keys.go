package appsync

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// MaxKeys is how many API keys an API may have.
const MaxKeys = 50

const (
	day          = 24 * time.Hour
	keyDefault   = 7 * day
	keyMaximum   = 365 * day
	keyRetention = 60 * day // how long AppSync keeps a key after its expiry
)

func (s *Service) createKey(c *call) (any, error) {
	if len(c.api.keys) >= MaxKeys {
		return nil, &apiError{status: http.StatusBadRequest, code: "ApiKeyLimitExceededException", message: "The API key limit of 50 is exceeded."}
	}
	expires, err := s.expiry(c.body)
	if err != nil {
		return nil, err
	}
	id := "da2-" + randomID(26)
	c.api.keys[id] = keyDocument(id, c.body.text("description"), expires)
	return document{"apiKey": c.api.keys[id]}, nil
}

// expiry is the end of a key's life: whole hours, between 1 and 365 days from now.
func (s *Service) expiry(body document) (time.Time, error) {
	now := s.now()
	given, ok := body.number("expires")
	if !ok {
		return now.Add(keyDefault).Truncate(time.Hour), nil
	}
	expires := time.Unix(given, 0)
	if expires.Before(now.Add(day).Truncate(time.Hour)) || expires.After(now.Add(keyMaximum)) {
		return expires, &apiError{status: http.StatusBadRequest, code: "ApiKeyValidityOutOfBoundsException",
			message: "API key must be valid for a minimum of 1 days and a maximum of 365 days."}
	}
	return expires.Truncate(time.Hour), nil
}

func keyDocument(id, description string, expires time.Time) document {
	content := document{"id": id, "expires": expires.Unix(), "deletes": expires.Add(keyRetention).Unix()}
	if description != "" {
		content["description"] = description
	}
	return content
}

func (s *Service) listKeys(c *call) (any, error) {
	return page(c, "apiKeys", slices.Sorted(maps.Keys(c.api.keys)), func(id string) document { return c.api.keys[id] })
}

func (s *Service) key(c *call) (document, error) {
	id := c.PathValue("id")
	stored, ok := c.api.keys[id]
	if !ok {
		return nil, notFound("API key not found: %s", id[:min(len(id), 8)])
	}
	return stored, nil
}

func (s *Service) updateKey(c *call) (any, error) {
	stored, err := s.key(c)
	if err != nil {
		return nil, err
	}
	description := stored.text("description")
	if given, ok := c.body["description"].(string); ok {
		description = given
	}
	seconds, _ := stored.number("expires")
	expires := time.Unix(seconds, 0)
	if _, ok := c.body.number("expires"); ok {
		if expires, err = s.expiry(c.body); err != nil {
			return nil, err
		}
	}
	id := stored.text("id")
	c.api.keys[id] = keyDocument(id, description, expires)
	return document{"apiKey": c.api.keys[id]}, nil
}

func (s *Service) deleteKey(c *call) (any, error) {
	stored, err := s.key(c)
	if err != nil {
		return nil, err
	}
	delete(c.api.keys, stored.text("id"))
	return nil, nil
}
