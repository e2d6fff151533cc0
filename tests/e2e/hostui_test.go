package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/graphiql"
	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

const hostUIPlatform = "hostui/platform"

// newHostUI is a world with the projects of testdata/hostui.
func newHostUI(t *testing.T) *world {
	t.Helper()
	w := newWhole(t)
	require.NoError(t, pulumicli.CopyProjects(filepath.Join("testdata", "hostui"), filepath.Join(w.projects, "hostui")))
	return w
}

// site is a distribution as the local AWS serves it.
type site struct {
	ID, DomainName, URL string
	Aliases             []string
}

func (w *world) site() site {
	w.t.Helper()
	var sites []site
	w.admin(http.MethodGet, "distributions", nil, &sites)
	require.Len(w.t, sites, 1)
	return sites[0]
}

// get requests a path of the site.
func (w *world) get(path string) (*http.Response, string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.site().URL+path, nil)
	require.NoError(w.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return response, string(text)
}

// objects are the entity tags of the site's objects, by key.
func (w *world) objects() map[string]string {
	w.t.Helper()
	buckets, err := w.s3().ListBuckets(w.t.Context(), &s3.ListBucketsInput{})
	require.NoError(w.t, err)
	require.Len(w.t, buckets.Buckets, 1)
	listed, err := w.s3().ListObjectsV2(w.t.Context(), &s3.ListObjectsV2Input{Bucket: buckets.Buckets[0].Name})
	require.NoError(w.t, err)
	tags := map[string]string{}
	for _, object := range listed.Contents {
		tags[aws.ToString(object.Key)] = aws.ToString(object.ETag) + object.LastModified.String()
	}
	return tags
}

