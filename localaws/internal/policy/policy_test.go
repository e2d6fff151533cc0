package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:r:1:q"`, `}]}`
	cases := map[string]struct {
		document string
		want     bool
	}{
		"plain":                        {head + tail, true},
		"of the bucket":                {head + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b*"},"StringEquals":{"AWS:SourceAccount":["1"]}}` + tail, true},
		"of another bucket":            {head + `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::other"}}` + tail, false},
		"of another account":           {head + `,"Condition":{"StringEquals":{"aws:SourceAccount":"2"}}` + tail, false},
		"unknown operator":             {head + `,"Condition":{"IpAddress":{"aws:SourceIp":"1.2.3.4"}}` + tail, false},
		"key that is not there":        {head + `,"Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o"}}` + tail, true},
		"everybody":                    {`{"Statement":{"Effect":"Allow","Principal":"*","Action":"SQS:*","Resource":"*"}}`, true},
		"another service":              {`{"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`, false},
		"another action":               {`{"Statement":[{"Effect":"Allow","Principal":{"Service":["s3.amazonaws.com"]},"Action":["sqs:ReceiveMessage"],"Resource":"*"}]}`, false},
		"another resource":             {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:sqs:r:1:p"}]}`, false},
		"denied":                       {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"sqs:Send*","Resource":"*"}]}`, false},
		"denied without TLS":           {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, true},
		"unknown operator of a denial": {`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"1.2.3.4"}}}]}`, false},
		"key that is missing":          {head + `,"Condition":{"Null":{"aws:PrincipalOrgID":"true"}}` + tail, true},
		"key that must be missing":     {head + `,"Condition":{"Null":{"aws:SourceArn":"true"}}` + tail, false},
		"NotAction":                    {`{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"s3:*","Resource":"*"}]}`, false},
		"a role's document":            {`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`, false},
		"nothing":                      {``, false},
		"a path does not matter":       {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*","Condition":{"StringLike":{"aws:SourceArn":"arn:aws:s3*"}}}]}`, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, Allows(c.document, Request{Service: "s3.amazonaws.com", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:r:1:q",
				Context: map[string]string{"aws:SourceArn": "arn:aws:s3:::bucket", "aws:SourceAccount": "1", "aws:SecureTransport": "true"}}))
		})
	}
}

func TestMatchPattern(t *testing.T) {
	t.Parallel()
	for pattern, values := range map[string]map[string]bool{
		"arn:*:table/a": {"arn:aws:table/a": true, "arn:aws:table/b": false, "arn:aws:x/y:table/a": true},
		"a*b*c":         {"abc": true, "axbxbxc": true, "axbx": false, "": false},
		"*.fifo":        {"q.fifo": true, "q.fifo:1": false, ".fifo": true},
		"a?c":           {"abc": true, "a/c": true, "ac": false},
		"[a]":           {"[a]": true, "a": false},
		"*":             {"": true, "x": true},
		"":              {"": true, "x": false},
	} {
		for value, want := range values {
			assert.Equal(t, want, matchPattern(pattern, value), "%s of %q", pattern, value)
		}
	}
}
