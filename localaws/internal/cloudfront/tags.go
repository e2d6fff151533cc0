package cloudfront

import (
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"
)

type tag struct{ Key, Value string }

func tagMap(tags []tag) map[string]string {
	values := map[string]string{}
	for _, t := range tags {
		values[t.Key] = t.Value
	}
	return values
}

func (s *Service) listTags(w http.ResponseWriter, r *http.Request) *failure {
	var tags []tag
	for key, value := range s.tags[r.URL.Query().Get("Resource")] {
		tags = append(tags, tag{key, value})
	}
	slices.SortFunc(tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	w.Header().Set("Content-Type", "text/xml")
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Tags"`
		Items   []tag    `xml:"Items>Tag"`
	}{Items: tags})
	return nil
}

func (s *Service) changeTags(w http.ResponseWriter, r *http.Request) *failure {
	var body struct {
		Tags []tag    `xml:"Items>Tag"`
		Keys []string `xml:"Items>Key"`
	}
	if err := xml.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&body); err != nil {
		return fail(http.StatusBadRequest, "MalformedXML", "The XML document cannot be read: "+err.Error())
	}
	arn := r.URL.Query().Get("Resource")
	if s.tags[arn] == nil {
		s.tags[arn] = map[string]string{}
	}
	for _, t := range body.Tags {
		s.tags[arn][t.Key] = t.Value
	}
	for _, key := range body.Keys {
		delete(s.tags[arn], key)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
