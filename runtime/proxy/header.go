package proxy

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Headers of the Runtime API.
const (
	headerRequestID       = "Lambda-Runtime-Aws-Request-Id"
	headerDeadline        = "Lambda-Runtime-Deadline-Ms"
	headerFunctionARN     = "Lambda-Runtime-Invoked-Function-Arn"
	headerTraceID         = "Lambda-Runtime-Trace-Id"
	headerClientContext   = "Lambda-Runtime-Client-Context"
	headerCognitoIdentity = "Lambda-Runtime-Cognito-Identity"
	headerTenantID        = "Lambda-Runtime-Aws-Tenant-Id"
	headerErrorType       = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody       = "Lambda-Runtime-Function-Error-Body"
)

// traceIDKey is the key under which aws-lambda-go keeps the trace id in the
// context of an invocation.
const traceIDKey = "x-amzn-trace-id"

// noDeadline is what a runtime is told when a turn has no deadline: Lambda's
// longest timeout. Every runtime wants a number here.
const noDeadline = 15 * time.Minute

// turnHeader makes the headers that go with a turn. The request id is that of the
// invocation with the turn's number behind it: unique, and yet found by whoever
// searches the log for the invocation.
func turnHeader(ctx context.Context, number uint64, deadline time.Time) (id string, header http.Header) {
	header = http.Header{"Content-Type": {"application/json"}}
	if deadline.IsZero() {
		deadline = time.Now().Add(noDeadline)
	}
	header.Set(headerDeadline, strconv.FormatInt(deadline.UnixMilli(), 10))
	if trace, _ := ctx.Value(traceIDKey).(string); trace != "" {
		header.Set(headerTraceID, trace)
	}
	id = "turn"
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		id = lc.AwsRequestID
		setInvocation(header, lc)
	}
	id += "-" + strconv.FormatUint(number, 10)
	header.Set(headerRequestID, id)
	return id, header
}

// setInvocation passes on what Lambda said about the invocation.
func setInvocation(header http.Header, lc *lambdacontext.LambdaContext) {
	header.Set(headerFunctionARN, lc.InvokedFunctionArn)
	if lc.TenantID != "" {
		header.Set(headerTenantID, lc.TenantID)
	}
	if lc.Identity != (lambdacontext.CognitoIdentity{}) {
		setJSON(header, headerCognitoIdentity, map[string]string{
			"cognitoIdentityId":     lc.Identity.CognitoIdentityID,
			"cognitoIdentityPoolId": lc.Identity.CognitoIdentityPoolID,
		})
	}
	c := lc.ClientContext
	if c.Client != (lambdacontext.ClientApplication{}) || c.Env != nil || c.Custom != nil {
		setJSON(header, headerClientContext, map[string]any{"client": c.Client, "custom": c.Custom, "env": c.Env})
	}
}

// setJSON sets a header to JSON text. The values are strings, which always have one.
func setJSON(header http.Header, name string, value any) {
	if text, err := json.Marshal(value); err == nil {
		header.Set(name, string(text))
	}
}
