package enforcement

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/sigv4"
)

const (
	readerARN = "arn:aws:iam::1:role/reader"
	reads     = `{"Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":["arn:t","arn:t/index/*"]},
		{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}},
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:o","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}},
		{"Effect":"Deny","Action":"dynamodb:Query","Resource":"arn:t/index/secret"}]}`
)

func TestCheck(t *testing.T) {
	t.Parallel()
	e := New(Options{AccountID: "1", Roles: roles{"reader": reads}})
	passed := func(service string) Need {
		return Need{Action: "iam:PassRole", Resource: "arn:r", Context: map[string]string{"iam:PassedToService": service}}
	}
	for name, test := range map[string]struct {
		need Need
		want string
	}{
		"allowed":          {Need{Action: "dynamodb:GetItem", Resource: "arn:t"}, ""},
		"an index":         {Need{Action: "dynamodb:Query", Resource: "arn:t/index/i"}, ""},
		"denied":           {Need{Action: "dynamodb:Query", Resource: "arn:t/index/secret"}, "dynamodb:Query on resource: arn:t/index/secret with an explicit deny in an identity-based policy"},
		"another action":   {Need{Action: "dynamodb:PutItem", Resource: "arn:t"}, "because no identity-based policy allows the dynamodb:PutItem action"},
		"another resource": {Need{Action: "dynamodb:GetItem", Resource: "arn:u"}, "User: arn:aws:sts::1:assumed-role/reader/f is not authorized to perform: dynamodb:GetItem on resource: arn:u"},
		"the service":      {passed("scheduler.amazonaws.com"), ""},
		"another service":  {passed("lambda.amazonaws.com"), "iam:PassRole"},
		"unknown operator": {Need{Action: "s3:GetObject", Resource: "arn:o"}, "does not know the condition operators DateLessThan"},
		"a queue":          {Need{Action: "sqs:SendMessage", Resource: "arn:q"}, "not authorized to perform: sqs:sendmessage on resource: arn:q"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := e.Check(t.Context(), Session{readerARN, "f"}, test.need)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
	require.Error(t, e.CheckRole(t.Context(), "arn:aws:iam::1:role/gone", "f", "dynamodb:GetItem", "arn:t"), "a role that does not exist may do nothing")
}

func TestPoliciesAreReadAgainAfterAChange(t *testing.T) {
	t.Parallel()
	changing := roles{"reader": reads}
	e := New(Options{AccountID: "1", Roles: changing})
	require.NoError(t, e.CheckRole(t.Context(), readerARN, "f", "dynamodb:GetItem", "arn:t"))
	changing["reader"] = `{"Statement":[]}`
	require.NoError(t, e.CheckRole(t.Context(), readerARN, "f", "dynamodb:GetItem", "arn:t"), "kept")
	e.Forget()
	require.Error(t, e.CheckRole(t.Context(), readerARN, "f", "dynamodb:GetItem", "arn:t"))
}

func TestAssume(t *testing.T) {
	t.Parallel()
	e := New(Options{AccountID: "1", Roles: roles{"api": `{"Statement":[{"Effect":"Allow","Principal":{"Service":"appsync.amazonaws.com"},"Action":"sts:AssumeRole",
		"Condition":{"ArnEquals":{"aws:SourceArn":"arn:a"},"StringEquals":{"aws:SourceAccount":"1"}}}]}`}})
	const role = "arn:aws:iam::1:role/api"
	require.NoError(t, e.Assume(t.Context(), role, "appsync.amazonaws.com", "arn:a"))
	require.Error(t, e.Assume(t.Context(), role, "appsync.amazonaws.com", "arn:b"), "another API")
	require.Error(t, e.Assume(t.Context(), role, "lambda.amazonaws.com", "arn:a"), "another service")
	require.ErrorContains(t, e.Assume(t.Context(), "arn:aws:iam::1:role/gone", "appsync.amazonaws.com", "arn:a"), "it does not exist")
}

func TestCredentialsStandForASession(t *testing.T) {
	t.Parallel()
	e := New(Options{AccountID: "1"})
	made := e.Credentials(Session{readerARN, "f"})
	found, ok := e.Session(made.AccessKeyID)
	require.True(t, ok)
	assert.Equal(t, Session{readerARN, "f"}, found)
	assert.Len(t, made.AccessKeyID, 20)
	e.End(made.AccessKeyID)
	_, ok = e.Session(made.AccessKeyID)
	assert.False(t, ok)
	for name, off := range map[string]*Enforcer{"nil": nil, "off": New(Options{Off: true})} {
		_, ok := off.Session(off.Credentials(Session{readerARN, "f"}).AccessKeyID)
		assert.False(t, ok, name)
		require.NoError(t, off.CheckRole(t.Context(), readerARN, "f", "any:Thing", "arn:t"), name)
		require.NoError(t, off.Assume(t.Context(), readerARN, "lambda.amazonaws.com", "arn:f"), name)
	}
}

func TestDenialsHaveTheFormOfTheService(t *testing.T) {
	t.Parallel()
	denied := &Denied{Session: Session{readerARN, "f"}, Need: Need{Action: "dynamodb:GetItem", Resource: "arn:t"}}
	for service, want := range map[string]struct {
		status int
		holds  string
	}{
		"dynamodb":  {400, `com.amazon.coral.service#AccessDeniedException`},
		"logs":      {400, `"__type":"AccessDeniedException"`},
		"sqs":       {403, `com.amazon.coral.service#AccessDeniedException`},
		"sns":       {403, `<Code>AuthorizationError</Code>`},
		"s3":        {403, `<Code>AccessDenied</Code>`},
		"iam":       {403, `<Code>AccessDenied</Code>`},
		"scheduler": {403, `is not authorized to perform`},
	} {
		recorder := httptest.NewRecorder()
		denied.Write(recorder, service)
		assert.Equal(t, want.status, recorder.Code, service)
		assert.Contains(t, recorder.Body.String(), want.holds, service)
		assert.Contains(t, recorder.Body.String(), "assumed-role/reader/f", service)
	}
}

func TestRefusedSignaturesHaveTheFormOfTheService(t *testing.T) {
	t.Parallel()
	request := httptest.NewRequest("GET", "http://h/", nil)
	for name, e := range map[string]*Enforcer{"nil": nil, "off": New(Options{Off: true}), "on": New(Options{})} {
		_, err := e.Verify(sigv4.Request{HTTP: request})
		var refused *Unverified
		require.ErrorAs(t, err, &refused, name)
		for service, want := range map[string]string{
			"dynamodb": `com.amazon.coral.service#IncompleteSignatureException`, "sqs": `com.amazon.coral.service#IncompleteSignatureException`,
			"sns": `<Code>IncompleteSignature</Code>`, "iam": `<Code>IncompleteSignature</Code>`, "s3": `<Code>AuthorizationHeaderMalformed</Code>`, "lambda": `"Message":"AWS query-string`,
		} {
			recorder := httptest.NewRecorder()
			refused.Write(recorder, service)
			assert.Contains(t, recorder.Body.String(), want, service)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	e := New(Options{Region: "eu-west-1", AccountID: "1", Roles: roles{"reader": `{"Statement":[
		{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:eu-west-1:1:log-group:g:*"},
		{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:eu-west-1:1:q"},
		{"Effect":"Allow","Action":["dynamodb:Query","dynamodb:PutItem","dynamodb:ConditionCheckItem"],"Resource":["arn:aws:dynamodb:eu-west-1:1:table/a"]}]}`}})
	made := e.Credentials(Session{readerARN, "f"})
	call := Call{Service: "dynamodb", Operation: "TransactWriteItems", Body: []byte(`{"TransactItems":[{"Put":{"TableName":"a"}},{"ConditionCheck":{"TableName":"a"}}]}`)}
	for b.Loop() {
		session, _ := e.Session(made.AccessKeyID)
		if err := e.Check(b.Context(), session, e.Needs(call)...); err != nil {
			b.Fatal(err)
		}
	}
}
