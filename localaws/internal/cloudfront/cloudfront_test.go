package cloudfront

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bed is a service with its client, before a bucket "site" with two objects.
type bed struct {
	t       *testing.T
	service *Service
	client  *cloudfront.Client
	policy  string
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{t: t}
	settings := func(endpoint string) aws.Config {
		return aws.Config{Region: "eu-west-1", BaseEndpoint: &endpoint, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	}
	objects := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, exists := map[string]string{"/site/index.html": "the page", "/site/main.js": "code"}[r.URL.Path]
		if !exists {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
			return
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = io.WriteString(w, content)
	}))
	t.Cleanup(objects.Close)
	b.service = New(Options{AccountID: "123456789012", Policy: func(string) string { return b.policy }, Logger: slog.New(slog.DiscardHandler),
		S3: s3.NewFromConfig(settings(objects.URL), func(o *s3.Options) { o.UsePathStyle = true })})
	t.Cleanup(b.service.Close)
	api := httptest.NewServer(b.service)
	t.Cleanup(api.Close)
	b.client = cloudfront.NewFromConfig(settings(api.URL))
	return b
}

// access makes an origin access control.
func (b *bed) access(name string) (string, error) {
	out, err := b.client.CreateOriginAccessControl(context.Background(), &cloudfront.CreateOriginAccessControlInput{OriginAccessControlConfig: &types.OriginAccessControlConfig{
		Name: &name, OriginAccessControlOriginType: "s3", SigningBehavior: "always", SigningProtocol: "sigv4"}})
	if err != nil {
		return "", err
	}
	return *out.OriginAccessControl.Id, nil
}

func settings(access string, aliases ...string) *types.DistributionConfig {
	return &types.DistributionConfig{
		CallerReference: aws.String("test"), Comment: aws.String("a site"), Enabled: aws.Bool(true), DefaultRootObject: aws.String("index.html"),
		Aliases: &types.Aliases{Quantity: aws.Int32(int32(len(aliases))), Items: aliases}, //nolint:gosec // one or none
		Origins: &types.Origins{Quantity: aws.Int32(1), Items: []types.Origin{{Id: aws.String("bucket"), DomainName: aws.String("site.s3.eu-west-1.amazonaws.com"), OriginAccessControlId: &access}}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId: aws.String("bucket"), ViewerProtocolPolicy: types.ViewerProtocolPolicyRedirectToHttps,
		},
		CustomErrorResponses: &types.CustomErrorResponses{Quantity: aws.Int32(1), Items: []types.CustomErrorResponse{
			{ErrorCode: aws.Int32(403), ResponseCode: aws.String("200"), ResponsePagePath: aws.String("/index.html")}}},
	}
}

func (b *bed) create(config *types.DistributionConfig) (*cloudfront.CreateDistributionWithTagsOutput, error) {
	return b.client.CreateDistributionWithTags(context.Background(), &cloudfront.CreateDistributionWithTagsInput{DistributionConfigWithTags: &types.DistributionConfigWithTags{
		DistributionConfig: config, Tags: &types.Tags{Items: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}}}})
}

func (b *bed) get(url string) (int, string) {
	b.t.Helper()
	response, err := http.Get(url) //nolint:noctx // loopback
	require.NoError(b.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response.StatusCode, strings.TrimSpace(string(text))
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, code, api.ErrorCode())
}

func TestDistribution(t *testing.T) {
	t.Parallel()
	b, ctx := newBed(t), context.Background()
	access, err := b.access("mine")
	require.NoError(t, err)
	made, err := b.create(settings(access))
	require.NoError(t, err)
	id, arn := *made.Distribution.Id, *made.Distribution.ARN
	require.Len(t, b.service.Sites(), 1)
	url := b.service.Sites()[0].URL

	status, _ := b.get(url + "/")
	assert.Equal(t, http.StatusForbidden, status, "the bucket has no policy")
	b.policy = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*",
		"Condition":{"StringEquals":{"aws:SourceArn":"` + arn + `x"}}}]}`
	status, _ = b.get(url + "/")
	assert.Equal(t, http.StatusForbidden, status, "the policy is for another distribution")
	b.policy = strings.Replace(b.policy, arn+"x", arn, 1)
	for path, want := range map[string]string{"/": "the page", "/main.js": "code", "/some/route": "the page"} {
		status, text := b.get(url + path)
		assert.Equal(t, http.StatusOK, status, path)
		assert.Equal(t, want, text, path)
	}

	tags, err := b.client.ListTagsForResource(ctx, &cloudfront.ListTagsForResourceInput{Resource: &arn})
	require.NoError(t, err)
	assert.Equal(t, "shop", *tags.Tags.Items[0].Value)
	found, err := b.client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &id})
	require.NoError(t, err)
	assert.Equal(t, "a site", *found.Distribution.DistributionConfig.Comment, "the configuration is kept whole")

	_, err = b.client.DeleteDistribution(ctx, &cloudfront.DeleteDistributionInput{Id: &id, IfMatch: found.ETag})
	refused(t, err, "DistributionNotDisabled")
	_, err = b.client.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &id, IfMatch: aws.String("old"), DistributionConfig: settings(access)})
	refused(t, err, "PreconditionFailed")
	control, err := b.client.GetOriginAccessControl(ctx, &cloudfront.GetOriginAccessControlInput{Id: &access})
	require.NoError(t, err)
	_, err = b.client.DeleteOriginAccessControl(ctx, &cloudfront.DeleteOriginAccessControlInput{Id: &access, IfMatch: control.ETag})
	refused(t, err, "OriginAccessControlInUse")

	config := found.Distribution.DistributionConfig
	config.Enabled = aws.Bool(false)
	disabled, err := b.client.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &id, IfMatch: found.ETag, DistributionConfig: config})
	require.NoError(t, err)
	assert.Empty(t, b.service.Sites())
	_, err = b.client.DeleteDistribution(ctx, &cloudfront.DeleteDistributionInput{Id: &id, IfMatch: disabled.ETag})
	require.NoError(t, err)
	_, err = b.client.DeleteOriginAccessControl(ctx, &cloudfront.DeleteOriginAccessControlInput{Id: &access, IfMatch: control.ETag})
	require.NoError(t, err)
	assert.Empty(t, b.service.Inventory())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	access, err := b.access("mine")
	require.NoError(t, err)
	_, err = b.access("mine")
	refused(t, err, "OriginAccessControlAlreadyExists")
	_, err = b.create(settings("ENOTTHERE"))
	refused(t, err, "InvalidOriginAccessControl")
	_, err = b.create(settings(access, "shop.example.com"))
	refused(t, err, "InvalidViewerCertificate")
	named := settings(access, "shop.example.com")
	named.ViewerCertificate = &types.ViewerCertificate{ACMCertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/x")}
	_, err = b.create(named)
	require.NoError(t, err)
	_, err = b.create(named)
	refused(t, err, "CNAMEAlreadyExists")
	missing := settings(access)
	missing.DefaultCacheBehavior.ResponseHeadersPolicyId = aws.String("ENOTTHERE")
	_, err = b.create(missing)
	refused(t, err, "NoSuchResponseHeadersPolicy")
	_, err = b.client.GetDistribution(context.Background(), &cloudfront.GetDistributionInput{Id: aws.String("ENOTTHERE")})
	refused(t, err, "NoSuchDistribution")
	_, err = b.client.ListDistributions(context.Background(), &cloudfront.ListDistributionsInput{})
	refused(t, err, "UnknownOperation")
}
