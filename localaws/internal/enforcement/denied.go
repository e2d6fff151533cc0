package enforcement

import (
	"fmt"
	"net/http"
	"strings"
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
	code := "AccessDenied"
	if service == "sns" {
		code = "AuthorizationError"
	}
	answer{json: d.ErrorCode(), query: code, s3: "AccessDenied", message: d.Error()}.write(w, service)
}
