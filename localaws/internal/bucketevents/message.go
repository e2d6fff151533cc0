package bucketevents

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/destination"
)

const eventTime = "2006-01-02T15:04:05.000Z"

// record is the API's event message structure, version 2.1.
type record struct {
	EventVersion      string            `json:"eventVersion"`
	EventSource       string            `json:"eventSource"`
	AWSRegion         string            `json:"awsRegion"`
	EventTime         string            `json:"eventTime"`
	EventName         string            `json:"eventName"`
	UserIdentity      map[string]string `json:"userIdentity"`
	RequestParameters map[string]string `json:"requestParameters"`
	ResponseElements  map[string]string `json:"responseElements"`
	S3                s3Entity          `json:"s3"`
}

type s3Entity struct {
	SchemaVersion   string       `json:"s3SchemaVersion"`
	ConfigurationID string       `json:"configurationId"`
	Bucket          bucketEntity `json:"bucket"`
	Object          objectEntity `json:"object"`
}

type bucketEntity struct {
	Name          string            `json:"name"`
	OwnerIdentity map[string]string `json:"ownerIdentity"`
	ARN           string            `json:"arn"`
}

type objectEntity struct {
	Key       string `json:"key"`
	Size      *int64 `json:"size,omitempty"`
	ETag      string `json:"eTag,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer"`
}

// notify sends an event to every destination that matches. It does not wait for them.
func (s *Service) notify(event, bucket string, about object) {
	happened, sequencer := time.Now(), fmt.Sprintf("%018X", s.sequence.Add(1))
	for _, t := range s.get(bucket).targets() {
		if !t.matches(event, about.key) {
			continue
		}
		text, err := json.Marshal(map[string]any{"Records": []record{s.record(t, event, bucket, about, happened, sequencer)}})
		if err != nil {
			s.options.Logger.Error("an event could not be written", "bucket", bucket, "key", about.key, "error", err)
			continue
		}
		s.start(func() { s.deliver(bucket, t, string(text)) })
	}
}

func (s *Service) record(t target, event, bucket string, about object, happened time.Time, sequencer string) record {
	principal := map[string]string{"principalId": "AWS:" + s.options.AccountID}
	version := about.version
	if version == "null" {
		version = ""
	}
	return record{EventVersion: "2.1", EventSource: "aws:s3", AWSRegion: s.options.Region, EventTime: happened.UTC().Format(eventTime),
		EventName: strings.TrimPrefix(event, "s3:"), UserIdentity: principal, RequestParameters: map[string]string{"sourceIPAddress": "127.0.0.1"},
		ResponseElements: map[string]string{"x-amz-request-id": rand.Text()[:16], "x-amz-id-2": rand.Text()},
		S3: s3Entity{SchemaVersion: "1.0", ConfigurationID: t.ID,
			Bucket: bucketEntity{Name: bucket, OwnerIdentity: map[string]string{"principalId": s.options.AccountID}, ARN: "arn:aws:s3:::" + bucket},
			Object: objectEntity{Key: encodedKey(about.key), Size: about.size, ETag: about.eTag, VersionID: version, Sequencer: sequencer}}}
}

// encodedKey is a key as events have it: form-encoded, with + for a space, but with
// its slashes.
func encodedKey(key string) string {
	return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/")
}

// deliver insists on sending a message, unless its destination does not let S3 in any more:
// then S3 drops it.
func (s *Service) deliver(bucket string, t target, body string) {
	if reason, err := s.refusal(s.ctx, bucket, t); err == nil && reason != "" {
		s.options.Logger.Warn("an event notification is dropped", "bucket", bucket, "destination", t.arn(), "reason", reason)
		return
	}
	err := destination.Insist(s.ctx, func(ctx context.Context) error { return s.send(ctx, t, body) })
	if err != nil {
		s.options.Logger.Error("an event notification is lost", "destination", t.arn(), "error", err)
	}
}

func (s *Service) send(ctx context.Context, t target, body string) error {
	if t.Function != "" {
		return s.options.Functions.InvokeLater(t.Function, []byte(body))
	}
	return s.options.Destinations.Send(ctx, t.arn(), destination.Message{Body: body})
}

// sendTestEvents tells queues and topics that they were configured.
func (s *Service) sendTestEvents(ctx context.Context, bucket string, c configuration) error {
	text, err := json.Marshal(map[string]string{"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": time.Now().UTC().Format(eventTime),
		"Bucket": bucket, "RequestId": rand.Text()[:16], "HostId": rand.Text()})
	sent := map[string]bool{}
	for _, t := range c.targets() {
		if t.Function != "" || sent[t.arn()] || err != nil {
			continue
		}
		sent[t.arn()] = true
		err = s.send(ctx, t, string(text))
	}
	return err
}
