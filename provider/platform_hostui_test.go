package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// deploySite deploys a platform with a host UI in a stack with this configuration.
func deploySite(t *testing.T, e *engine, site *declaration.HostUI, config map[string]string, options ...pulumi.ResourceOption) (url string, err error) {
	t.Helper()
	err = e.run(config, func(ctx *pulumi.Context) error {
		platform, err := testEnvironment(t).newPlatform(ctx, "platform", PlatformArgs{HostUI: site}, options...)
		if err != nil {
			return err
		}
		value, _, err := await[*string](ctx, platform.HostUIURL)
		if value != nil {
			url = *value
		}
		return err
	})
	return url, err
}

// bundleHash is the part of a name that another version of GraphiQL changes.
var bundleHash = regexp.MustCompile(`-[0-9a-f]{16}\.`)

// hostUIResources are the resources of the host UI.
func (e *engine) hostUIResources() []string {
	var lines []string
	for _, line := range e.listed() {
		if strings.Contains(line, "-host-ui") {
			lines = append(lines, bundleHash.ReplaceAllString(line, "-<hash>."))
		}
	}
	return lines
}

func TestPlatformWithoutHostUI(t *testing.T) {
	t.Parallel()
	e := newEngine()
	url, err := deploySite(t, e, nil, nil)
	require.NoError(t, err)
	assert.Empty(t, url)
	assert.Empty(t, e.hostUIResources())
}

func TestPlatformHostUI(t *testing.T) {
	t.Parallel()
	e := newEngine()
	url, err := deploySite(t, e, &declaration.HostUI{}, nil)
	require.NoError(t, err)
	assert.Equal(t, "https://platform-host-ui.cloudfront.net", url)
	golden(t, "hostui.resources", e.hostUIResources())

	bucket := e.find(t, "BucketV2", "platform-host-ui").Inputs["bucket"].StringValue()
	assert.Equal(t, "shop-catalog-alpha-platform-host-ui-"+account, bucket)
	policy := e.find(t, "BucketPolicy", "platform-host-ui").Inputs["policy"].StringValue()
	assert.Contains(t, policy, `{"StringEquals":{"aws:SourceArn":"`+arn("cloudfront", "platform-host-ui")+`"}}`)
	assert.Contains(t, policy, `"aws:SecureTransport":"false"`)
	assert.NotContains(t, policy, "ListBucket")
	distribution := e.find(t, "Distribution", "platform-host-ui").Inputs
	assert.Equal(t, "redirect-to-https", distribution["defaultCacheBehavior"].ObjectValue()["viewerProtocolPolicy"].StringValue())
	assert.Len(t, distribution["customErrorResponses"].ArrayValue(), 2)
	headers := e.find(t, "ResponseHeadersPolicy", "platform-host-ui").Inputs["securityHeadersConfig"].ObjectValue()
	csp := headers["contentSecurityPolicy"].ObjectValue()["contentSecurityPolicy"].StringValue()
	assert.Contains(t, csp, "default-src 'none'")
	assert.True(t, strings.HasSuffix(csp, "connect-src 'self' https://platform-api wss://realtime.platform-api"), csp)

	index := e.find(t, "BucketObjectv2", "platform-host-ui-index.html")
	assert.Equal(t, "no-cache", index.Inputs["cacheControl"].StringValue())
	for _, other := range []string{"shell.js", "shell.css", "config.json"} {
		assert.Contains(t, strings.Join(index.RegisterRPC.GetDependencies(), "\n"), "BucketObjectv2::platform-host-ui-"+other, "index.html comes last")
	}
	config := e.find(t, "BucketObjectv2", "platform-host-ui-config.json").Inputs["content"].StringValue()
	assert.JSONEq(t, `{"formatVersion":1,"platform":"platform","graphqlUrl":"https://platform-api","realtimeUrl":"wss://realtime.platform-api","region":"eu-west-1","authenticationModes":["AMAZON_COGNITO_USER_POOLS","AWS_IAM"],"userPoolId":"platform-users-id","userPoolClientId":"platform-users-client-id"}`, config)
}

const zoneID = "Z0123456789ABCDEFGHIJ"

func TestPlatformHostUIDomain(t *testing.T) {
	t.Parallel()
	e := newEngine()
	url, err := deploySite(t, e, &declaration.HostUI{BaseDomain: text("argument.example.com"), HostedZoneID: text(zoneID)}, map[string]string{
		"platform:hostUiBaseDomain": "apps.example.com", "aws:profile": "shop", "aws:region": "eu-west-1", "aws:secretKey": "hush",
		"aws:assumeRole": `{"roleArn":"arn:aws:iam::1:role/deploy"}`,
	})
	require.NoError(t, err)
	assert.Equal(t, "https://shop-catalog-alpha.apps.example.com", url, "the configuration goes before the argument")
	golden(t, "hostui-domain.resources", e.hostUIResources())

	provider := e.find(t, "aws", "platform-host-ui-us-east-1").Inputs
	assert.Equal(t, "us-east-1", provider["region"].StringValue())
	assert.Equal(t, "shop", provider["profile"].StringValue())
	assert.Equal(t, `{"roleArn":"arn:aws:iam::1:role/deploy"}`, provider["assumeRole"].StringValue())
	assert.True(t, provider["secretKey"].IsSecret())
	for _, kind := range []string{"Certificate", "CertificateValidation"} {
		assert.Contains(t, e.find(t, kind, "platform-host-ui").Provider, "platform-host-ui-us-east-1", kind)
	}
	assert.NotContains(t, e.find(t, "Record", "platform-host-ui-A").Provider, "us-east-1")
	distribution := e.find(t, "Distribution", "platform-host-ui").Inputs
	assert.Equal(t, "TLSv1.2_2021", distribution["viewerCertificate"].ObjectValue()["minimumProtocolVersion"].StringValue())
}

