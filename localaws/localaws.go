// Package localaws is a local AWS for development and tests.
//
//  1. [Start] takes a loopback port, starts moto_server, and puts a front before it.
//  2. AppSync, CloudFront, Lambda and its event source mappings, EventBridge Scheduler,
//     S3's event notifications and SQS's message move tasks are played by this repository, with
//     those errors, races and limits of AWS that matter here; the rest is moto_server's,
//     repaired where it differs from AWS (package front).
//  3. AWS SDKs, command lines and Pulumi reach it with AWS_ENDPOINT_URL set to
//     [Server.URL] and any credentials; GraphQL requests by AWS_IAM with [AccessKeyID] and
//     [SecretAccessKey].
//  4. Beside AWS's APIs it serves /graphql/{apiId}, /graphiql/{apiId} (a page to try
//     requests), and /_localaws/: health, faults, clock, inventory, metrics,
//     logs, and distributions, which each answer on a port of their own.
//     POST /_localaws/clock {"advance": "5m"} puts the time of schedules forward, and
//     of nothing else.
//  5. [Server.Close] ends everything that it started. No resource outlives it, unless
//     [Server.Save] wrote an image for the next one; in a data folder that was named, logs
//     and unpacked code stay, the code until the next start.
//  6. With [Options.EnforceIAM], functions, data sources and schedules may do what their
//     roles allow, and nothing else (package enforcement). Requests with credentials that it
//     gave to a function must be signed with them (package sigv4).
//
// It only ever listens on the loopback interface. What does not come with the credentials of
// a role is the deploying user's, who may do everything; its signature is verified in GraphQL
// requests by AWS_IAM, and not looked at elsewhere.
package localaws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync"
	"github.com/reventless/pulumi-reventless/localaws/internal/bucketevents"
	"github.com/reventless/pulumi-reventless/localaws/internal/bucketpolicy"
	"github.com/reventless/pulumi-reventless/localaws/internal/cloudfront"
	"github.com/reventless/pulumi-reventless/localaws/internal/cloudwatch"
	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/eventsource"
	"github.com/reventless/pulumi-reventless/localaws/internal/faults"
	"github.com/reventless/pulumi-reventless/localaws/internal/front"
	"github.com/reventless/pulumi-reventless/localaws/internal/graphiql"
	"github.com/reventless/pulumi-reventless/localaws/internal/inventory"
	"github.com/reventless/pulumi-reventless/localaws/internal/lambda"
	"github.com/reventless/pulumi-reventless/localaws/internal/metrics"
	"github.com/reventless/pulumi-reventless/localaws/internal/moto"
	"github.com/reventless/pulumi-reventless/localaws/internal/movetask"
	"github.com/reventless/pulumi-reventless/localaws/internal/scheduler"
)

// Defaults of [Options].
const (
	DefaultRegion    = "eu-central-1"
	DefaultAccountID = "123456789012"
	// DefaultMotoCommand is looked for in the working directory and above it.
	DefaultMotoCommand = ".venv/bin/moto_server"
	// MotoVariable is the environment variable that names another moto_server.
	MotoVariable = "LOCALAWS_MOTO"
)

// Credentials of the deploying user.
const (
	AccessKeyID     = enforcement.UserAccessKeyID
	SecretAccessKey = enforcement.UserSecretAccessKey
)

// Kinds of what [Options.Written] is told of.
const (
	WrittenTable = string(front.ChangeTable)
	WrittenQueue = string(front.ChangeQueue)
)

// Options configure a local AWS. The zero value is usable.
type Options struct {
	// Port is the loopback port; 0 takes a free one.
	Port int
	// DataDir is the folder for unpacked code and for logs; only one local AWS can
	// use it at a time. Empty takes a temporary folder that Close removes.
	DataDir string
	// MotoCommand is the path of moto_server, 5.2 or later. Empty takes what
	// MotoVariable names, else DefaultMotoCommand.
	MotoCommand string
	// Region and AccountID are those of everything that is created.
	Region, AccountID string
	// Logger receives warnings and injected faults; nil discards them.
	Logger *slog.Logger
	// MaxEnvironments bounds the execution environments of each function; 0 is 10.
	MaxEnvironments int
	// EnforceIAM lets roles do only what their policies allow, as on AWS. Otherwise every
	// function may do everything.
	EnforceIAM bool
	// Output is told every line that a function writes; nil for none. It must not block.
	Output func(function, line string)
	// Written is told of tables and queues that a request has changed, with their names, or
	// none where the request does not say; nil for none. It must not block.
	Written func(kind string, names []string)
	// IdleTimeout is how long an execution environment stays warm; 0 is 2 minutes.
	IdleTimeout time.Duration
	// Restore is a folder that [Server.Save] has written, to begin with what it has; "" begins
	// empty. Region and AccountID must be those of the one that was saved, and Port its port
	// or 0. An image that cannot be used is an error that wraps [ErrImage].
	Restore string
}

