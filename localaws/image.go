package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync"
	"github.com/reventless/pulumi-reventless/localaws/internal/bucketevents"
	"github.com/reventless/pulumi-reventless/localaws/internal/cloudfront"
	"github.com/reventless/pulumi-reventless/localaws/internal/eventsource"
	"github.com/reventless/pulumi-reventless/localaws/internal/front"
	"github.com/reventless/pulumi-reventless/localaws/internal/lambda"
	"github.com/reventless/pulumi-reventless/localaws/internal/moto"
	"github.com/reventless/pulumi-reventless/localaws/internal/scheduler"
)

// imageFormat is raised when images that are there can no longer be read.
const imageFormat = 1

// Names in the folder of an image, and of moto's in the data folder.
const (
	imageFile     = "image.json"
	imageArchives = "archives"
	imageMoto     = "moto.image"
)

// ErrImage says that an image cannot be read, or was made by other programs.
var ErrImage = errors.New("the image of the local AWS cannot be used")

// image is everything that a local AWS holds, apart from what moto does and from archives.
type image struct {
	Format int
	// Moto are the versions of moto and Python, whose objects the image has.
	Moto string
	// URL is where the local AWS was: the states of stacks and settings of functions name it.
	URL, Region, AccountID string

	GraphQL   appsync.Image
	Lambda    lambda.Image
	Mappings  eventsource.Image
	Schedules scheduler.Image
	Buckets   bucketevents.Image
	Policies  map[string][]byte
	Sites     cloudfront.Image
	Transport front.Image
}

// Save writes everything that the local AWS holds into a folder, which is made, for another
// one to begin with, see [Options.Restore]. The folder must be on the data folder's file
// system. Nothing has to be at rest: what was under way begins again, as on AWS after a
// crash. For that the order counts. How far mappings and schedules are is written first;
// what moto holds, at one moment, last, so that nothing is taken for done that is not.
//
// Not in it are faults, the clock's advance, what functions keep in memory, deduplication
// ids, move tasks and the messages of S3 that are on their way.
func (s *Server) Save(ctx context.Context, folder string) error {
	archives := filepath.Join(folder, imageArchives)
	if err := os.MkdirAll(archives, 0o700); err != nil {
		return err
	}
	versions, err := s.versions()
	if err != nil {
		return err
	}
	saved := image{Format: imageFormat, Moto: versions, URL: s.url, Region: s.region, AccountID: s.account,
		Mappings: s.mappings.Save(), Schedules: s.schedules.Save(), GraphQL: s.graphQL.Save(), Buckets: s.buckets.Save(),
		Policies: s.policies.Save(), Sites: s.sites.Save(), Transport: s.transport.Save()}
	if saved.Lambda, err = s.lambda.Save(archives); err != nil {
		return fmt.Errorf("save the functions: %w", err)
	}
	text, err := json.Marshal(saved)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, imageFile), text, 0o600); err != nil {
		return err
	}
	if err := s.moto.Save(ctx); err != nil {
		return err
	}
	return os.Rename(filepath.Join(s.directory.path, imageMoto), filepath.Join(folder, imageMoto))
}

// Writes counts the requests so far that may have changed what moto holds. Nothing has to be
// saved again before it grows.
func (s *Server) Writes() int64 { return s.transport.Writes() }

// readImage reads the image that the options name, nil for none, and puts its port into the
// options.
func readImage(ctx context.Context, options *Options) (*image, error) {
	if options.Restore == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(options.Restore, imageFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImage, err)
	}
	var saved image
	if err := json.Unmarshal(text, &saved); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrImage, imageFile, err)
	}
	versions, err := moto.Versions(ctx, options.MotoCommand)
	if err != nil {
		return nil, err
	}
	switch {
	case saved.Format != imageFormat:
		return nil, fmt.Errorf("%w: it has the format %d, not %d", ErrImage, saved.Format, imageFormat)
	case saved.Moto != versions:
		return nil, fmt.Errorf("%w: it was made with %s, here is %s", ErrImage, saved.Moto, versions)
	case saved.Region != options.Region || saved.AccountID != options.AccountID:
		return nil, fmt.Errorf("%w: it is of the account %s in %s", ErrImage, saved.AccountID, saved.Region)
	}
	address, err := url.Parse(saved.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImage, err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil || options.Port != 0 && options.Port != port {
		return nil, fmt.Errorf("start the local AWS on port %d: what was saved needs the port %s, which its addresses name: leave the port out, or begin empty (reventless dev --fresh)", options.Port, address.Port())
	}
	options.Port = port
	return &saved, nil
}

// restore puts an image into services that have nothing yet.
func (s *Server) restore(folder string, saved *image) error {
	s.transport.Restore(saved.Transport)
	s.policies.Restore(saved.Policies)
	s.buckets.Restore(saved.Buckets)
	err := errors.Join(s.lambda.Restore(filepath.Join(folder, imageArchives), saved.Lambda), s.graphQL.Restore(saved.GraphQL), s.mappings.Restore(saved.Mappings),
		s.sites.Restore(saved.Sites), s.schedules.Restore(saved.Schedules))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrImage, err)
	}
	return nil
}

// resume lets go on what the image had under way, when everything can be reached.
func (s *Server) resume(saved *image) {
	s.lambda.Resume(saved.Lambda)
	s.mappings.Resume(saved.Mappings)
}
