package provider

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/internal/connection"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

func deployPlatform(t *testing.T, e *engine, args PlatformArgs, then func(*pulumi.Context, *Platform)) error {
	t.Helper()
	return e.run(map[string]string{}, func(ctx *pulumi.Context) error {
		platform, err := testEnvironment(t).newPlatform(ctx, "platform", args)
		if err == nil && then != nil {
			then(ctx, platform)
		}
		return err
	})
}

func TestPlatformResources(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{}, nil))
	golden(t, "platform.resources", e.listed())
	golden(t, "platform.policies", e.policies(t))
	assert.NotContains(t, e.find(t, "GraphQLApi", "platform-api").Inputs, "schema")
}

func TestPlatformConnection(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{AuthenticationModes: []AuthenticationMode{APIKey, AWSIAM}}, func(ctx *pulumi.Context, platform *Platform) {
		values, known, err := await[map[string]string](ctx, platform.Connection)
		require.NoError(t, err)
		require.True(t, known)
		read, err := connection.ParsePlatform(values, "the connection")
		require.NoError(t, err)
		assert.Equal(t, "organization/shop-catalog/alpha", read.Stack)
		assert.Equal(t, []string{"API_KEY", "AWS_IAM"}, read.AuthenticationModes)
		assert.Equal(t, account, read.Account())
		key, err := internals.UnsafeAwaitOutput(ctx.Context(), platform.APIKey)
		require.NoError(t, err)
		assert.True(t, key.Secret)
	}))
	api := e.find(t, "GraphQLApi", "platform-api").Inputs
	assert.Equal(t, "API_KEY", api["authenticationType"].StringValue())
	assert.Len(t, api["additionalAuthenticationProviders"].ArrayValue(), 1)
}

// TestPlatformsThatStay checks which platforms Pulumi refuses to destroy.
func TestPlatformsThatStay(t *testing.T) {
	t.Parallel()
	keyed, pool := []AuthenticationMode{APIKey}, configuredPool
	for name, test := range map[string]struct {
		args PlatformArgs
		want bool
	}{
		"users of its own":       {PlatformArgs{}, true},
		"users of somebody else": {PlatformArgs{CognitoUserPoolID: &pool}, false},
		"no users":               {PlatformArgs{AuthenticationModes: keyed}, false},
		"production":             {PlatformArgs{AuthenticationModes: keyed, StackClass: class(stackclass.Production)}, true},
		"disposable":             {PlatformArgs{StackClass: class(stackclass.Disposable)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			e.pool = pool
			require.NoError(t, deployPlatform(t, e, test.args, nil))
			assert.Equal(t, test.want, e.find(t, "Invocation", "platform-guard").RegisterRPC.GetProtect())
		})
	}
}

// TestPlatformLog checks that AppSync can write the API's log only while its group is there.
func TestPlatformLog(t *testing.T) {
	t.Parallel()
	level := func(l LogLevel) *LogLevel { return &l }
	days := 0
	for name, test := range map[string]struct {
		args  PlatformArgs
		level string // "" for no log
		days  string
	}{
		"standard":          {PlatformArgs{}, "ERROR", "30"},
		"production":        {PlatformArgs{StackClass: class(stackclass.Production)}, "ERROR", "365"},
		"disposable":        {PlatformArgs{StackClass: class(stackclass.Disposable)}, "", "3"},
		"disposable with":   {PlatformArgs{StackClass: class(stackclass.Disposable), LogLevel: level("ALL")}, "ALL", "3"},
		"off":               {PlatformArgs{LogLevel: level("NONE")}, "", "30"},
		"debugged for ever": {PlatformArgs{LogLevel: level("DEBUG"), LogRetentionDays: &days}, "DEBUG", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			require.NoError(t, deployPlatform(t, e, test.args, nil))
			api := e.find(t, "GraphQLApi", "platform-api").Inputs
			variables := e.find(t, "Function", "platform-admin").Inputs["environment"].ObjectValue()["variables"].ObjectValue()
			assert.Equal(t, test.days, variables["REVENTLESS_API_LOG_RETENTION_DAYS"].StringValue())
			assert.Contains(t, strings.Join(e.policies(t), "\n"), "platform-admin: logs:CreateLogGroup logs:PutRetentionPolicy logs:DeleteRetentionPolicy logs:DeleteLogGroup on "+
				arn("logs", "log-group:/aws/appsync/apis/platform-api-id:*"))
			if test.level == "" {
				assert.NotContains(t, api, "logConfig")
				assert.NotContains(t, strings.Join(e.listed(), "\n"), "platform-logging")
				assert.Equal(t, "NONE", variables["REVENTLESS_API_LOG_LEVEL"].StringValue())
				return
			}
			assert.Equal(t, test.level, variables["REVENTLESS_API_LOG_LEVEL"].StringValue())
			assert.Equal(t, map[string]any{"fieldLogLevel": test.level, "excludeVerboseContent": true, "cloudwatchLogsRoleArn": "arn:aws:iam::" + account + ":role/shop-catalog-alpha-platform-logging"},
				api["logConfig"].Mappable())
			trust := e.find(t, "Role", "platform-logging").Inputs["assumeRolePolicy"].StringValue()
			assert.Contains(t, trust, `"ArnLike":{"aws:SourceArn":"`+arn("appsync", "apis/*")+`"}`)
			assert.Contains(t, trust, `"StringEquals":{"aws:SourceAccount":"`+account+`"}`)
			depends := e.find(t, "RolePolicy", "platform-logging").RegisterRPC.GetDependencies()
			assert.True(t, slices.ContainsFunc(depends, func(urn string) bool { return strings.HasSuffix(urn, "::platform-connection") }),
				"the permission comes after the group and goes before it")
		})
	}
}

