package front

import (
	"errors"
	"net/http"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
	"github.com/reventless/pulumi-reventless/localaws/internal/sigv4"
)

// refusal is an error that answers a request in the form of a service.
type refusal interface {
	error
	Write(w http.ResponseWriter, service string)
}

// authorize answers a request with a role's credentials that is not signed with them, or that
// the role must not make; false says that it did. Every other request is the deploying
// user's and passes, however it is signed.
func (f *front) authorize(w http.ResponseWriter, r *http.Request, c *call) bool {
	if _, ok := f.Enforcer.Session(accessKey(r)); !ok {
		return true
	}
	if err := c.readBody(r); err != nil {
		http.Error(w, "read the request: "+err.Error(), http.StatusBadRequest)
		return false
	}
	err := f.check(r, c)
	if err == nil {
		return true
	}
	var refused refusal
	if !errors.As(err, &refused) {
		http.Error(w, "read the role's policies: "+err.Error(), http.StatusBadGateway)
		return false
	}
	f.Logger.Warn("denied", "service", c.service, "operation", c.operation, "reason", refused.Error())
	refused.Write(w, c.service)
	return false
}

// check verifies the signature, and then asks for the role that it stands for.
func (f *front) check(r *http.Request, c *call) error {
	verified, err := f.Enforcer.Verify(sigv4.Request{HTTP: r, Body: c.body})
	if err != nil {
		return err
	}
	session, ok := f.Enforcer.Session(verified)
	if !ok { // it has ended meanwhile
		return &enforcement.Unverified{Reason: sigv4.Unknown()}
	}
	needs := f.Enforcer.Needs(enforcement.Call{Service: c.service, Operation: c.operation, Request: r, Body: c.body, Form: c.form})
	return f.Enforcer.Check(r.Context(), session, needs...)
}

// authorizePlayed is authorize for a service of this repository, which reads the body
// itself.
func (f *front) authorizePlayed(w http.ResponseWriter, r *http.Request, service, operation string) bool {
	return f.authorize(w, r, &call{service: service, operation: operation})
}

// forgetPolicies lets the enforcer read roles anew after somebody may have changed them.
func (f *front) forgetPolicies(c *call) {
	if c.service == "iam" && !strings.HasPrefix(c.operation, "Get") && !strings.HasPrefix(c.operation, "List") {
		f.Enforcer.Forget()
	}
}