// Server is a running local AWS.
type Server struct {
	url string
	// region, account and the versions of moto and Python are what an image is bound to.
	region, account string
	versions        func() (string, error)

	closed    sync.Once
	directory *dataDirectory
	moto      *moto.Server
	motoLog   *os.File
	http      *http.Server
	mappings  *eventsource.Service
	lambda    *lambda.Service
	graphQL   *appsync.Service
	schedules *scheduler.Service
	buckets   *bucketevents.Service
	moves     *movetask.Service
	sites     *cloudfront.Service
	policies  *bucketpolicy.Store
	transport *front.Transport
	logs      *cloudwatch.Store
	idle      func()
}

// Start starts a local AWS and returns when it is ready. An error says what is
// missing and how to get it; then nothing is left running.
func Start(ctx context.Context, options Options) (*Server, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	saved, err := readImage(ctx, &options)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(options.Port)))
	switch {
	case err != nil && saved != nil:
		return nil, fmt.Errorf("start the local AWS: %w; what was saved needs this port: end what listens there, or begin empty (reventless dev --fresh)", err)
	case err != nil:
		return nil, fmt.Errorf("start the local AWS: %w; choose another port with --port", err)
	}
	s := &Server{url: "http://" + listener.Addr().String(), region: options.Region, account: options.AccountID,
		versions: sync.OnceValues(func() (string, error) { return moto.Versions(context.WithoutCancel(ctx), options.MotoCommand) })}
	if err := s.start(ctx, options, saved, listener); err != nil {
		_ = listener.Close()
		s.Close()
		return nil, err
	}
	return s, nil
}

func (o *Options) complete() error {
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.AccountID == "" {
		o.AccountID = DefaultAccountID
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MotoCommand == "" {
		o.MotoCommand = findMoto()
	}
	var err error
	if o.DataDir != "" {
		o.DataDir, err = filepath.Abs(o.DataDir)
	}
	return err
}

// findMoto is the path of moto_server, whether it exists or not.
func findMoto() string {
	if named := os.Getenv(MotoVariable); named != "" {
		return named
	}
	folder, err := os.Getwd()
	for err == nil {
		path := filepath.Join(folder, DefaultMotoCommand)
		if _, statErr := os.Stat(path); statErr == nil {
			return path
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			break
		}
		folder = parent
	}
	return DefaultMotoCommand
}

func (s *Server) start(ctx context.Context, options Options, saved *image, listener net.Listener) (err error) {
	if s.directory, err = openDataDirectory(options.DataDir); err != nil {
		return err
	}
	if s.motoLog, err = os.Create(filepath.Join(s.directory.path, "moto.log")); err != nil {
		return fmt.Errorf("start the local AWS: %w", err)
	}
	motoOptions := moto.Options{Command: options.MotoCommand, AccountID: options.AccountID, Region: options.Region, Log: s.motoLog, Image: filepath.Join(s.directory.path, imageMoto)}
	if saved != nil {
		motoOptions.Restore = filepath.Join(options.Restore, imageMoto)
	}
	if s.moto, err = moto.Start(ctx, motoOptions); errors.Is(err, moto.ErrRestore) {
		return fmt.Errorf("%w: %w", ErrImage, err)
	} else if err != nil {
		return err
	}
	handler, err := s.assemble(options)
	if err != nil {
		return err
	}
	if saved != nil {
		if err := s.restore(options.Restore, saved); err != nil {
			return err
		}
	}
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(listener) }()
	if saved != nil {
		s.resume(saved)
	}
	return nil
}

