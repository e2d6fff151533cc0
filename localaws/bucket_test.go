package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type bucketBed struct {
	*bed
	s3     *s3.Client
	bucket string
}

func newBucketBed(t *testing.T, versioned bool) *bucketBed {
	b := &bucketBed{bed: newBed(t, server), s3: s3.NewFromConfig(config(server))}
	b.bucket = strings.ToLower(b.name)
	_, err := b.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &b.bucket, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: DefaultRegion}})
	require.NoError(t, err)
	if versioned {
		_, err = b.s3.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &b.bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
		require.NoError(t, err)
	}
	return b
}

// open lets S3 send to a queue on behalf of the bucket.
func (b *bucketBed) open(url, arn string) {
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":%q,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::%s"},"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`, arn, b.bucket)
	_, err := b.sqs.SetQueueAttributes(b.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{"Policy": policy}})
	require.NoError(b, err)
}

func (b *bucketBed) configure(queues []types.QueueConfiguration, functions []types.LambdaFunctionConfiguration) error {
	_, err := b.s3.PutBucketNotificationConfiguration(b.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: &b.bucket,
		NotificationConfiguration: &types.NotificationConfiguration{QueueConfigurations: queues, LambdaFunctionConfigurations: functions}})
	return err
}

func (b *bucketBed) upload(key, body string) {
	_, err := b.s3.PutObject(b.Context(), &s3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: strings.NewReader(body)})
	require.NoError(b, err)
}

type bucketEvent struct {
	EventName, EventTime, AwsRegion, EventSource string
	S3                                           struct {
		ConfigurationID string
		Bucket          struct{ Name, ARN string }
		Object          struct {
			Key, ETag, VersionID, Sequencer string
			Size                            *int64
		}
	}
}

func (b *bucketBed) events(url string, count int) map[string]bucketEvent {
	b.Helper()
	all := map[string]bucketEvent{}
	b.eventually(fmt.Sprintf("%d events", count), func() bool {
		for _, body := range b.receiveAll(url) {
			var e struct{ Records []bucketEvent }
			require.NoError(b, json.Unmarshal([]byte(body), &e))
			for _, r := range e.Records {
				all[r.EventName+" "+r.S3.Object.Key] = r
			}
		}
		return len(all) >= count
	})
	assert.Len(b, all, count)
	return all
}

func TestBucketNotificationsToQueue(t *testing.T) {
	t.Parallel()
	b := newBucketBed(t, true)
	url, arn := b.queue(b.name, nil)
	b.open(url, arn)
	require.NoError(t, b.configure([]types.QueueConfiguration{{Id: aws.String("uploads"), QueueArn: &arn, Events: []types.Event{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"},
		Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "Prefix", Value: aws.String("in/")}, {Name: "suffix", Value: aws.String(".csv")}}}}}}, nil))
	assert.Contains(t, b.receive(url), `"Event":"s3:TestEvent"`)
	b.receiveAll(url)

	for _, key := range []string{"in/my file (ä)+1.csv", "in/other.txt", "out/x.csv"} {
		b.upload(key, "hello")
	}
	made := b.events(url, 1)["ObjectCreated:Put in/my+file+%28%C3%A4%29%2B1.csv"]
	assert.Equal(t, "aws:s3", made.EventSource)
	assert.Equal(t, DefaultRegion, made.AwsRegion)
	assert.Equal(t, "uploads", made.S3.ConfigurationID)
	assert.Equal(t, b.bucket, made.S3.Bucket.Name)
	assert.Equal(t, "5d41402abc4b2a76b9719d911017c592", made.S3.Object.ETag)
	assert.Equal(t, int64(5), *made.S3.Object.Size)
	assert.NotEmpty(t, made.S3.Object.VersionID)
	assert.True(t, strings.HasSuffix(made.EventTime, "Z"))

	copySource := b.bucket + "/out/x.csv"
	_, err := b.s3.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &b.bucket, Key: aws.String("in/copy.csv"), CopySource: &copySource})
	require.NoError(t, err)
	b.events(url, 1)
	b.multipart("in/large.csv")
	b.form("in/${filename}", "form.csv")
	events := b.events(url, 2)
	assert.Contains(t, events, "ObjectCreated:CompleteMultipartUpload in/large.csv")
	assert.Contains(t, events, "ObjectCreated:Post in/form.csv")

	_, err = b.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b.bucket, Key: aws.String("in/copy.csv")})
	require.NoError(t, err)
	marker := b.events(url, 1)["ObjectRemoved:DeleteMarkerCreated in/copy.csv"]
	assert.NotEmpty(t, marker.S3.Object.VersionID)
	assert.Nil(t, marker.S3.Object.Size)
	_, err = b.s3.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: &b.bucket, Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: aws.String("in/copy.csv"), VersionId: &marker.S3.Object.VersionID}, {Key: aws.String("in/large.csv")}}}})
	require.NoError(t, err)
	events = b.events(url, 2)
	assert.Equal(t, marker.S3.Object.VersionID, events["ObjectRemoved:Delete in/copy.csv"].S3.Object.VersionID)
	assert.Contains(t, events, "ObjectRemoved:DeleteMarkerCreated in/large.csv")
}

