package awsprovider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// EndpointVariable names the endpoint of all calls.
const EndpointVariable = "AWS_ENDPOINT_URL"

// maxAttempts is the real provider's default for max_retries.
const maxAttempts = 25

// CheckConfig accepts the settings of the real provider as they are.
func (p *Provider) CheckConfig(_ context.Context, r *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	return &rpc.CheckResponse{Inputs: r.GetNews()}, nil
}

// DiffConfig never replaces a provider: the endpoint decides where things are.
func (p *Provider) DiffConfig(context.Context, *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_UNKNOWN}, nil
}

// Configure connects to the endpoint. It refuses to run without one, so that
// the stand-in can never act on an AWS account.
func (p *Provider) Configure(ctx context.Context, r *rpc.ConfigureRequest) (*rpc.ConfigureResponse, error) {
	args, err := decode(r.GetArgs())
	if err != nil {
		return nil, err
	}
	if err := checkEndpoint(os.Getenv(EndpointVariable)); err != nil {
		return nil, err
	}
	cfg, err := loadConfig(ctx, property.Map(args))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.clients = define.NewClients(cfg)
	log := p.log
	p.mu.Unlock()
	log(ctx, Banner+" Endpoint: "+aws.ToString(cfg.BaseEndpoint))
	return &rpc.ConfigureResponse{SupportsPreview: true, AcceptResources: true, AcceptOutputs: true,
		SupportsAutonamingConfiguration: true}, nil
}

func checkEndpoint(endpoint string) error {
	const what = "this is a stand-in for the aws provider " + Version + " that only works against a local AWS: "
	if endpoint == "" {
		return errors.New(what + "set " + EndpointVariable + " (for example http://127.0.0.1:4566), or install the real plugin " +
			"with `pulumi plugin install resource aws " + Version + "`")
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%s%s=%q is no URL such as http://127.0.0.1:4566", what, EndpointVariable, endpoint)
	}
	host := u.Hostname()
	if strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") || strings.HasSuffix(host, ".api.aws") {
		return fmt.Errorf("%s%s=%q is AWS itself; use the real plugin for it", what, EndpointVariable, endpoint)
	}
	return nil
}

// loadConfig takes region and keys from the provider's settings, then from
// the environment. Without keys anywhere it signs with fixed ones, which a
// local AWS accepts.
func loadConfig(ctx context.Context, args property.Map) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{config.WithRetryer(newRetryer),
		// Set here as well: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS must not lead to AWS.
		config.WithBaseEndpoint(os.Getenv(EndpointVariable))}
	if region := args.String("region"); region != "" {
		options = append(options, config.WithRegion(region))
	}
	switch {
	case args.String("accessKey") != "":
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(
			args.String("accessKey"), args.String("secretKey"), args.String("token"))))
	case os.Getenv("AWS_ACCESS_KEY_ID") == "":
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return cfg, fmt.Errorf("configuring the aws provider: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("configuring the aws provider: no region; set `pulumi config set aws:region <region>` or AWS_REGION")
	}
	return cfg, nil
}

// newRetryer retries as often as the real provider, but not at all when
// nothing listens at the endpoint: a local AWS that is down stays down.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		refused := retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if errors.Is(err, syscall.ECONNREFUSED) {
				return aws.FalseTernary
			}
			return aws.UnknownTernary
		})
		o.Retryables = append([]retry.IsErrorRetryable{refused}, o.Retryables...)
	})
}
