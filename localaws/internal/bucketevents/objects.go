package bucketevents

import (
	"bytes"
	"encoding/xml"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Events that happen here.
const (
	eventPut       = "s3:ObjectCreated:Put"
	eventPost      = "s3:ObjectCreated:Post"
	eventCopy      = "s3:ObjectCreated:Copy"
	eventMultipart = "s3:ObjectCreated:CompleteMultipartUpload"
	eventDelete    = "s3:ObjectRemoved:Delete"
	eventMarker    = "s3:ObjectRemoved:DeleteMarkerCreated"
)

// object is what an event tells of an object.
type object struct {
	key, version, eTag string
	size               *int64
}

// serveObjects lets moto serve a request and makes events of it.
func (s *Service) serveObjects(w http.ResponseWriter, r *http.Request, next http.Handler, bucket, key string) {
	query := r.URL.Query()
	isObject := key != "" && len(operations(query)) == 0
	switch {
	case isObject && r.Method == http.MethodPut && !query.Has("uploadId"):
		event := eventPut
		if r.Header.Get("X-Amz-Copy-Source") != "" {
			event = eventCopy
		}
		s.created(watch(w, r, next), event, bucket, key)
	case isObject && r.Method == http.MethodPost && query.Has("uploadId"):
		s.created(watch(w, r, next), eventMultipart, bucket, key)
	case isObject && r.Method == http.MethodDelete && !query.Has("uploadId"):
		s.removed(watch(w, r, next), bucket, object{key: key, version: query.Get("versionId")})
	case key == "" && r.Method == http.MethodPost && query.Has("delete"):
		s.removedMany(watch(w, r, next), bucket)
	case key == "" && r.Method == http.MethodPost && len(query) == 0:
		s.uploaded(w, r, next, bucket)
	default:
		next.ServeHTTP(w, r)
	}
}

// created makes the event of an object that moto accepted.
func (s *Service) created(answer *watched, event, bucket, key string) {
	if !answer.succeeded() || bytes.Contains(answer.body.Bytes(), []byte("<Error>")) {
		return
	}
	made := object{key: key, version: answer.Header().Get("X-Amz-Version-Id")}
	input := &s3.HeadObjectInput{Bucket: &bucket, Key: &key}
	if made.version != "" && made.version != "null" {
		input.VersionId = &made.version
	}
	head, err := s.options.S3.HeadObject(s.ctx, input)
	if err != nil { // it may have been removed again
		s.options.Logger.Warn("an event tells no size of its object", "bucket", bucket, "key", key, "error", err)
	} else {
		made.size, made.eTag = aws.Int64(aws.ToInt64(head.ContentLength)), unquoted(aws.ToString(head.ETag))
		made.version = aws.ToString(head.VersionId)
	}
	s.notify(event, bucket, made)
}

// removed makes the event of an object or version that was removed, or got a delete
// marker. S3 does not tell whether there was one, so there is an event in any case.
func (s *Service) removed(answer *watched, bucket string, gone object) {
	if !answer.succeeded() {
		return
	}
	event := eventDelete
	if gone.version == "" && answer.Header().Get("X-Amz-Delete-Marker") == "true" {
		event, gone.version = eventMarker, answer.Header().Get("X-Amz-Version-Id")
	}
	s.notify(event, bucket, gone)
}

func (s *Service) removedMany(answer *watched, bucket string) {
	var result struct {
		Deleted []struct {
			Key                   string
			Version               string `xml:"VersionId"`
			DeleteMarker          bool
			DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId"`
		}
	}
	if !answer.succeeded() || xml.Unmarshal(answer.body.Bytes(), &result) != nil {
		return
	}
	for _, d := range result.Deleted {
		event, version := eventDelete, d.Version
		if d.Version == "" && d.DeleteMarkerVersionID != "" {
			event, version = eventMarker, d.DeleteMarkerVersionID
		}
		s.notify(event, bucket, object{key: d.Key, version: version})
	}
}

func unquoted(eTag string) string { return string(bytes.Trim([]byte(eTag), `"`)) }

// watched is a response that is written, and remembered.
type watched struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// watch lets next answer and remembers the answer.
func watch(w http.ResponseWriter, r *http.Request, next http.Handler) *watched {
	answer := &watched{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(answer, r)
	return answer
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(text []byte) (int, error) {
	w.body.Write(text)
	return w.ResponseWriter.Write(text)
}

// Unwrap lets the proxy flush.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watched) succeeded() bool { return w.status >= 200 && w.status < 400 }