// assemble makes the services and connects them.
func (s *Server) assemble(options Options) (http.Handler, error) {
	motoURL, err := url.Parse(s.moto.URL())
	if err != nil {
		return nil, err
	}
	// The transport wakes mappings, which are made with clients of the transport.
	s.transport = front.NewTransport(options.Region, func(change front.Change) {
		s.mappings.Wake(change.Kind, change.Names...)
		if options.Written != nil {
			options.Written(string(change.Kind), change.Names)
		}
	})
	transport := s.transport
	s.idle = transport.CloseIdleConnections
	config := aws.Config{Region: options.Region, BaseEndpoint: aws.String(s.moto.URL()), HTTPClient: &http.Client{Transport: transport},
		// moto sends no checksums, of which the SDK would complain.
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
		RetryMaxAttempts:           1, // pollers try again by themselves, and must not hold up others
		Credentials:                credentials.NewStaticCredentialsProvider(AccessKeyID, SecretAccessKey, "")}
	switches := faults.New()
	enforcer := enforcement.New(enforcement.Options{Region: options.Region, AccountID: options.AccountID, Off: !options.EnforceIAM,
		Roles: enforcement.IAM{Client: iam.NewFromConfig(config)}})
	to := destination.Clients{SQS: sqs.NewFromConfig(config), SNS: sns.NewFromConfig(config)}
	s.mappings = eventsource.New(eventsource.Options{Region: options.Region, AccountID: options.AccountID, Faults: &switches.Mappings, Logger: options.Logger, Enforcer: enforcer,
		SQS: to.SQS, SNS: to.SNS, Streams: dynamodbstreams.NewFromConfig(config), Exclusive: transport.Exclusive})
	s.logs = cloudwatch.New(logs.NewFromConfig(config), options.Logger)
	s.lambda, err = lambda.New(lambda.Options{Region: options.Region, AccountID: options.AccountID, Endpoint: s.url, DataDir: s.directory.path,
		Faults: &switches.Lambda, Enforcer: enforcer, Destinations: to, Logs: output{s.logs, options.Output}, Logger: options.Logger, MaxEnvironments: options.MaxEnvironments, IdleTimeout: options.IdleTimeout}, s.mappings.Routes()...)
	if err != nil {
		return nil, err
	}
	s.mappings.Start(s.lambda)
	s.schedules = scheduler.New(scheduler.Options{Region: options.Region, AccountID: options.AccountID, Destinations: to, Functions: s.lambda,
		Roles: enforcer, Enforcer: enforcer, Faults: &switches.Scheduler, Logger: options.Logger})
	s.buckets = bucketevents.New(bucketevents.Options{Region: options.Region, AccountID: options.AccountID, S3: s3.NewFromConfig(config), Destinations: to,
		Functions: s.lambda, Logger: options.Logger})
	s.moves = movetask.New(movetask.Options{SQS: to.SQS, Resend: transport.Resend, Logger: options.Logger})
	s.graphQL = appsync.New(appsync.Options{Region: options.Region, AccountID: options.AccountID, BaseURL: s.url, Endpoint: s.url,
		Lambda: s.lambda, Enforcer: enforcer, Faults: &switches.Schema, Logger: options.Logger})
	var deliveries *front.Deliveries
	if options.EnforceIAM {
		deliveries = &front.Deliveries{AccountID: options.AccountID, SNS: to.SNS, SQS: to.SQS}
	}
	s.policies = bucketpolicy.New()
	s.sites = cloudfront.New(cloudfront.Options{AccountID: options.AccountID, Policy: s.policies.Policy, Logger: options.Logger,
		S3: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })})
	return front.New(front.Options{Moto: motoURL, Transport: transport, Lambda: s.lambda, Scheduler: s.schedules,
		Buckets: s.buckets, Policies: s.policies, CloudFront: s.sites, Sites: func() any { return s.sites.Sites() },
		MoveTasks: s.moves, AppSync: s.graphQL, GraphiQL: graphiql.Handler(graphiql.Options{}),
		Enforcer: enforcer, Deliveries: deliveries, Faults: switches, Metrics: &metrics.Counts{}, Logs: s.lambda.Logs, Logger: options.Logger,
		Inventory: func(ctx context.Context) ([]inventory.Item, error) { return s.inventory(ctx, config, s.graphQL) }}), nil
}

// output ships what functions write, and tells of it.
type output struct {
	*cloudwatch.Store
	told func(function, line string)
}

// Put takes lines of one environment of a function.
func (o output) Put(group, stream string, events []lambda.LogEvent) {
	o.Store.Put(group, stream, events)
	if o.told == nil {
		return
	}
	for _, event := range events {
		o.told(path.Base(group), strings.TrimRight(event.Message, "\n"))
	}
}

func (s *Server) inventory(ctx context.Context, config aws.Config, graphQL *appsync.Service) ([]inventory.Item, error) {
	items, err := inventory.Moto(ctx, config)
	if err != nil {
		return nil, err
	}
	items = append(items, graphQL.Inventory()...)
	items = append(items, s.lambda.Inventory()...)
	items = append(items, s.mappings.Inventory()...)
	items = append(items, s.schedules.Inventory()...)
	items = append(items, s.sites.Inventory()...)
	if items == nil {
		items = []inventory.Item{}
	}
	inventory.Sort(items)
	return items, nil
}

// URL is the address of the local AWS, without a slash at the end.
func (s *Server) URL() string { return s.url }

// Distribution is a distribution of CloudFront as the local AWS serves it.
type Distribution = cloudfront.Site

// Distributions are the enabled distributions, each with the address at which it answers.
func (s *Server) Distributions() []Distribution { return s.sites.Sites() }

// Done is closed when moto_server has ended, by Close or by itself.
func (s *Server) Done() <-chan struct{} { return s.moto.Done() }

// Close ends the local AWS with everything that it started.
func (s *Server) Close() { s.closed.Do(s.close) }

func (s *Server) close() {
	if s.mappings != nil {
		s.mappings.Stop()
	}
	if s.schedules != nil {
		s.schedules.Close()
		s.buckets.Close()
		s.moves.Close()
	}
	if s.sites != nil {
		s.sites.Close()
	}
	if s.lambda != nil {
		s.lambda.Close()
	}
	if s.mappings != nil {
		s.mappings.Wait()
	}
	if s.http != nil {
		_ = s.http.Close()
	}
	if s.graphQL != nil {
		s.graphQL.Close() // connections of subscribers, which the HTTP server has let go
	}
	if s.logs != nil {
		s.logs.Close()
	}
	if s.idle != nil {
		s.idle()
	}
	if s.moto != nil {
		s.moto.Close()
	}
	if s.motoLog != nil {
		_ = s.motoLog.Close()
	}
	s.directory.close()
}

// ErrMotoEnded says that moto_server ended although it should run.
var ErrMotoEnded = errors.New("moto_server ended; moto.log in the data folder says why")
