package bucketpolicy_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/localaws/internal/bucketpolicy"
)

const policy = `{"Statement":[{"Effect":"Deny","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`

// moto answers what the store lets through.
var moto = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

func TestPolicies(t *testing.T) {
	t.Parallel()
	store := bucketpolicy.New()
	for _, step := range []struct {
		method, target, body string
		status               int
		answer               string
	}{
		{http.MethodGet, "/imports?policy", "", http.StatusNotFound, "NoSuchBucketPolicy"},
		{http.MethodPut, "/imports?policy", "{", http.StatusBadRequest, "MalformedPolicy"},
		{http.MethodPut, "/imports?policy", `{"Statement":[]}`, http.StatusBadRequest, "MalformedPolicy"},
		{http.MethodPut, "/imports?policy", strings.Repeat(" ", 21*1024), http.StatusBadRequest, "PolicyTooLarge"},
		{http.MethodPut, "/imports?policy", policy, http.StatusNoContent, ""},
		{http.MethodGet, "/imports?policy", "", http.StatusOK, policy},
		{http.MethodGet, "/others?policy", "", http.StatusNotFound, "NoSuchBucketPolicy"},
		{http.MethodPut, "/imports/file.csv", "x", http.StatusTeapot, ""},
		{http.MethodDelete, "/imports?policy", "", http.StatusNoContent, ""},
		{http.MethodGet, "/imports?policy", "", http.StatusNotFound, "NoSuchBucketPolicy"},
		{http.MethodPut, "/imports?policy", policy, http.StatusNoContent, ""},
		{http.MethodDelete, "/imports", "", http.StatusTeapot, ""},
		{http.MethodGet, "/imports?policy", "", http.StatusNotFound, "NoSuchBucketPolicy"},
		{http.MethodGet, "/", "", http.StatusTeapot, ""},
	} {
		recorder := httptest.NewRecorder()
		store.Serve(recorder, httptest.NewRequest(step.method, step.target, strings.NewReader(step.body)), moto)
		assert.Equal(t, step.status, recorder.Code, "%s %s", step.method, step.target)
		assert.Contains(t, recorder.Body.String(), step.answer)
	}
}
