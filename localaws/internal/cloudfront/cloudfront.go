// Package cloudfront plays Amazon CloudFront, as far as web sites in S3 need it: distributions
// with one default behaviour, origin access controls and response headers policies.
//
//  1. The control plane (api.go, kinds.go) keeps the configurations as they are sent, with
//     the entity tags, and refuses what CloudFront refuses: names that are taken, a
//     distribution that is still enabled, what is in use.
//  2. Each enabled distribution listens on a loopback port of its own (listen.go), because
//     paths of a site begin at its root. [Service.Sites] tells the addresses.
//  3. A request is answered as CloudFront does (serve.go): from the bucket, if the bucket's
//     policy lets this distribution read it, with the page for errors, and with the headers
//     of the policy. It caches nothing, and speaks plain HTTP.
package cloudfront

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
)

// Options say what the service works with. All fields must be set.
type Options struct {
	AccountID string
	S3        *s3.Client
	// Policy is the policy of a bucket, "" for none.
	Policy func(bucket string) string
	Logger *slog.Logger
}

// Service plays CloudFront.
type Service struct {
	Options
	mux   *http.ServeMux
	mutex sync.Mutex
	// things are what was made, by id.
	things  map[string]*thing
	tags    map[string]map[string]string // by ARN
	running map[string]*listener         // by the distribution's id
}

// thing is one distribution, origin access control or response headers policy.
type thing struct {
	kind *kind
	id   string
	etag string
	// config is the content of its configuration's element.
	config       string
	distribution distributionConfig
	headers      headersConfig
	named        namedConfig
}

// New makes a service without anything in it.
func New(options Options) *Service {
	s := &Service{Options: options, things: map[string]*thing{}, tags: map[string]map[string]string{}, running: map[string]*listener{}}
	s.mux = s.routes()
	return s
}

// ServeHTTP serves the control plane.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Inventory lists what exists.
func (s *Service) Inventory() []inventory.Item {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var items []inventory.Item
	for id, t := range s.things {
		items = append(items, inventory.Item{Service: "cloudfront", Type: t.kind.noun, ID: id})
	}
	return items
}

// Site is a distribution as it is reached here.
type Site struct {
	ID         string   `json:"id"`
	DomainName string   `json:"domainName"`
	Aliases    []string `json:"aliases"`
	URL        string   `json:"url"`
}

// Sites are the enabled distributions, by id.
func (s *Service) Sites() []Site {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	sites := []Site{}
	for id, l := range s.running {
		sites = append(sites, Site{ID: id, DomainName: domainName(id), Aliases: append([]string{}, s.things[id].distribution.Aliases...), URL: l.url})
	}
	slices.SortFunc(sites, func(a, b Site) int { return strings.Compare(a.ID, b.ID) })
	return sites
}

// Close ends all listeners.
func (s *Service) Close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for id := range s.running {
		s.stop(id)
	}
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// newID makes an id as CloudFront does.
func newID() string {
	id := []byte("E")
	for range 13 {
		id = append(id, letters[rand.IntN(len(letters))])
	}
	return string(id)
}

func domainName(id string) string { return "d" + strings.ToLower(id[1:]) + ".cloudfront.net" }

func (s *Service) arn(id string) string {
	return fmt.Sprintf("arn:aws:cloudfront::%s:distribution/%s", s.AccountID, id)
}
