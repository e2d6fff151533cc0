package awsprovider

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

const bucketType = "aws:s3/bucketV2:BucketV2"

func TestBucket(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	l := newLab(t, p, bucketType, "Uploads")
	planned := property.Map(l.previewCreate(property.Values{}))
	assert.Regexp(t, `^uploads-[0-9a-f]{7}$`, planned.String("bucket"))
	inputs := property.Values{"forceDestroy": true, "tags": map[string]string{"a": "b"}}
	state := l.create(inputs)
	assert.Equal(t, "arn:aws:s3:::"+l.id, state.String("arn"))
	assert.Equal(t, l.id+".s3.eu-west-1.amazonaws.com", state.String("bucketRegionalDomainName"))
	require.True(t, l.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(inputs).GetChanges())
	state = l.update(property.Values{"forceDestroy": true, "tags": map[string]string{"c": "d"}})
	assert.Equal(t, map[string]string{"c": "d"}, state.StringMap("tags"))
	assert.Equal(t, []string{"bucket"}, l.diff(property.Values{"bucket": "another-name", "forceDestroy": true, "tags": map[string]string{"c": "d"}}).GetReplaces())

	for range 2 {
		_, err := p.clients.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &l.id, Key: aws.String("k"), Body: strings.NewReader("v")})
		require.NoError(t, err)
	}
	l.update(property.Values{})
	require.ErrorContains(t, l.tryDelete(), "BucketNotEmpty")
	l.update(property.Values{"forceDestroy": true})
	require.NoError(t, l.tryDelete())
	assert.False(t, l.refresh())
}

func TestBucketRefusesInlineSettings(t *testing.T) {
	t.Parallel()
	l := newLab(t, connectedTo(motoEndpoint), bucketType, "b")
	_, failures := l.check(property.Values{"bucket": "Not_Valid", "policy": "{}", "versionings": []any{property.Values{"enabled": true}}})
	var paths []string
	for _, f := range failures {
		paths = append(paths, f.GetProperty())
	}
	assert.ElementsMatch(t, []string{"bucket", "policy", "versionings"}, paths)
}