func keys(objects map[string]string) []string {
	var names []string
	for name := range objects {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestHostUI deploys the platform's own page, then a user's site in its place.
func TestHostUI(t *testing.T) {
	t.Parallel()
	w := newHostUI(t)
	empty := w.inventory()
	w.up(hostUIPlatform)

	w.step("the platform's own page is served", func(t *testing.T) {
		outputs, err := w.stack(hostUIPlatform).Outputs(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "https://"+w.site().DomainName, outputs["hostUiUrl"])
		response, page := w.get("/")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"))
		assert.Equal(t, "no-cache", response.Header.Get("Cache-Control"))
		assert.Contains(t, page, "/shell.js")
		origin := strings.TrimSuffix(outputs["graphqlUrl"].(string), "/graphql/"+filepath.Base(outputs["graphqlUrl"].(string)))
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.True(t, strings.HasSuffix(response.Header.Get("Content-Security-Policy"), "connect-src 'self' "+origin+" ws"+strings.TrimPrefix(origin, "http")))
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		assert.Equal(t, "DENY", response.Header.Get("X-Frame-Options"))
		assert.Contains(t, response.Header.Get("Strict-Transport-Security"), "max-age=31536000")

		response, _ = w.get("/shell.js")
		assert.Equal(t, "text/javascript; charset=utf-8", response.Header.Get("Content-Type"))
		_, names := w.get("/graphiql.json")
		var explorer map[string]string
		require.NoError(t, json.Unmarshal([]byte(names), &explorer))
		response, script := w.get(explorer["script"])
		assert.Equal(t, "text/javascript; charset=utf-8", response.Header.Get("Content-Type"))
		assert.Equal(t, "public, max-age=31536000, immutable", response.Header.Get("Cache-Control"))
		assert.Equal(t, string(graphiql.Script().Content), script)
		response, fallback := w.get("/plugins/catalog")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, page, fallback)
		_, text := w.get("/config.json")
		var config map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &config))
		assert.Equal(t, map[string]any{"formatVersion": 1.0, "platform": "platform", "graphqlUrl": outputs["graphqlUrl"],
			"realtimeUrl": "ws" + strings.TrimPrefix(outputs["graphqlUrl"].(string), "http"), "region": "eu-west-1",
			"authenticationModes": []any{"API_KEY", "AWS_IAM"}}, config)
		w.unchanged(hostUIPlatform)
	})

	w.step("without the bucket's policy nothing is served", func(t *testing.T) {
		bucket := w.siteBucket()
		policy, err := w.s3().GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &bucket})
		require.NoError(t, err)
		_, err = w.s3().DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: &bucket})
		require.NoError(t, err)
		response, _ := w.get("/")
		assert.Equal(t, http.StatusForbidden, response.StatusCode)
		_, err = w.s3().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket,
			Policy: aws.String(strings.ReplaceAll(*policy.Policy, w.site().ID, "ESOMEOTHER"))})
		require.NoError(t, err)
		response, _ = w.get("/")
		assert.Equal(t, http.StatusForbidden, response.StatusCode, "the policy is for another distribution")
		_, err = w.s3().PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: policy.Policy})
		require.NoError(t, err)
		response, _ = w.get("/")
		assert.Equal(t, http.StatusOK, response.StatusCode)
	})

	w.step("a site of one's own takes its place", func(t *testing.T) {
		w.edit(hostUIPlatform+"/Pulumi.yaml", "hostUi: {}", "hostUi: {bundle: ../site}")
		w.up(hostUIPlatform)
		_, page := w.get("/")
		assert.Contains(t, page, "A site of a user")
		assert.Equal(t, []string{"assets/main.3f2a1b9c.js", "config.json", "index.html", "style.css"}, keys(w.objects()))
		response, _ := w.get("/assets/main.3f2a1b9c.js")
		assert.Equal(t, "public, max-age=31536000, immutable", response.Header.Get("Cache-Control"))
		response, _ = w.get("/style.css")
		assert.Equal(t, "no-cache", response.Header.Get("Cache-Control"))
		w.unchanged(hostUIPlatform)
	})

	w.step("a file that changes is the only one that is written", func(t *testing.T) {
		before := w.objects()
		w.write("hostui/site/style.css", "body { color: blue }\n")
		w.up(hostUIPlatform)
		after := w.objects()
		for key := range before {
			assert.Equal(t, key != "style.css", before[key] == after[key], key)
		}
		_, text := w.get("/style.css")
		assert.Contains(t, text, "blue")
	})

	w.step("a file that goes leaves the bucket", func(t *testing.T) {
		require.NoError(t, os.Remove(filepath.Join(w.projects, "hostui/site/style.css")))
		w.up(hostUIPlatform)
		assert.Equal(t, []string{"assets/main.3f2a1b9c.js", "config.json", "index.html"}, keys(w.objects()))
		_, text := w.get("/style.css")
		assert.Contains(t, text, "A site of a user", "the page answers for what is not there")
	})

	w.step("a bundle without a page is refused, and nothing changes", func(t *testing.T) {
		require.NoError(t, os.Rename(filepath.Join(w.projects, "hostui/site/index.html"), filepath.Join(w.projects, "hostui/site/home.html")))
		_, err := w.stack(hostUIPlatform).Up(t.Context())
		require.Error(t, err)
		assert.Contains(t, err.Error(), "has no index.html at its top")
		assert.Contains(t, err.Error(), "nothing was changed")
	})

	w.step("destroy leaves nothing behind", func(t *testing.T) {
		require.NoError(t, os.Rename(filepath.Join(w.projects, "hostui/site/home.html"), filepath.Join(w.projects, "hostui/site/index.html")))
		w.destroy(hostUIPlatform)
		assert.Equal(t, empty, w.inventory())
	})
}

func (w *world) siteBucket() string {
	w.t.Helper()
	buckets, err := w.s3().ListBuckets(w.t.Context(), &s3.ListBucketsInput{})
	require.NoError(w.t, err)
	require.Len(w.t, buckets.Buckets, 1)
	return aws.ToString(buckets.Buckets[0].Name)
}

