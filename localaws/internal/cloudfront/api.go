package cloudfront

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// version is that of CloudFront's API, which all paths begin with.
const version = "/2020-05-31/"

// maxBody bounds a request. A configuration has a few kilobytes.
const maxBody = 1 << 20

// failure is an error as CloudFront answers it.
type failure struct {
	status        int
	code, message string
}

func fail(status int, code, message string) *failure { return &failure{status, code, message} }

func (f *failure) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(f.status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"ErrorResponse"`
		Type    string   `xml:"Error>Type"`
		Code    string   `xml:"Error>Code"`
		Message string   `xml:"Error>Message"`
	}{Type: "Sender", Code: f.code, Message: f.message})
}

func kinds() []*kind { return []*kind{distributions, accessControls, headersPolicies} }

func (s *Service) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, k := range kinds() {
		base := version + k.path
		mux.HandleFunc("POST "+base, s.locked(func(w http.ResponseWriter, r *http.Request) *failure { return s.create(w, r, k) }))
		mux.HandleFunc("GET "+base+"/{id}", s.locked(func(w http.ResponseWriter, r *http.Request) *failure { return s.get(w, r, k) }))
		mux.HandleFunc("PUT "+base+"/{id}"+k.put, s.locked(func(w http.ResponseWriter, r *http.Request) *failure { return s.update(w, r, k) }))
		mux.HandleFunc("DELETE "+base+"/{id}", s.locked(func(w http.ResponseWriter, r *http.Request) *failure { return s.delete(w, r, k) }))
	}
	mux.HandleFunc("GET "+version+"tagging", s.locked(s.listTags))
	mux.HandleFunc("POST "+version+"tagging", s.locked(s.changeTags))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(http.StatusNotFound, "UnknownOperation", "The local AWS does not play this operation of CloudFront: "+r.Method+" "+r.URL.Path).write(w)
	})
	return mux
}

// locked lets one request at a time change or read what is there.
func (s *Service) locked(handle func(http.ResponseWriter, *http.Request) *failure) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		if f := handle(w, r); f != nil {
			f.write(w)
		}
	}
}

// Operation names the operation that a request asks for, or "".
func (s *Service) Operation(r *http.Request) string {
	rest, ours := strings.CutPrefix(r.URL.Path, version)
	if !ours {
		return ""
	}
	for _, k := range kinds() {
		if rest == k.path || strings.HasPrefix(rest, k.path+"/") {
			verbs := map[string]string{http.MethodPost: "Create", http.MethodGet: "Get", http.MethodPut: "Update", http.MethodDelete: "Delete"}
			return verbs[r.Method] + k.element
		}
	}
	return ""
}

// content reads the content of a request's element, and the tags that may come with it.
func content(r *http.Request, k *kind) (string, map[string]string, *failure) {
	var body struct {
		Inner  string `xml:",innerxml"`
		Config struct {
			Inner string `xml:",innerxml"`
		} `xml:"DistributionConfig"`
		Tags []tag `xml:"Tags>Items>Tag"`
	}
	if err := xml.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(&body); err != nil {
		return "", nil, fail(http.StatusBadRequest, "MalformedXML", "The XML document cannot be read: "+err.Error())
	}
	if k == distributions && body.Config.Inner != "" {
		return body.Config.Inner, tagMap(body.Tags), nil
	}
	return body.Inner, nil, nil
}

// take fills a thing with a configuration, if CloudFront would take that.
func (s *Service) take(t *thing, config string) *failure {
	taken := thing{kind: t.kind, id: t.id, config: config, etag: newID()}
	if err := t.kind.parse(&taken); err != nil {
		return fail(http.StatusBadRequest, "MalformedXML", "The configuration cannot be read: "+err.Error())
	}
	for _, other := range s.things {
		if t.kind.taken != "" && other.kind == t.kind && other.id != t.id && other.named.Name == taken.named.Name {
			return fail(http.StatusConflict, t.kind.taken, "A "+t.kind.noun+" with the name "+taken.named.Name+" already exists.")
		}
	}
	if t.kind.validate != nil {
		if f := t.kind.validate(s, &taken); f != nil {
			return f
		}
	}
	*t = taken
	return nil
}

func (s *Service) create(w http.ResponseWriter, r *http.Request, k *kind) *failure {
	config, tags, f := content(r, k)
	if f != nil {
		return f
	}
	t := &thing{kind: k, id: newID()}
	if f := s.take(t, config); f != nil {
		return f
	}
	s.things[t.id] = t
	if len(tags) > 0 {
		s.tags[s.arn(t.id)] = tags
	}
	s.hasChanged(t)
	w.Header().Set("Location", version+k.path+"/"+t.id)
	s.show(w, http.StatusCreated, t)
	return nil
}

func (s *Service) get(w http.ResponseWriter, r *http.Request, k *kind) *failure {
	t, f := s.wanted(r, k)
	if f == nil {
		s.show(w, http.StatusOK, t)
	}
	return f
}

func (s *Service) update(w http.ResponseWriter, r *http.Request, k *kind) *failure {
	t, f := s.current(r, k)
	if f != nil {
		return f
	}
	config, _, f := content(r, k)
	if f != nil {
		return f
	}
	if f := s.take(t, config); f != nil {
		return f
	}
	s.hasChanged(t)
	s.show(w, http.StatusOK, t)
	return nil
}

func (s *Service) delete(w http.ResponseWriter, r *http.Request, k *kind) *failure {
	t, f := s.current(r, k)
	if f != nil {
		return f
	}
	if k.mayDelete != nil {
		if f := k.mayDelete(s, t); f != nil {
			return f
		}
	}
	for _, other := range s.things {
		if other.kind == distributions && other.distribution.uses(t.id) {
			return fail(http.StatusConflict, k.inUse, "Cannot delete the "+k.noun+" because it is in use.")
		}
	}
	delete(s.things, t.id)
	delete(s.tags, s.arn(t.id))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Service) hasChanged(t *thing) {
	if t.kind.changed != nil {
		t.kind.changed(s, t)
	}
}

// wanted is the thing of a request's path.
func (s *Service) wanted(r *http.Request, k *kind) (*thing, *failure) {
	t := s.find(k, r.PathValue("id"))
	if t == nil {
		return nil, fail(http.StatusNotFound, k.missing, "The specified "+k.noun+" does not exist.")
	}
	return t, nil
}

// current is [Service.wanted] for a request that names the version that it changes.
func (s *Service) current(r *http.Request, k *kind) (*thing, *failure) {
	t, f := s.wanted(r, k)
	switch {
	case f != nil:
		return nil, f
	case r.Header.Get("If-Match") == "":
		return nil, fail(http.StatusBadRequest, "InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
	case r.Header.Get("If-Match") != t.etag:
		return nil, fail(http.StatusPreconditionFailed, "PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")
	}
	return t, nil
}

// show answers a thing.
func (s *Service) show(w http.ResponseWriter, status int, t *thing) {
	described := ""
	if t.kind.describe != nil {
		described = t.kind.describe(s, t)
	}
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("ETag", t.etag)
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><%[1]s><Id>%[2]s</Id>%[3]s<LastModifiedTime>%[4]s</LastModifiedTime><%[1]sConfig>%[5]s</%[1]sConfig></%[1]s>`,
		t.kind.element, t.id, described, time.Now().UTC().Format(time.RFC3339), t.config)
}