// configuredPool is a user pool that the configuration names.
const configuredPool = "eu-west-1_AbCdEfGhI"

func TestPlatformUsers(t *testing.T) {
	t.Parallel()
	given, disposable, signUp := "eu-west-1_Given", StackClass(stackclass.Disposable), true
	for name, test := range map[string]struct {
		args       PlatformArgs
		config     map[string]string
		pool       string // that exists
		own        bool
		primary    string
		protection string
		clients    string
	}{
		"a pool of its own":     {PlatformArgs{}, nil, "", true, "AMAZON_COGNITO_USER_POOLS", "ACTIVE", "^(platform-users-client-id)$"},
		"disposable":            {PlatformArgs{StackClass: &disposable, SelfSignUp: &signUp}, nil, "", true, "AMAZON_COGNITO_USER_POOLS", "INACTIVE", "^(platform-users-client-id)$"},
		"an additional mode":    {PlatformArgs{AuthenticationModes: []AuthenticationMode{AWSIAM, CognitoUserPools}}, nil, "", true, "AWS_IAM", "ACTIVE", "^(platform-users-client-id)$"},
		"configured":            {PlatformArgs{}, map[string]string{"platform:cognitoUserPoolId": configuredPool}, configuredPool, false, "AMAZON_COGNITO_USER_POOLS", "", "^(platform-users-client-id)$"},
		"argument":              {PlatformArgs{CognitoUserPoolID: &given, UserPoolClientIDs: []pulumi.StringInput{pulumi.String("web.app")}}, nil, given, false, "AMAZON_COGNITO_USER_POOLS", "", `^(platform-users-client-id|web\.app)$`},
		"configured over given": {PlatformArgs{CognitoUserPoolID: &given}, map[string]string{"platform:cognitoUserPoolId": configuredPool}, configuredPool, false, "AMAZON_COGNITO_USER_POOLS", "", "^(platform-users-client-id)$"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			e.pool = test.pool
			require.NoError(t, e.run(test.config, func(ctx *pulumi.Context) error {
				platform, err := testEnvironment(t).newPlatform(ctx, "platform", test.args)
				if err != nil {
					return err
				}
				values, known, err := await[map[string]string](ctx, platform.Connection)
				require.NoError(t, err)
				require.True(t, known)
				assert.Equal(t, "platform-users-client-id", values["userPoolClientId"])
				assert.Equal(t, or(nilIfEmpty(test.pool), "platform-users-id"), values["userPoolId"])
				return nil
			}))
			client := e.find(t, "UserPoolClient", "platform-users-client").Inputs
			assert.False(t, client["generateSecret"].BoolValue())
			assert.Equal(t, "ENABLED", client["preventUserExistenceErrors"].StringValue())
			assert.True(t, client["enableTokenRevocation"].BoolValue())
			api := e.find(t, "GraphQLApi", "platform-api").Inputs
			assert.Equal(t, test.primary, api["authenticationType"].StringValue())
			config := api["userPoolConfig"]
			if test.primary == "AMAZON_COGNITO_USER_POOLS" {
				assert.Equal(t, "ALLOW", config.ObjectValue()["defaultAction"].StringValue(), "AppSync refuses DENY beside AWS_IAM")
			} else {
				config = api["additionalAuthenticationProviders"].ArrayValue()[0].ObjectValue()["userPoolConfig"]
			}
			assert.Equal(t, test.clients, config.ObjectValue()["appIdClientRegex"].StringValue())
			if !test.own {
				assert.NotContains(t, strings.Join(e.listed(), "\n"), "aws:cognito/userPool:")
				assert.Len(t, e.askedPools, 1, "the pool is looked up")
				return
			}
			assert.Empty(t, e.askedPools)
			pool := e.find(t, "UserPool", "platform-users").Inputs
			assert.Equal(t, test.protection, pool["deletionProtection"].StringValue())
			assert.Equal(t, test.args.SelfSignUp == nil, pool["adminCreateUserConfig"].ObjectValue()["allowAdminCreateUserOnly"].BoolValue())
			e.find(t, "UserGroup", "platform-users-Admin")
		})
	}
}

func nilIfEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func TestPlatformWithoutUsers(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, e.run(map[string]string{"platform:cognitoUserPoolId": configuredPool}, func(ctx *pulumi.Context) error {
		platform, err := testEnvironment(t).newPlatform(ctx, "platform", PlatformArgs{AuthenticationModes: []AuthenticationMode{AWSIAM}})
		if err != nil {
			return err
		}
		values, _, err := await[map[string]string](ctx, platform.Connection)
		assert.NotContains(t, values, "userPoolId")
		return err
	}))
	assert.NotContains(t, strings.Join(e.listed(), "\n"), "cognito")
	assert.Empty(t, e.askedPools)
}

