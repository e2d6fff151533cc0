package pulumi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
)

// TestLocksInBucket sets the environment, which belongs to the whole process.
func TestLocksInBucket(t *testing.T) {
	for variable, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "/nowhere",
	} {
		t.Setenv(variable, value)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/states" {
			http.Error(w, "<Error><Code>NoSuchBucket</Code></Error>", http.StatusNotFound)
			return
		}
		fmt.Fprint(w, "<ListBucketResult>")
		if prefix := r.URL.Query().Get("prefix"); strings.HasSuffix(prefix, ".pulumi/locks/organization/shop/alpha/") {
			fmt.Fprintf(w, "<Contents><Key>%sabc.json</Key></Contents>", prefix)
		}
		fmt.Fprint(w, "</ListBucketResult>")
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	tests := map[string]struct {
		url, name, problem string
		want               []string
	}{
		"locked":          {"s3://states?region=eu-west-1&use_path_style=true&endpoint=" + server.URL, "organization/shop/alpha", "", []string{"s3://states/.pulumi/locks/organization/shop/alpha/abc.json"}},
		"in a folder":     {"s3://states/team/shop?region=eu-west-1&use_path_style=true&endpoint=" + server.URL, "organization/shop/alpha", "", []string{"s3://states/team/shop/.pulumi/locks/organization/shop/alpha/abc.json"}},
		"former words":    {"s3://states?region=eu-west-1&s3ForcePathStyle=true&disableSSL=true&endpoint=" + address, "organization/shop/alpha", "", []string{"s3://states/.pulumi/locks/organization/shop/alpha/abc.json"}},
		"another's":       {"s3://states?region=eu-west-1&use_path_style=true&endpoint=" + server.URL, "organization/shop/beta", "", nil},
		"no bucket":       {"s3://gone?region=eu-west-1&use_path_style=true&endpoint=" + server.URL, "organization/shop/beta", "list the locks in s3://gone/.pulumi/locks/organization/shop/beta/", nil},
		"without region":  {"s3://states", "organization/shop/alpha", "AWS_REGION", nil},
		"another backend": {"gs://states", "organization/shop/alpha", "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			locks, err := pulumi.Login{URL: test.url}.Locks(t.Context(), test.name)
			if test.problem != "" {
				require.ErrorContains(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, locks)
		})
	}
}
