// Package enforcement lets roles do what their policies allow, and nothing else.
//
//  1. Each execution environment of a function, and each data source of AppSync, gets
//     credentials of its own ([Enforcer.Credentials]) that stand for a session of its role.
//     What has other credentials is the deploying user, who may do everything.
//  2. [Enforcer.Verify] verifies that a request is signed with the secret of such credentials,
//     or with the deploying user's.
//  3. [Needs] says what a request needs: actions on resources, from the service, the operation
//     and its parameters. What it does not know needs the action on "*".
//  4. [Enforcer.Check] asks the role's policies, inline and attached. They are read from IAM
//     once and kept until somebody writes to IAM ([Enforcer.Forget]), so a change of a policy
//     is in force at once; on AWS that may take some seconds.
//  5. A refusal is a [Denied] or [Unverified], which has AWS's text; its Write answers a request
//     with it in the form of the service.
//  6. Services that act for a role ask [Enforcer.CheckRole], and [Enforcer.Assume] whether
//     they may take it on.
//
// The nil Enforcer, and one that is off, allow everything. The nil Enforcer knows no secrets
// either: it takes each signature that is well formed.
package enforcement

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"path"
	"strings"
	"sync"

	"github.com/reventless/pulumi-reventless/localaws/internal/policy"
)

// Roles reads roles; [IAM] does from IAM.
type Roles interface {
	// Policies are the documents of a role's policies, Trust is its trust policy. ok is
	// false for a role that does not exist.
	Policies(ctx context.Context, role string) (documents []string, ok bool, err error)
	Trust(ctx context.Context, role string) (document string, ok bool, err error)
}

// Options configure an [Enforcer].
type Options struct {
	Region, AccountID string
	Roles             Roles
	// Off lets every role do everything; [Enforcer.Trusts] still looks at roles.
	Off bool
}

// Enforcer decides on requests. It is safe for use by many goroutines.
type Enforcer struct {
	options Options

	mutex    sync.Mutex
	sessions map[string]issued
	roles    map[string]*role
	// changes counts the writes to IAM: what was read before one is not kept after it.
	changes int
}

// role is what is known of a role; nil fields were not read yet.
type role struct {
	policies []policy.Document
	trust    *policy.Document
}

// Session is a role that somebody took on.
type Session struct {
	// RoleARN is the role, Name that of the session: the function's name in Lambda.
	RoleARN, Name string
}

// Credentials are what requests of a session are signed with.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// issued is what credentials were made for.
type issued struct {
	Session
	credentials Credentials
}

// Need is an action on a resource that a request needs.
type Need struct {
	// Action is iam:PassRole, Resource an ARN or "*".
	Action, Resource string
	// Context holds the keys that conditions look at.
	Context map[string]string
}

// New makes an enforcer.
func New(options Options) *Enforcer {
	return &Enforcer{options: options, sessions: map[string]issued{}, roles: map[string]*role{}}
}

// Credentials makes credentials of a session. Without an Enforcer they are those of the
// deploying user.
func (e *Enforcer) Credentials(s Session) Credentials {
	if e == nil {
		return user
	}
	made := Credentials{AccessKeyID: "ASIA" + random(10), SecretAccessKey: random(25), SessionToken: random(50)}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.sessions[made.AccessKeyID] = issued{s, made}
	return made
}

// random is a text made of so many random bytes; 5 of them give 8 characters.
func random(bytes int) string {
	content := make([]byte, bytes)
	_, _ = rand.Read(content) // never fails
	return base32.StdEncoding.EncodeToString(content)
}