func (b *bucketBed) multipart(key string) {
	started, err := b.s3.CreateMultipartUpload(b.Context(), &s3.CreateMultipartUploadInput{Bucket: &b.bucket, Key: &key})
	require.NoError(b, err)
	part, err := b.s3.UploadPart(b.Context(), &s3.UploadPartInput{Bucket: &b.bucket, Key: &key, UploadId: started.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("part")})
	require.NoError(b, err)
	_, err = b.s3.CompleteMultipartUpload(b.Context(), &s3.CompleteMultipartUploadInput{Bucket: &b.bucket, Key: &key, UploadId: started.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}}})
	require.NoError(b, err)
}

// form uploads as the form of a web page does.
func (b *bucketBed) form(key, file string) {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	require.NoError(b, writer.WriteField("key", key))
	part, err := writer.CreateFormFile("file", file)
	require.NoError(b, err)
	_, err = io.WriteString(part, "content")
	require.NoError(b, err)
	require.NoError(b, writer.Close())
	response, err := http.Post(b.server.URL()+"/"+b.bucket, writer.FormDataContentType(), &body)
	require.NoError(b, err)
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	require.Less(b, response.StatusCode, 300, string(text))
}

func TestBucketNotificationsToFunction(t *testing.T) {
	t.Parallel()
	b := newBucketBed(t, false)
	events := b.function()
	function := "arn:aws:lambda:" + DefaultRegion + ":" + DefaultAccountID + ":function:" + b.name
	to := []types.LambdaFunctionConfiguration{{LambdaFunctionArn: &function, Events: []types.Event{"s3:ObjectCreated:Put"}}}
	err := b.configure(nil, to)
	require.ErrorContains(t, err, "Unable to validate the following destination configurations")
	_, err = b.lambda.AddPermission(t.Context(), &lambda.AddPermissionInput{FunctionName: &b.name, StatementId: aws.String("s3"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("s3.amazonaws.com"), SourceArn: aws.String("arn:aws:s3:::" + b.bucket), SourceAccount: aws.String(DefaultAccountID)})
	require.NoError(t, err)
	require.NoError(t, b.configure(nil, to))
	b.upload("k", "v")
	b.eventually("invoked", func() bool { return len(events()) == 1 })
	assert.Equal(t, "aws:s3", events()[0].Records[0].EventSource)
}

func TestBucketNotificationOfPresignedUpload(t *testing.T) {
	t.Parallel()
	b := newBucketBed(t, true)
	url, arn := b.queue(b.name, nil)
	b.open(url, arn)
	require.NoError(t, b.configure([]types.QueueConfiguration{{QueueArn: &arn, Events: []types.Event{"s3:ObjectCreated:Put"}}}, nil))
	b.receive(url)
	presigned, err := s3.NewPresignClient(b.s3).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: &b.bucket, Key: aws.String("in/a b.txt")})
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), presigned.Method, presigned.URL, strings.NewReader("by a browser"))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_ = response.Body.Close()
	require.Equal(t, 200, response.StatusCode)
	b.eventually("event", func() bool {
		for _, body := range b.receiveAll(url) {
			if strings.Contains(body, `"key":"in/a+b.txt","size":12`) {
				return true
			}
		}
		return false
	})
}

func TestBucketNotificationConfiguration(t *testing.T) {
	t.Parallel()
	b := newBucketBed(t, false)
	url, arn := b.queue(b.name, nil)
	_, fifo := b.queue(b.name+".fifo", nil)
	all := []types.Event{"s3:ObjectCreated:*"}
	prefixed := func(id, prefix string) types.QueueConfiguration {
		return types.QueueConfiguration{Id: &id, QueueArn: &arn, Events: all, Filter: &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: []types.FilterRule{{Name: "prefix", Value: &prefix}}}}}
	}
	refused := "Unable to validate the following destination configurations"
	require.ErrorContains(t, b.configure([]types.QueueConfiguration{{QueueArn: &arn, Events: all}}, nil), refused)
	b.open(url, arn)
	require.ErrorContains(t, b.configure([]types.QueueConfiguration{{QueueArn: &fifo, Events: all}}, nil), refused)
	require.ErrorContains(t, b.configure([]types.QueueConfiguration{{QueueArn: aws.String(arn + "x"), Events: all}}, nil), refused)
	require.ErrorContains(t, b.configure([]types.QueueConfiguration{{QueueArn: &arn, Events: []types.Event{"s3:Nothing"}}}, nil), "not supported")
	require.ErrorContains(t, b.configure([]types.QueueConfiguration{prefixed("a", "in/"), prefixed("b", "in/x")}, nil), "ambiguously defined")
	require.NoError(t, b.configure([]types.QueueConfiguration{prefixed("a", "in/"), prefixed("b", "out/")}, nil))

	got, err := b.s3.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: &b.bucket})
	require.NoError(t, err)
	require.Len(t, got.QueueConfigurations, 2)
	assert.Equal(t, "in/", *got.QueueConfigurations[0].Filter.Key.FilterRules[0].Value)
	require.NoError(t, b.configure(nil, nil))
	b.receiveAll(url)
	b.upload("in/a", "x")
	assert.Empty(t, b.receiveAll(url))
	_, err = b.s3.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: aws.String(b.bucket + "-x")})
	require.ErrorContains(t, err, "NoSuchBucket")
}
