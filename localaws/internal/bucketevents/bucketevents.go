// Package bucketevents plays S3's event notifications before moto_server, which plays
// the rest of S3.
//
//  1. [Service.Serve] sees every request of S3. Requests about a bucket's notification
//     configuration are answered here, with AWS's checks: whether the destinations
//     exist, and whether their policies let S3 in. moto never learns of them.
//  2. Requests that make or remove objects go on to moto. When it accepted one, an
//     event is made: of PutObject, CopyObject, CompleteMultipartUpload, uploads by
//     forms, DeleteObject and DeleteObjects. What the event tells of a new object is
//     read from moto.
//  3. Each configured destination whose events and filter match gets a message: queues
//     and topics are sent it, functions are invoked with it asynchronously.
//
// As on AWS, messages come after the answer, at least once and in no order. Events of
// lifecycle rules, replication, restores, tags and ACLs, and EventBridge, are not
// played.
package bucketevents

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
)

// Functions is what notifications need of Lambda.
type Functions interface {
	// InvokeLater accepts an asynchronous invocation. An error says that the function
	// does not exist.
	InvokeLater(reference string, payload []byte) error
	// Allows says whether a function's policy lets a service invoke it for a source.
	Allows(reference, service, sourceARN string) bool
}

// Options configure a [Service]. All but the logger must be set.
type Options struct {
	Region, AccountID string
	S3                *s3.Client
	Destinations      destination.Clients
	Functions         Functions
	// Logger receives failures; nil discards them.
	Logger *slog.Logger
}

// Service holds the notification configurations of all buckets.
type Service struct {
	options  Options
	sequence atomic.Uint64

	mutex   sync.Mutex
	buckets map[string]configuration

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// New makes a service without configurations. Close must be called.
func New(options Options) *Service {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{options: options, buckets: map[string]configuration{}}
	s.sequence.Store(uint64(time.Now().UnixNano()))
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Image is the configurations by bucket, for another service to begin with.
type Image map[string]configuration

// Save makes an image.
func (s *Service) Save() Image {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return maps.Clone(s.buckets)
}

// Restore puts an image in place of what is configured.
func (s *Service) Restore(image Image) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.buckets = map[string]configuration{}
	maps.Copy(s.buckets, image)
}

// Close waits for the messages that are on their way.
func (s *Service) Close() {
	s.mutex.Lock()
	s.cancel() // no message is sent from here on
	s.mutex.Unlock()
	s.work.Wait()
}

// start does something beside the request, unless the service is closed.
func (s *Service) start(work func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.ctx.Err() == nil {
		s.work.Go(work)
	}
}

// Serve answers a request of S3, or lets next answer it and makes events of it.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	bucket, key := Resource(r)
	query := r.URL.Query()
	switch {
	case bucket != "" && key == "" && query.Has("notification"):
		s.serveConfiguration(w, r, bucket)
	case bucket != "" && key == "" && r.Method == http.MethodDelete && len(operations(query)) == 0:
		if watch(w, r, next).succeeded() {
			s.set(bucket, configuration{})
		}
	case s.configured(bucket):
		s.serveObjects(w, r, next, bucket, key)
	default:
		next.ServeHTTP(w, r)
	}
}

// Resource is the bucket and key of a request, in the path or with the bucket before
// the host's name.
func Resource(r *http.Request) (bucket, key string) {
	host, _, _ := strings.Cut(r.Host, ":")
	if name, found := strings.CutSuffix(host, ".localhost"); found {
		return name, strings.TrimPrefix(r.URL.Path, "/")
	}
	bucket, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, key
}

// subresources are parameters that make a request one about something else than the
// object or bucket itself.
var subresources = []string{"acl", "attributes", "cors", "encryption", "legal-hold", "lifecycle", "object-lock", "ownershipControls", "partNumber", "policy",
	"publicAccessBlock", "replication", "restore", "retention", "select", "tagging", "torrent", "uploads", "versioning", "website",
	"accelerate", "analytics", "intelligent-tiering", "inventory", "logging", "metrics", "requestPayment", "renameObject"}

func operations(query map[string][]string) []string {
	var found []string
	for _, name := range subresources {
		if _, ok := query[name]; ok {
			found = append(found, name)
		}
	}
	return found
}

func (s *Service) configured(bucket string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.buckets[bucket].targets()) > 0
}

func (s *Service) set(bucket string, c configuration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(c.targets()) == 0 && c.EventBridge == nil {
		delete(s.buckets, bucket)
		return
	}
	s.buckets[bucket] = c
}

func (s *Service) get(bucket string) configuration {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.buckets[bucket]
}