// TestHostUIDomain serves the page under a name of one's own.
func TestHostUIDomain(t *testing.T) {
	t.Parallel()
	w := newHostUI(t)
	zone, err := route53.NewFromConfig(w.aws()).CreateHostedZone(context.Background(), &route53.CreateHostedZoneInput{
		Name: aws.String("apps.example.com"), CallerReference: aws.String("test")})
	require.NoError(t, err)
	id := strings.TrimPrefix(aws.ToString(zone.HostedZone.Id), "/hostedzone/")
	empty := w.inventory()
	configuration := w.read(hostUIPlatform + "/Pulumi.alpha.yaml")

	w.step("one half of the name is a warning", func(t *testing.T) {
		w.write(hostUIPlatform+"/Pulumi.alpha.yaml", configuration+"  platform:hostUiBaseDomain: apps.example.com\n")
		printed, err := w.stack(hostUIPlatform).Up(t.Context())
		require.NoError(t, err)
		assert.Contains(t, printed, "hostUiBaseDomain is set (platform:hostUiBaseDomain), but hostUiHostedZoneId is not")
		assert.Contains(t, printed, "REVENTLESS_HOST_UI_HOSTED_ZONE_ID")
		assert.Empty(t, w.site().Aliases)
	})

	w.step("both are a certificate, records and the name", func(t *testing.T) {
		w.write(hostUIPlatform+"/Pulumi.local.yaml", "hostUiHostedZoneId: "+id+"\nhostUiBaseName: shop\n")
		w.up(hostUIPlatform)
		outputs, err := w.stack(hostUIPlatform).Outputs(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "https://shop-alpha.apps.example.com", outputs["hostUiUrl"])
		assert.Equal(t, []string{"shop-alpha.apps.example.com"}, w.site().Aliases)
		listed := strings.Join(w.inventory(), "\n")
		assert.Contains(t, listed, "acm certificate arn:aws:acm:us-east-1:")
		for _, kind := range []string{"A", "AAAA"} {
			assert.Contains(t, listed, "route53 record "+id+" shop-alpha.apps.example.com. "+kind)
		}
		assert.Contains(t, listed, " CNAME")
		w.unchanged(hostUIPlatform)
	})

	w.step("a stack of production has the short name, with a new certificate", func(t *testing.T) {
		w.write(hostUIPlatform+"/Pulumi.local.yaml", "hostUiHostedZoneId: "+id+"\nhostUiBaseName: shop\nhostUiProdStacks: [alpha, prod]\n")
		w.up(hostUIPlatform)
		assert.Equal(t, []string{"shop.apps.example.com"}, w.site().Aliases)
		assert.NotContains(t, strings.Join(w.inventory(), "\n"), "shop-alpha.apps.example.com. A")
	})

	w.step("a name that is none is refused", func(t *testing.T) {
		w.write(hostUIPlatform+"/Pulumi.local.yaml", "hostUiHostedZoneId: "+id+"\nhostUiBaseName: my_shop\n")
		_, err := w.stack(hostUIPlatform).Preview(t.Context())
		require.Error(t, err)
		assert.Contains(t, err.Error(), `"my_shop-alpha" is no name for a web site`)
		assert.Contains(t, err.Error(), "Pulumi.local.yaml:2")
	})

	w.step("destroy leaves nothing behind", func(t *testing.T) {
		w.write(hostUIPlatform+"/Pulumi.local.yaml", "hostUiHostedZoneId: "+id+"\nhostUiBaseName: shop\n")
		w.destroy(hostUIPlatform)
		assert.Equal(t, empty, w.inventory())
	})
}

// TestUIBundles shows where plugins have their parts of the host UI.
func TestUIBundles(t *testing.T) {
	t.Parallel()
	w := newHostUI(t)
	w.up(hostUIPlatform)
	source := w.read("whole/source/Pulumi.yaml")
	w.write("whole/source/Pulumi.yaml", strings.Replace(source, "      version: ", "      uiBundleUrl: https://ui.example.com/source.js\n      version: ", 1))
	w.write("whole/source/Pulumi.alpha.yaml", strings.ReplaceAll(w.read("whole/source/Pulumi.alpha.yaml"), "whole-platform", "hostui-platform"))
	w.up("whole/source")
	client := w.client(hostUIPlatform)
	const query = `{ Platform_plugin(id: "source") { uiBundleUrl } }`
	shown := func() any { return w.ask(client, query)["Platform_plugin"].(map[string]any)["uiBundleUrl"] }
	assert.Equal(t, "https://ui.example.com/source.js", shown())
	w.unchanged("whole/source")

	w.edit("whole/source/Pulumi.yaml", "https://ui.example.com/source.js", "https://ui.example.com/v2.js")
	w.up("whole/source")
	assert.Equal(t, "https://ui.example.com/v2.js", shown(), "an address alone is a new connection")

	w.edit("whole/source/Pulumi.yaml", "https://ui.example.com/v2.js", "http://ui.example.com/v2.js")
	_, err := w.stack("whole/source").Preview(t.Context())
	require.ErrorContains(t, err, "http:// is for 127.0.0.1 and localhost only")
}
