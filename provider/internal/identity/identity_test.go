package identity

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	given := "eu-west-1_Given"
	for name, test := range map[string]struct {
		environment, file, stack string
		given                    *string
		want                     Choice
	}{
		"nobody":                  {"", "", "", nil, Choice{}},
		"argument":                {"", "", "", &given, Choice{given, "the argument cognitoUserPoolId"}},
		"stack before argument":   {"", "", "s", &given, Choice{"s", "platform:cognitoUserPoolId"}},
		"file before stack":       {"", "f", "s", &given, Choice{"f", "Pulumi.local.yaml:2"}},
		"environment before file": {"e", "f", "s", &given, Choice{"e", "REVENTLESS_COGNITO_USER_POOL_ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := func(want, value string) func(string) (string, bool) {
				return func(name string) (string, bool) { return value, name == want }
			}
			sources := localconfig.Sources{
				Environment: at("REVENTLESS_COGNITO_USER_POOL_ID", test.environment),
				Local:       localconfig.Local{"cognitoUserPoolId": {Value: test.file, Place: "Pulumi.local.yaml:2"}},
				Stack:       at("platform:cognitoUserPoolId", test.stack),
			}
			assert.Equal(t, test.want, Choose(sources, test.given))
		})
	}
}