func TestPlatformUsersRefused(t *testing.T) {
	t.Parallel()
	wrong, none, yes := "pool", "", true
	for name, test := range map[string]struct {
		args   PlatformArgs
		config string
		want   []string
	}{
		"no such pool":     {PlatformArgs{}, configuredPool, []string{`there is no user pool "eu-west-1_AbCdEfGhI" for this platform, which platform:cognitoUserPoolId says`, "does not exist", "aws cognito-idp list-user-pools"}},
		"no id":            {PlatformArgs{CognitoUserPoolID: &wrong}, "", []string{`cognitoUserPoolId`, `"pool", from the argument cognitoUserPoolId, is no id of a user pool`}},
		"configured no id": {PlatformArgs{}, "eu west", []string{`"eu west", from platform:cognitoUserPoolId, is no id`}},
		"empty":            {PlatformArgs{CognitoUserPoolID: &none}, "", []string{"it is empty"}},
		"sign-up":          {PlatformArgs{SelfSignUp: &yes}, configuredPool, []string{"selfSignUp", "is not the platform's own"}},
		"without the mode": {PlatformArgs{AuthenticationModes: []AuthenticationMode{APIKey}, CognitoUserPoolID: &wrong, SelfSignUp: &yes, UserPoolClientIDs: []pulumi.StringInput{pulumi.String("x")}}, "",
			[]string{"`cognitoUserPoolId`: there are no users", "`selfSignUp`: there are no users", "`userPoolClientIds`: there are no users"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEngine()
			config := map[string]string{}
			if test.config != "" {
				config["platform:cognitoUserPoolId"] = test.config
			}
			err := e.run(config, func(ctx *pulumi.Context) error {
				_, err := testEnvironment(t).newPlatform(ctx, "platform", test.args)
				return err
			})
			require.Error(t, err)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assert.Empty(t, e.listed(), "nothing is registered")
		})
	}
}

// TestPlatformGuard checks that the guard depends on everything else, so that it is
// deleted first.
func TestPlatformGuard(t *testing.T) {
	t.Parallel()
	e := newEngine()
	require.NoError(t, deployPlatform(t, e, PlatformArgs{}, nil))
	guard := e.find(t, "Invocation", "platform-guard")
	var request protocol.ConnectRequest
	require.NoError(t, json.Unmarshal([]byte(guard.Inputs["input"].StringValue()), &request))
	assert.True(t, request.Guard)
	for _, made := range e.made {
		if made.Name == "platform-guard" || !made.Custom {
			continue
		}
		depends := slices.ContainsFunc(guard.RegisterRPC.GetDependencies(), func(urn string) bool {
			return strings.HasSuffix(urn, made.TypeToken+"::"+made.Name)
		})
		assert.True(t, depends, "the guard does not depend on %s %s", made.TypeToken, made.Name)
	}
}

// TestPlatformConnectsAgainWithOtherModes: what is stamped into the schema depends on them.
func TestPlatformConnectsAgainWithOtherModes(t *testing.T) {
	t.Parallel()
	hash := func(modes ...AuthenticationMode) string {
		e := newEngine()
		require.NoError(t, deployPlatform(t, e, PlatformArgs{AuthenticationModes: modes}, nil))
		var request protocol.ConnectRequest
		require.NoError(t, json.Unmarshal([]byte(e.find(t, "Invocation", "platform-connection").Inputs["input"].StringValue()), &request))
		return request.Hash
	}
	key := hash(APIKey)
	assert.Equal(t, key, hash(APIKey, AWSIAM), "AWS_IAM is always one")
	assert.NotEqual(t, key, hash(APIKey, CognitoUserPools))
}

func TestPlatformValidation(t *testing.T) {
	t.Parallel()
	days, architecture := 31, Architecture("sparc")
	e := newEngine()
	err := deployPlatform(t, e, PlatformArgs{
		AuthenticationModes: []AuthenticationMode{"AWS_IMA", AWSIAM, AWSIAM},
		APIKeyExpires:       pulumi.String("tomorrow"),
		LogRetentionDays:    &days,
		Architecture:        &architecture,
		Tags:                map[string]pulumi.StringInput{"aws:x": pulumi.String("y")},
	}, nil)
	require.Error(t, err)
	for _, want := range []string{
		"authenticationModes[0]", `Did you mean "AWS_IAM"`, "authenticationModes[2]", "apiKeyExpires",
		"CloudWatch cannot keep logs for 31 days", "sparc", `"aws:x"`,
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, e.listed())
}

func TestPlatformRefused(t *testing.T) {
	t.Parallel()
	e := newEngine()
	e.check = protocol.ConnectResult{Problems: []protocol.Problem{{Message: "the name is taken"}}}
	require.ErrorContains(t, deployPlatform(t, e, PlatformArgs{}, nil), "the name is taken")
}
