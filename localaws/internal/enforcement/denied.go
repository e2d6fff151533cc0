package enforcement

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// Denied says that a role may not do something, in AWS's words.
type Denied struct {
	Session Session
	Need    Need
	// Explicit says that a statement denies it, not that none allows it.
	Explicit bool
	// Unknown are condition operators that the local AWS does not know.
	Unknown []string
}

// Error is AWS's text.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (d *Denied) Error() string {
	action := d.Need.Action
	switch service, operation, _ := strings.Cut(action, ":"); service {
	case "sqs":
		action = service + ":" + strings.ToLower(operation)
	case "sns":
		action = "SNS:" + operation
	}
	text := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
		d.Session.ARN(), action, d.Need.Resource, action)
	if d.Explicit {
		text = fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s with an explicit deny in an identity-based policy", d.Session.ARN(), action, d.Need.Resource)
	}
	if len(d.Unknown) > 0 {
		text += " (the local AWS does not know the condition operators " + strings.Join(d.Unknown, ", ") + ")"
	}
	return text
}

// ErrorCode is the error's code in most services.
func (d *Denied) ErrorCode() string { return "AccessDeniedException" }

// NotAssumable says that a service may not take on a role.
type NotAssumable struct{ RoleARN, Service, SourceARN string }

// Error says so.
func (n *NotAssumable) Error() string {
	return fmt.Sprintf("Unable to assume role %s: it does not exist, or its trust policy does not let %s take it on for %s", n.RoleARN, n.Service, n.SourceARN)
}

// ErrorCode is the error's code in most services.
func (n *NotAssumable) ErrorCode() string { return "AccessDeniedException" }

// Write answers a request of a service.
func (d *Denied) Write(w http.ResponseWriter, service string) {
	id := uuid.NewString()
	w.Header().Set("X-Amzn-RequestId", id)
	switch service {
	case "dynamodb", "dynamodbstreams":
		writeJSON(w, http.StatusBadRequest, "application/x-amz-json-1.0", map[string]string{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": d.Error()})
	case "logs":
		writeJSON(w, http.StatusBadRequest, "application/x-amz-json-1.1", map[string]string{"__type": "AccessDeniedException", "message": d.Error()})
	case "sqs":
		w.Header().Set("x-amzn-query-error", "AccessDenied;Sender")
		writeJSON(w, http.StatusForbidden, "application/x-amz-json-1.0", map[string]string{"__type": "com.amazon.coral.service#AccessDeniedException", "message": d.Error()})
	case "sns":
		writeQuery(w, "http://sns.amazonaws.com/doc/2010-03-31/", "AuthorizationError", d.Error(), id)
	case "iam", "sts":
		writeQuery(w, "https://iam.amazonaws.com/doc/2010-05-08/", "AccessDenied", d.Error(), id)
	case "s3":
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		writeXML(w, struct {
			XMLName                  xml.Name `xml:"Error"`
			Code, Message, RequestID string
		}{Code: "AccessDenied", Message: d.Error(), RequestID: id})
	default:
		w.Header().Set("X-Amzn-ErrorType", d.ErrorCode())
		writeJSON(w, http.StatusForbidden, "application/json", map[string]string{"Message": d.Error()})
	}
}

func writeJSON(w http.ResponseWriter, status int, contentType string, body map[string]string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func writeQuery(w http.ResponseWriter, namespace, code, message, id string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusForbidden)
	writeXML(w, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Namespace: namespace, Type: "Sender", Code: code, Message: message, RequestID: id})
}

func writeXML(w http.ResponseWriter, content any) { _ = xml.NewEncoder(w).Encode(content) }
