package enforcement

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// objectParameters are those of requests that read or write an object itself.
var objectParameters = []string{"versionId", "partNumber", "uploadId", "uploads", "x-id"}

// s3: a version is read with an action of its own, and the parts of an upload are written
// with that of the object.
func (n needs) s3() []Need {
	r := n.call.Request
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	object := "arn:aws:s3:::" + bucket + "/" + key
	for name := range query {
		if key != "" && !slices.Contains(objectParameters, name) && !strings.HasPrefix(name, "response-") && !strings.HasPrefix(name, "X-Amz-") {
			return n.on("s3", r.Method+"?"+name, object) // about something else than the object
		}
	}
	switch {
	case bucket == "":
		return n.on("s3", "ListAllMyBuckets")
	case key == "":
		return n.bucket(bucket, query)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return n.on("s3", versioned("GetObject", query), object)
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		return n.on("s3", "AbortMultipartUpload", object)
	case r.Method == http.MethodDelete:
		return n.on("s3", versioned("DeleteObject", query), object)
	}
	all := n.on("s3", "PutObject", object)
	if source, err := url.PathUnescape(r.Header.Get("X-Amz-Copy-Source")); err == nil && source != "" {
		source, version, _ := strings.Cut(strings.TrimPrefix(source, "/"), "?")
		parameters, _ := url.ParseQuery(version)
		all = append(all, n.on("s3", versioned("GetObject", parameters), "arn:aws:s3:::"+source)...)
	}
	return all
}

// bucket: functions list buckets at most; everything else is its deployer's.
func (n needs) bucket(name string, query url.Values) []Need {
	action := n.call.Request.Method + "Bucket"
	switch {
	case n.call.Request.Method == http.MethodHead, n.call.Request.Method == http.MethodGet && (len(query) == 0 || query.Has("list-type") || query.Has("prefix")):
		action = "ListBucket"
	case n.call.Request.Method == http.MethodGet && query.Has("versions"):
		action = "ListBucketVersions"
	}
	return n.on("s3", action, "arn:aws:s3:::"+name)
}

func versioned(action string, query url.Values) string {
	if query.Has("versionId") {
		return action + "Version"
	}
	return action
}