// Session is the session whose access key it is; false for the deploying user, which
// everybody is when nothing is enforced.
func (e *Enforcer) Session(accessKey string) (Session, bool) {
	if e.off() {
		return Session{}, false
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	known, ok := e.sessions[accessKey]
	return known.Session, ok
}

// End forgets the credentials with an access key.
func (e *Enforcer) End(accessKey string) {
	if e == nil {
		return
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	delete(e.sessions, accessKey)
}

func (e *Enforcer) off() bool { return e == nil || e.options.Off }

// Forget forgets all policies, which somebody may have changed.
func (e *Enforcer) Forget() {
	if e == nil {
		return
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.changes++
	clear(e.roles)
}

// ARN is the session's ARN, as AWS names who makes a request.
func (s Session) ARN() string {
	parts := strings.SplitN(s.RoleARN, ":", 6)
	if len(parts) < 6 {
		return s.RoleARN
	}
	return "arn:" + parts[1] + ":sts::" + parts[4] + ":assumed-role/" + path.Base(parts[5]) + "/" + s.Name
}

// CheckRole checks that a role may do what a service does for it.
func (e *Enforcer) CheckRole(ctx context.Context, roleARN, session, action, resource string) error {
	return e.Check(ctx, Session{roleARN, session}, Need{Action: action, Resource: resource})
}

// Check checks that a session's role may do all that is needed. The first refusal is a
// [*Denied]; another error says that IAM could not be asked.
func (e *Enforcer) Check(ctx context.Context, s Session, needs ...Need) error {
	if e.off() {
		return nil
	}
	policies, err := e.policies(ctx, s.RoleARN)
	if err != nil {
		return err
	}
	for _, need := range needs {
		verdict := policy.Judge(policy.Request{Action: need.Action, Resource: need.Resource, Context: need.Context}, policies...)
		if !verdict.Allowed {
			return &Denied{Session: s, Need: need, Explicit: verdict.Denied, Unknown: verdict.Unknown}
		}
	}
	return nil
}

// Assume checks that a service may take on a role for a source.
func (e *Enforcer) Assume(ctx context.Context, roleARN, service, sourceARN string) error {
	if e.off() {
		return nil
	}
	trusted, err := e.Trusts(ctx, roleARN, service, sourceARN)
	if err == nil && !trusted {
		return &NotAssumable{RoleARN: roleARN, Service: service, SourceARN: sourceARN}
	}
	return err
}

// Trusts says whether a role exists and lets a service take it on for a source.
func (e *Enforcer) Trusts(ctx context.Context, roleARN, service, sourceARN string) (bool, error) {
	e.mutex.Lock()
	known, changes := e.roles[roleARN], e.changes
	e.mutex.Unlock()
	if known == nil || known.trust == nil {
		text, exists, err := e.options.Roles.Trust(ctx, roleName(roleARN))
		if err != nil || !exists {
			return false, err
		}
		document, err := policy.Parse(text)
		if err != nil {
			return false, err
		}
		known = &role{trust: &document}
		e.keep(roleARN, changes, func(r *role) { r.trust = known.trust })
	}
	return policy.Judge(policy.Request{Service: service, Action: "sts:AssumeRole", Resource: roleARN, Context: map[string]string{
		"aws:SourceArn": sourceARN, "aws:SourceAccount": e.options.AccountID}}, *known.trust).Allowed, nil
}

// policies are the policies of a role; one that does not exist has none.
func (e *Enforcer) policies(ctx context.Context, roleARN string) ([]policy.Document, error) {
	e.mutex.Lock()
	known, changes := e.roles[roleARN], e.changes
	e.mutex.Unlock()
	if known != nil && known.policies != nil {
		return known.policies, nil
	}
	texts, exists, err := e.options.Roles.Policies(ctx, roleName(roleARN))
	if err != nil || !exists {
		return nil, err
	}
	documents := make([]policy.Document, len(texts))
	for i, text := range texts {
		if documents[i], err = policy.Parse(text); err != nil {
			return nil, err
		}
	}
	e.keep(roleARN, changes, func(r *role) { r.policies = documents })
	return documents, nil
}

// keep remembers what was read of a role, unless IAM was written to meanwhile.
func (e *Enforcer) keep(roleARN string, changes int, set func(*role)) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.changes != changes {
		return
	}
	known := &role{}
	if before := e.roles[roleARN]; before != nil {
		*known = *before // readers have the old one
	}
	set(known)
	e.roles[roleARN] = known
}

func roleName(arn string) string { return path.Base(arn[strings.LastIndexByte(arn, ':')+1:]) }
