package front

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
)

// authorize answers a request that its role must not make; false says that it did. A
// request of the deploying user always passes.
func (f *front) authorize(w http.ResponseWriter, r *http.Request, c *call) bool {
	session, ok := f.Enforcer.Session(accessKey(r))
	if !ok {
		return true
	}
	needs := f.Enforcer.Needs(enforcement.Call{Service: c.service, Operation: c.operation, Request: r, Body: c.body, Form: c.form})
	err := f.Enforcer.Check(r.Context(), session, needs...)
	if err == nil {
		return true
	}
	var denied *enforcement.Denied
	if !errors.As(err, &denied) {
		http.Error(w, "read the role's policies: "+err.Error(), http.StatusBadGateway)
		return false
	}
	f.Logger.Warn("denied", "service", c.service, "operation", c.operation, "reason", denied.Error())
	denied.Write(w, c.service)
	return false
}

// authorizePlayed is authorize for a service of this repository, which reads the body
// itself.
func (f *front) authorizePlayed(w http.ResponseWriter, r *http.Request, service, operation string) bool {
	c := &call{service: service, operation: operation}
	if _, ok := f.Enforcer.Session(accessKey(r)); ok && service != "lambda" && r.Body != nil { // what Lambda needs is in the path
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "read the request: "+err.Error(), http.StatusBadRequest)
			return false
		}
		c.body = body
		setBody(r, body)
	}
	return f.authorize(w, r, c)
}

// forgetPolicies lets the enforcer read roles anew after somebody may have changed them.
func (f *front) forgetPolicies(c *call) {
	if c.service == "iam" && !strings.HasPrefix(c.operation, "Get") && !strings.HasPrefix(c.operation, "List") {
		f.Enforcer.Forget()
	}
}