func TestPlatformHostUINames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		site    declaration.HostUI
		url     string
		problem string
	}{
		"a stack of production": {site: declaration.HostUI{BaseName: text("Shop"), ProdStacks: []string{"alpha"}}, url: "https://shop.apps.example.com"},
		"another stack":         {site: declaration.HostUI{BaseName: text("shop")}, url: "https://shop-alpha.apps.example.com"},
		"bad characters":        {site: declaration.HostUI{BaseName: text("my_shop")}, problem: `"my_shop-alpha" is no name for a web site`},
		"too long a label":      {site: declaration.HostUI{BaseName: text(strings.Repeat("s", 60))}, problem: "too long for a DNS label: 66 characters, at most 63"},
		"too long for ACM":      {site: declaration.HostUI{BaseName: text(strings.Repeat("s", 50))}, problem: "ACM gives no certificate for more than 64"},
		"a name of no domain":   {site: declaration.HostUI{BaseDomain: text("localhost")}, problem: `"localhost" is no domain`},
		"no hosted zone":        {site: declaration.HostUI{HostedZoneID: text("example.com")}, problem: "no id of a hosted zone"},
		"a certificate elsewhere": {site: declaration.HostUI{CertificateARN: text("arn:aws:acm:eu-west-1:123456789012:certificate/x")},
			problem: "no ARN of an ACM certificate in us-east-1"},
		"a given certificate, a long name": {site: declaration.HostUI{BaseName: text(strings.Repeat("s", 50)), CertificateARN: text("arn:aws:acm:us-east-1:123456789012:certificate/x")},
			url: "https://" + strings.Repeat("s", 50) + "-alpha.apps.example.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.site.BaseDomain == nil {
				test.site.BaseDomain = text("apps.example.com")
			}
			if test.site.HostedZoneID == nil {
				test.site.HostedZoneID = text(zoneID)
			}
			e := newEngine()
			url, err := deploySite(t, e, &test.site, nil)
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				assert.Empty(t, e.listed(), "nothing may be registered")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.url, url)
		})
	}
}

func TestPlatformHostUIHalfAName(t *testing.T) {
	t.Parallel()
	e := newEngine()
	url, err := deploySite(t, e, &declaration.HostUI{}, map[string]string{"platform:hostUiHostedZoneId": zoneID})
	require.NoError(t, err)
	assert.Equal(t, "https://platform-host-ui.cloudfront.net", url)
	for _, line := range e.listed() {
		assert.NotContains(t, line, "aws:acm")
	}
}

func TestPlatformHostUIWithExplicitProvider(t *testing.T) {
	t.Parallel()
	e := newEngine()
	err := e.run(nil, func(ctx *pulumi.Context) error {
		mine := &awsProvider{}
		if err := ctx.RegisterResource("pulumi:providers:aws", "mine", nil, mine); err != nil {
			return err
		}
		_, err := testEnvironment(t).newPlatform(ctx, "platform", PlatformArgs{HostUI: &declaration.HostUI{
			BaseDomain: text("apps.example.com"), HostedZoneID: text(zoneID)}}, pulumi.ProviderMap(map[string]pulumi.ProviderResource{"aws": mine}))
		return err
	})
	require.ErrorContains(t, err, "hostUi.certificateArn")
	assert.ErrorContains(t, err, "explicit provider")
}

func TestPlatformHostUIBundles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name string, size int64) {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
		require.NoError(t, os.Truncate(path, size))
	}
	write("without/page.html", 1)
	write("huge/index.html", 1)
	write("huge/video.mp4", 50<<20+1)
	write("site.tar", 1)
	write("broken.zip", 10)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "empty"), 0o755))
	tests := map[string]string{
		"none": "build the site first", "empty": "is empty", "without": "has no index.html at its top",
		"huge": `"video.mp4" has 50 MB, more than the 50 MB`, "site.tar": "neither a folder nor a .zip", "broken.zip": "no .zip archive",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			_, err := deploySite(t, e, &declaration.HostUI{Bundle: text(filepath.Join(folder, name))}, nil)
			require.ErrorContains(t, err, want)
			assert.ErrorContains(t, err, "hostUi.bundle")
			assert.Empty(t, e.listed(), "nothing may be registered")
		})
	}
}
