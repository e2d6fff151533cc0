// Package bucketpolicy keeps the policies of S3's buckets before moto_server, which plays
// the rest of S3.
//
// moto applies a policy without looking at the conditions of its statements: one that
// denies what does not come over TLS would deny everything. And the local AWS speaks plain
// HTTP, on loopback only, so there is nothing to tell such requests apart by. Policies are
// therefore stored and given back here, and applied to no request.
package bucketpolicy

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"sync"

	"github.com/reventless/pulumi-reventless/localaws/internal/bucketevents"
)

// maxPolicy is S3's limit of a policy in bytes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
const maxPolicy = 20 * 1024

// Store holds the policies of all buckets.
type Store struct {
	mutex    sync.Mutex
	policies map[string][]byte
}

// New makes a store without policies.
func New() *Store { return &Store{policies: map[string][]byte{}} }

// Save are the policies by bucket, for another store to begin with.
func (s *Store) Save() map[string][]byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return maps.Clone(s.policies)
}

// Restore puts saved policies in place of those that there are.
func (s *Store) Restore(policies map[string][]byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.policies = map[string][]byte{}
	maps.Copy(s.policies, policies)
}

// Serve answers a request of S3 about a bucket's policy, or lets next answer it.
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	bucket, key := bucketevents.Resource(r)
	switch aboutPolicy := r.URL.Query().Has("policy"); {
	case key != "" || bucket == "":
		next.ServeHTTP(w, r)
	case !aboutPolicy:
		if r.Method == http.MethodDelete && r.URL.RawQuery == "" {
			s.set(bucket, nil)
		}
		next.ServeHTTP(w, r)
	case r.Method == http.MethodPut:
		s.put(w, r, bucket)
	case r.Method == http.MethodDelete:
		s.set(bucket, nil)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.give(w, bucket)
	}
}

func (s *Store) put(w http.ResponseWriter, r *http.Request, bucket string) {
	policy, err := io.ReadAll(io.LimitReader(r.Body, maxPolicy+1))
	var document struct{ Statement []json.RawMessage }
	switch {
	case err != nil:
		fail(w, http.StatusBadRequest, "IncompleteBody", "The request's body could not be read.", bucket)
	case len(policy) > maxPolicy:
		fail(w, http.StatusBadRequest, "PolicyTooLarge", "Policy exceeds the maximum allowed document size.", bucket)
	case json.Unmarshal(policy, &document) != nil || len(document.Statement) == 0:
		fail(w, http.StatusBadRequest, "MalformedPolicy", "Policies must be valid JSON with a list of statements.", bucket)
	default:
		s.set(bucket, policy)
		w.WriteHeader(http.StatusNoContent)
	}
}

// Policy is the policy of a bucket, "" for none.
func (s *Store) Policy(bucket string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return string(s.policies[bucket])
}

func (s *Store) give(w http.ResponseWriter, bucket string) {
	s.mutex.Lock()
	policy := s.policies[bucket]
	s.mutex.Unlock()
	if policy == nil {
		fail(w, http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist", bucket)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(policy)
}

func (s *Store) set(bucket string, policy []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if policy == nil {
		delete(s.policies, bucket)
		return
	}
	s.policies[bucket] = policy
}

// fail writes an error as S3 does.
func fail(w http.ResponseWriter, status int, code, message, bucket string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName                   xml.Name `xml:"Error"`
		Code, Message, BucketName string
	}{Code: code, Message: message, BucketName: bucket})
}
