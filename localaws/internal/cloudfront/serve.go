package cloudfront

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/localaws/internal/policy"
)

// principal is CloudFront in policies of buckets.
const principal = "cloudfront.amazonaws.com"

// serve answers a request to a distribution.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, id string) {
	s.mutex.Lock()
	config, headers := s.configOf(id)
	s.mutex.Unlock()
	headers.set(w.Header())
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "This distribution is not configured to allow the HTTP request method.", http.StatusForbidden)
		return
	}
	key := strings.TrimPrefix(r.URL.Path, "/")
	if key == "" {
		key = config.DefaultRootObject
	}
	object, status := s.fetch(r.Context(), id, config, key)
	for _, page := range config.CustomErrorResponses {
		if object == nil && page.ErrorCode == status && page.ResponsePagePath != "" {
			if object, _ = s.fetch(r.Context(), id, config, strings.TrimPrefix(page.ResponsePagePath, "/")); object != nil {
				status = page.ResponseCode
			}
			break
		}
	}
	if object == nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	defer func() { _ = object.Body.Close() }()
	give(w, r, object, status)
}

func (s *Service) configOf(id string) (distributionConfig, headersConfig) {
	t := s.things[id]
	if t == nil {
		return distributionConfig{}, headersConfig{}
	}
	if found := s.find(headersPolicies, t.distribution.DefaultCacheBehavior.ResponseHeadersPolicyID); found != nil {
		return t.distribution, found.headers
	}
	return t.distribution, headersConfig{}
}

// fetch reads an object from the origin, or says with which status the origin refuses it.
func (s *Service) fetch(ctx context.Context, id string, config distributionConfig, key string) (*s3.GetObjectOutput, int) {
	bucket := config.bucket()
	allowed := func(action, resource string) bool {
		return policy.Allows(s.Policy(bucket), policy.Request{
			Service: principal, Action: action, Resource: "arn:aws:s3:::" + resource,
			Context: map[string]string{"aws:SourceArn": s.arn(id), "aws:SourceAccount": s.AccountID, "aws:SecureTransport": "true"},
		})
	}
	if bucket == "" || !allowed("s3:GetObject", bucket+"/"+key) {
		return nil, http.StatusForbidden
	}
	object, err := s.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	var refused smithy.APIError
	switch {
	case err == nil:
		return object, http.StatusOK
	case !errors.As(err, &refused):
		s.Logger.Warn("an object cannot be read", "bucket", bucket, "key", key, "error", err)
		return nil, http.StatusBadGateway
	case refused.ErrorCode() == "NoSuchKey" && !allowed("s3:ListBucket", bucket):
		return nil, http.StatusForbidden // S3 does not tell what is missing to who may not list
	}
	return nil, http.StatusNotFound
}

// bucket is the bucket of the default behaviour's origin, "" without an origin access
// control: then requests are not signed, and the bucket is private.
func (c distributionConfig) bucket() string {
	for _, o := range c.Origins {
		name, rest, _ := strings.Cut(o.DomainName, ".s3.")
		if o.ID == c.DefaultCacheBehavior.TargetOriginID && o.OriginAccessControlID != "" && rest != "" {
			return name
		}
	}
	return ""
}

// give answers an object, or that the browser's own is still the same.
func give(w http.ResponseWriter, r *http.Request, object *s3.GetObjectOutput, status int) {
	h := w.Header()
	for name, value := range map[string]*string{"Content-Type": object.ContentType, "Cache-Control": object.CacheControl,
		"Content-Encoding": object.ContentEncoding, "ETag": object.ETag} {
		if text := aws.ToString(value); text != "" {
			h.Set(name, text)
		}
	}
	if etag := aws.ToString(object.ETag); status == http.StatusOK && etag != "" && r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if object.ContentLength != nil {
		h.Set("Content-Length", strconv.FormatInt(*object.ContentLength, 10))
	}
	w.WriteHeader(status)
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, object.Body)
	}
}

// set sets the headers of a policy.
func (c headersConfig) set(h http.Header) {
	config := c.SecurityHeadersConfig
	if p := config.ContentSecurityPolicy; p != nil {
		h.Set("Content-Security-Policy", p.ContentSecurityPolicy)
	}
	if config.ContentTypeOptions != nil {
		h.Set("X-Content-Type-Options", "nosniff")
	}
	if p := config.FrameOptions; p != nil {
		h.Set("X-Frame-Options", p.FrameOption)
	}
	if p := config.ReferrerPolicy; p != nil {
		h.Set("Referrer-Policy", p.ReferrerPolicy)
	}
	if p := config.StrictTransportSecurity; p != nil {
		value := fmt.Sprintf("max-age=%d", p.AccessControlMaxAgeSec)
		if p.IncludeSubdomains {
			value += "; includeSubDomains"
		}
		if p.Preload {
			value += "; preload"
		}
		h.Set("Strict-Transport-Security", value)
	}
}