// TestBucketSettings creates, refreshes, changes and deletes each setting of a bucket.
func TestBucketSettings(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	bucket := newLab(t, p, bucketType, "settings")
	arn := bucket.create(property.Values{}).String("arn")
	queue := newLab(t, p, queueType, "notified")
	queueARN := queue.create(property.Values{}).String("arn")
	document := func(action string) property.Values {
		return property.Values{"Version": "2012-10-17", "Statement": []any{property.Values{"Effect": "Deny", "Principal": "*", "Action": []any{action}, "Resource": arn + "/*"}}}
	}
	rule := func(more property.Values) property.Values {
		all := property.Values{"id": "expire", "status": "Enabled"}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	cases := map[string]struct{ first, second property.Values }{
		"aws:s3/bucketVersioningV2:BucketVersioningV2": {
			property.Values{"versioningConfiguration": property.Values{"status": "Enabled"}},
			property.Values{"versioningConfiguration": property.Values{"status": "Suspended"}}},
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
			property.Values{"rules": []any{property.Values{"applyServerSideEncryptionByDefault": property.Values{"sseAlgorithm": "AES256"}}}},
			property.Values{"rules": []any{property.Values{"bucketKeyEnabled": true, "applyServerSideEncryptionByDefault": property.Values{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"}}}}},
		"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
			property.Values{"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true},
			property.Values{"blockPublicAcls": true}},
		"aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
			property.Values{"rule": property.Values{"objectOwnership": "BucketOwnerEnforced"}},
			property.Values{"rule": property.Values{"objectOwnership": "ObjectWriter"}}},
		"aws:s3/bucketPolicy:BucketPolicy": {
			property.Values{"policy": document("s3:GetObject")}, property.Values{"policy": document("s3:PutObject")}},
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
			property.Values{"rules": []any{rule(property.Values{"expiration": property.Values{"days": 30}, "abortIncompleteMultipartUpload": property.Values{"daysAfterInitiation": 1}})}},
			property.Values{"rules": []any{rule(property.Values{"filter": property.Values{"prefix": ""}, "noncurrentVersionExpiration": property.Values{"noncurrentDays": 7}})}}},
		"aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": {
			property.Values{"corsRules": []any{property.Values{"allowedMethods": []any{"PUT", "GET"}, "allowedOrigins": []any{"*"}}}},
			property.Values{"corsRules": []any{property.Values{"allowedMethods": []any{"GET"}, "allowedOrigins": []any{"*"}, "allowedHeaders": []any{"*"}, "maxAgeSeconds": 60}}}},
		"aws:s3/bucketNotification:BucketNotification": {
			property.Values{"queues": []any{property.Values{"queueArn": queueARN, "events": []any{"s3:ObjectCreated:*"}, "filterPrefix": "in/", "filterSuffix": ".csv"}}},
			property.Values{"queues": []any{property.Values{"id": "mine", "queueArn": queueARN, "events": []any{"s3:ObjectRemoved:*", "s3:ObjectCreated:Put"}}}}},
	}
	for token, c := range cases {
		t.Run(token, func(t *testing.T) {
			l := newLab(t, p, token, "setting")
			c.first["bucket"], c.second["bucket"] = bucket.id, bucket.id
			l.create(c.first)
			assert.Equal(t, bucket.id, l.id)
			require.True(t, l.refresh())
			assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(c.first).GetChanges(), "no drift: %v", l.diff(c.first).GetDetailedDiff())
			assert.Equal(t, rpc.DiffResponse_DIFF_SOME, l.diff(c.second).GetChanges())
			assert.Empty(t, l.diff(c.second).GetReplaces())
			l.update(c.second)
			require.True(t, l.refresh())
			assert.Equal(t, rpc.DiffResponse_DIFF_NONE, l.diff(c.second).GetChanges(), "no drift: %v", l.diff(c.second).GetDetailedDiff())
			require.NoError(t, l.tryDelete())
			if !strings.Contains(token, "Versioning") {
				assert.False(t, l.refresh())
			}
		})
	}
	for _, l := range []*lab{bucket, queue} {
		require.NoError(t, l.tryDelete())
	}
}

// TestNotificationNeedsAnOpenQueue runs against the whole local AWS, which checks what
// S3 may send to.
func TestNotificationNeedsAnOpenQueue(t *testing.T) {
	t.Parallel()
	server, err := localaws.Start(t.Context(), localaws.Options{Region: "eu-west-1", MotoCommand: motoCommand()})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	p := connectedTo(server.URL())
	bucket, queue := newLab(t, p, bucketType, "uploads"), newLab(t, p, queueType, "uploads")
	arn := bucket.create(property.Values{"forceDestroy": true}).String("arn")
	queueARN := queue.create(property.Values{}).String("arn")

	policy := newLab(t, p, "aws:sqs/queuePolicy:QueuePolicy", "uploads")
	policy.create(property.Values{"queueUrl": queue.id, "policy": property.Values{"Version": "2012-10-17", "Statement": []any{property.Values{"Effect": "Allow",
		"Principal": property.Values{"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queueARN,
		"Condition": property.Values{"ArnLike": property.Values{"aws:SourceArn": arn}, "StringEquals": property.Values{"aws:SourceAccount": "123456789012"}}}}}})
	notification := newLab(t, p, "aws:s3/bucketNotification:BucketNotification", "uploads")
	inputs := property.Values{"bucket": bucket.id, "queues": []any{property.Values{"queueArn": queueARN, "events": []any{"s3:ObjectCreated:*"}, "filterPrefix": "in/"}}}
	notification.create(inputs)
	require.True(t, notification.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, notification.diff(inputs).GetChanges(), "no drift: %v", notification.diff(inputs).GetDetailedDiff())

	for _, l := range []*lab{notification, policy, queue, bucket} {
		require.NoError(t, l.tryDelete())
		if l != policy {
			assert.False(t, l.refresh())
		}
	}
	response, err := http.Get(server.URL() + "/_localaws/inventory")
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	_ = response.Body.Close()
	assert.JSONEq(t, `[]`, string(text))
}
