package pulumi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/reventless/pulumi-reventless/cli/internal/awsconfig"
	"github.com/reventless/pulumi-reventless/cli/internal/stack"
)

// Locks are the files or objects that lock a stack, named in full, of a backend in a folder or
// in S3. Of other backends it cannot be told without an update; then, and when nobody holds
// the stack, there are none.
func (l Login) Locks(ctx context.Context, name string) ([]string, error) {
	if folder, found := l.folder(); found {
		return locksInFolder(filepath.Join(folder, ".pulumi", "locks", filepath.FromSlash(name)))
	}
	if backend, err := url.Parse(l.URL); err == nil && backend.Scheme == "s3" {
		return locksInBucket(ctx, backend, name)
	}
	return nil, nil
}

func locksInFolder(locks string) ([]string, error) {
	entries, err := os.ReadDir(locks)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() {
			files = append(files, filepath.Join(locks, entry.Name()))
		}
	}
	return files, nil
}

// locksInBucket asks S3. A stack has a lock or none, so that one answer has all.
func locksInBucket(ctx context.Context, backend *url.URL, name string) ([]string, error) {
	client, err := bucketClient(ctx, backend.Query())
	if err != nil {
		return nil, err
	}
	prefix := path.Join(strings.Trim(backend.Path, "/"), ".pulumi/locks", name) + "/"
	found, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &backend.Host, Prefix: &prefix})
	if err != nil {
		return nil, fmt.Errorf("list the locks in s3://%s/%s: %w", backend.Host, prefix, err)
	}
	var objects []string
	for _, object := range found.Contents {
		objects = append(objects, "s3://"+backend.Host+"/"+aws.ToString(object.Key))
	}
	return objects, nil
}

// bucketClient reaches S3 as a backend's URL says, in the words of now and of former versions.
// https://www.pulumi.com/docs/iac/concepts/state-and-backends/#aws-s3
func bucketClient(ctx context.Context, says url.Values) (*s3.Client, error) {
	config, err := awsconfig.Load(ctx, stack.Provider{Region: says.Get("region"), Profile: says.Get("profile")})
	if err != nil {
		return nil, err
	}
	return s3.NewFromConfig(config, func(options *s3.Options) {
		options.UsePathStyle = cmp.Or(says.Get("s3ForcePathStyle"), says.Get("use_path_style")) == "true"
		endpoint := says.Get("endpoint")
		if endpoint == "" {
			return
		}
		if !strings.Contains(endpoint, "://") {
			scheme := "https"
			if cmp.Or(says.Get("disableSSL"), says.Get("disable_https")) == "true" {
				scheme = "http"
			}
			endpoint = scheme + "://" + endpoint
		}
		options.BaseEndpoint = &endpoint
	}), nil
}

// folder is the folder of a backend of files: file:///path or file://~/path.
func (l Login) folder() (string, bool) {
	path, isFile := strings.CutPrefix(l.URL, "file://")
	if !isFile {
		return "", false
	}
	path, _, _ = strings.Cut(path, "?")
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	if rest, home := strings.CutPrefix(path, "~"); home {
		folder, err := os.UserHomeDir()
		return filepath.Join(folder, rest), err == nil
	}
	return filepath.FromSlash(path), filepath.IsAbs(filepath.FromSlash(path))
}
