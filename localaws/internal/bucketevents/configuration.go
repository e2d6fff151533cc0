package bucketevents

import (
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// maxTargets is the number of notification configurations that a bucket may have.
const maxTargets = 100

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// configuration is the API's NotificationConfiguration.
type configuration struct {
	XMLName     xml.Name  `xml:"NotificationConfiguration"`
	Namespace   string    `xml:"xmlns,attr,omitempty"`
	Topics      []target  `xml:"TopicConfiguration"`
	Queues      []target  `xml:"QueueConfiguration"`
	Functions   []target  `xml:"CloudFunctionConfiguration"`
	EventBridge *struct{} `xml:"EventBridgeConfiguration"`
}

// target is one destination with its events and filter.
type target struct {
	ID       string   `xml:"Id"`
	Topic    string   `xml:"Topic,omitempty"`
	Queue    string   `xml:"Queue,omitempty"`
	Function string   `xml:"CloudFunction,omitempty"`
	Events   []string `xml:"Event"`
	Rules    []rule   `xml:"Filter>S3Key>FilterRule"`
}

type rule struct {
	Name, Value string
}

func (t target) arn() string { return t.Topic + t.Queue + t.Function }

func (t target) rule(name string) string {
	for _, r := range t.Rules {
		if strings.EqualFold(r.Name, name) {
			return r.Value
		}
	}
	return ""
}

func (t target) matches(event, key string) bool {
	return slices.ContainsFunc(t.Events, func(wanted string) bool { return covers(wanted, event) }) &&
		strings.HasPrefix(key, t.rule("prefix")) && strings.HasSuffix(key, t.rule("suffix"))
}

// covers says whether an event type, which may end with *, takes an event.
func covers(wanted, event string) bool {
	prefix, isGroup := strings.CutSuffix(wanted, "*")
	return wanted == event || isGroup && strings.HasPrefix(event, prefix)
}

func (c configuration) targets() []target {
	return slices.Concat(c.Topics, c.Queues, c.Functions)
}

// eventTypes are those that AWS knows. Those of other groups than objects made and
// removed are taken, but never happen here.
var eventTypes = []string{"s3:ObjectCreated:*", eventPut, eventPost, eventCopy, eventMultipart, "s3:ObjectRemoved:*", eventDelete, eventMarker,
	"s3:ReducedRedundancyLostObject", "s3:ObjectRestore:*", "s3:ObjectRestore:Post", "s3:ObjectRestore:Completed", "s3:ObjectRestore:Delete",
	"s3:Replication:*", "s3:Replication:OperationFailedReplication", "s3:Replication:OperationNotTracked", "s3:Replication:OperationMissedThreshold",
	"s3:Replication:OperationReplicatedAfterThreshold", "s3:LifecycleTransition", "s3:LifecycleExpiration:*", "s3:LifecycleExpiration:Delete",
	"s3:LifecycleExpiration:DeleteMarkerCreated", "s3:IntelligentTiering", "s3:ObjectAcl:Put", "s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete"}

// serveConfiguration gets or puts a bucket's configuration.
func (s *Service) serveConfiguration(w http.ResponseWriter, r *http.Request, bucket string) {
	if _, err := s.options.S3.HeadBucket(r.Context(), &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		var api smithy.APIError
		if errors.As(err, &api) && (api.ErrorCode() == "NotFound" || api.ErrorCode() == "NoSuchBucket") {
			writeError(w, &s3Error{Status: http.StatusNotFound, Code: "NoSuchBucket", Message: "The specified bucket does not exist", Bucket: bucket})
			return
		}
		writeError(w, err)
		return
	}
	switch r.Method {
	case http.MethodGet:
		c := s.get(bucket)
		c.Namespace = namespace
		w.Header().Set("Content-Type", "application/xml")
		_ = xml.NewEncoder(w).Encode(c)
	case http.MethodPut:
		if err := s.put(r, bucket); err != nil {
			writeError(w, err)
		}
	default:
		writeError(w, &s3Error{Status: http.StatusMethodNotAllowed, Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource."})
	}
}

func (s *Service) put(r *http.Request, bucket string) error {
	body, err := restjson.Body(r, 1<<20)
	if err != nil {
		return err
	}
	var c configuration
	if err := xml.Unmarshal(body, &c); err != nil {
		return errMalformed
	}
	c.XMLName.Space = ""
	for _, list := range [][]target{c.Topics, c.Queues, c.Functions} {
		for i := range list {
			if list[i].ID == "" {
				list[i].ID = rand.Text()
			}
		}
	}
	if err := c.check(); err != nil {
		return err
	}
	if !strings.EqualFold(r.Header.Get("X-Amz-Skip-Destination-Validation"), "true") {
		if err := s.checkDestinations(r.Context(), bucket, c); err != nil {
			return err
		}
		if err := s.sendTestEvents(r.Context(), bucket, c); err != nil {
			return err
		}
	}
	s.set(bucket, c)
	return nil
}

// check checks what needs no other resource.
func (c configuration) check() error {
	all := c.targets()
	if len(all) > maxTargets {
		return invalidArgument("", "", "The number of notification configurations (%d) is more than the allowed %d", len(all), maxTargets)
	}
	ids := map[string]bool{}
	for i, t := range all {
		switch {
		case t.arn() == "" || len(t.Events) == 0:
			return errMalformed
		case ids[t.ID]:
			return invalidArgument("Id", t.ID, "Configurations must have unique ids")
		}
		ids[t.ID] = true
		if err := t.check(); err != nil {
			return err
		}
		for _, other := range all[:i] {
			if t.overlaps(other) {
				return invalidArgument("", "", "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.")
			}
		}
	}
	return nil
}

func (t target) check() error {
	for _, event := range t.Events {
		if !slices.Contains(eventTypes, event) {
			return invalidArgument("Event", event, "A specified event is not supported for notifications.")
		}
	}
	for i, r := range t.Rules {
		name := strings.ToLower(r.Name)
		if name != "prefix" && name != "suffix" {
			return invalidArgument("FilterRule.Name", r.Name, "filter rule name must be either prefix or suffix")
		}
		if slices.ContainsFunc(t.Rules[:i], func(other rule) bool { return strings.EqualFold(other.Name, r.Name) }) {
			return invalidArgument("FilterRule.Name", r.Name, "Cannot specify more than one %s rule in a filter.", name)
		}
	}
	return nil
}

// overlaps says whether one object could match both targets: AWS allows one
// destination for each event of an object.
func (t target) overlaps(other target) bool {
	shared := slices.ContainsFunc(t.Events, func(a string) bool {
		return slices.ContainsFunc(other.Events, func(b string) bool { return covers(a, b) || covers(b, a) })
	})
	a, b := t.rule("prefix"), other.rule("prefix")
	prefixes := strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
	a, b = t.rule("suffix"), other.rule("suffix")
	return shared && prefixes && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a))
}

// s3Error is an error of S3.
type s3Error struct {
	XMLName       xml.Name `xml:"Error"`
	Status        int      `xml:"-"`
	Code          string
	Message       string
	Bucket        string `xml:"BucketName,omitempty"`
	ArgumentName  string `xml:"ArgumentName1,omitempty"`
	ArgumentValue string `xml:"ArgumentValue1,omitempty"`
	RequestID     string `xml:"RequestId"`
}

func (e *s3Error) Error() string { return e.Code + ": " + e.Message }

var errMalformed = &s3Error{Status: http.StatusBadRequest, Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema"}

func invalidArgument(name, value, format string, arguments ...any) error {
	return &s3Error{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: fmt.Sprintf(format, arguments...), ArgumentName: name, ArgumentValue: value}
}

func writeError(w http.ResponseWriter, err error) {
	var known *s3Error
	if !errors.As(err, &known) {
		known = &s3Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: err.Error()}
	}
	answer := *known
	answer.RequestID = rand.Text()
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(answer.Status)
	_ = xml.NewEncoder(w).Encode(answer)
}
