package enforcement

import (
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/reventless/pulumi-reventless/localaws/internal/sigv4"
)

// Credentials of the deploying user. They guard nothing, as the local AWS listens on loopback
// only, but let signatures be verified.
const (
	UserAccessKeyID     = "local"
	UserSecretAccessKey = "local"
)

var user = Credentials{AccessKeyID: UserAccessKeyID, SecretAccessKey: UserSecretAccessKey}

// Verify verifies a request's signature and names the access key that it was made with:
// a session's or the deploying user's. A refusal is an [*Unverified].
func (e *Enforcer) Verify(r sigv4.Request) (accessKey string, err error) {
	signature, err := sigv4.Read(r.HTTP)
	if err == nil && e != nil {
		err = sigv4.Unknown()
		if known, ok := e.known(signature.AccessKeyID); ok {
			err = signature.Verify(r, aws.Credentials{SecretAccessKey: known.SecretAccessKey, SessionToken: known.SessionToken}, time.Now())
		}
	}
	var refused *sigv4.Error
	switch {
	case errors.As(err, &refused):
		return "", &Unverified{refused}
	case err != nil:
		return "", err
	}
	return signature.AccessKeyID, nil
}

// known are the credentials with an access key, be it enforced what they may do or not.
func (e *Enforcer) known(accessKey string) (Credentials, bool) {
	if accessKey == UserAccessKeyID {
		return user, true
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	known, ok := e.sessions[accessKey]
	return known.credentials, ok
}

// Unverified says why a request's signature is not accepted.
type Unverified struct{ Reason *sigv4.Error }

// Error is the code and AWS's text.
func (u *Unverified) Error() string { return u.Reason.Error() }

// Write answers a request of a service.
func (u *Unverified) Write(w http.ResponseWriter, service string) {
	answer{json: u.Reason.Code, query: u.Reason.Query(), s3: u.Reason.S3, message: u.Reason.Text()}.write(w, service)
}
