// Package identity makes what users sign in with: a Cognito user pool, or a client in one
// that is there already.
//
//  1. [Choose] says which: the value of cognitoUserPoolId in the places of the configuration,
//     else the platform's argument, else a pool of the platform's own.
//  2. [Verify] makes sure, in a preview too, that a pool that was chosen exists. The error
//     names the place that chose it.
//  3. [New] makes a pool with the group [AdminGroup], [Reuse] takes one as it is. Either way the
//     client in it is the platform's own.
//
// A pool holds its users and no one can make them anew, so it is protected against deletion
// unless the stack may be thrown away (package stackclass).
package identity

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/cause"
	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

// AdminGroup is the group whose users may do what operators do.
const AdminGroup = "Admin"

// Settings of passwords and tokens.
const (
	passwordLength        = 12
	temporaryPasswordDays = 3
	tokenMinutes          = 60
	refreshDays           = 30
)

// Choice is the pool that was chosen; its ID is empty for one of the platform's own.
type Choice struct {
	ID string
	// From is the place that chose it: an environment variable, a line of a file, a variable
	// of the configuration or the argument.
	From string
}

// argument is the name of the platform's argument, for messages.
const argument = "the argument cognitoUserPoolId"

// Choose looks for the pool to use.
func Choose(sources localconfig.Sources, given *string) Choice {
	if value := sources.Look(localconfig.CognitoUserPoolID); value.Set() {
		return Choice{ID: value.Value, From: value.Name}
	}
	if given != nil {
		return Choice{ID: *given, From: argument}
	}
	return Choice{}
}

// Verify makes sure that the chosen pool exists. The options say which provider to ask.
func Verify(ctx *pulumi.Context, choice Choice, options ...pulumi.InvokeOption) error {
	if choice.ID == "" {
		return nil
	}
	if _, err := cognito.LookupUserPool(ctx, &cognito.LookupUserPoolArgs{UserPoolId: choice.ID}, options...); err != nil {
		return fmt.Errorf("there is no user pool %q for this platform, which %s says: %s\n"+
			"Correct it to the id of a pool in the account and region of this stack (aws cognito-idp list-user-pools --max-results 60), "+
			"or remove it and the platform makes a pool of its own", choice.ID, choice.From, cause.Text(err))
	}
	return nil
}

// Settings are what may differ from one pool to another.
type Settings struct {
	// SelfSignUp lets everybody make an account.
	SelfSignUp bool
}

// deletionProtection is Cognito's word for whether a pool of a stack can be deleted.
func deletionProtection(class stackclass.Class) string {
	if class.KeepsUsers() {
		return "ACTIVE"
	}
	return "INACTIVE"
}

// Pool is a user pool and the platform's client in it.
type Pool struct {
	ID, ClientID pulumi.StringOutput
}

// New makes a pool whose users sign in with their e-mail address.
func New(ctx *pulumi.Context, owner component.Owner, settings Settings) (*Pool, error) {
	pool, err := cognito.NewUserPool(ctx, owner.Logical("users"), &cognito.UserPoolArgs{
		Name:                   pulumi.String(owner.Physical(naming.UserPool, "users")),
		DeletionProtection:     pulumi.String(deletionProtection(owner.Class)),
		UsernameAttributes:     pulumi.ToStringArray([]string{"email"}),
		AutoVerifiedAttributes: pulumi.ToStringArray([]string{"email"}),
		UsernameConfiguration:  &cognito.UserPoolUsernameConfigurationArgs{CaseSensitive: pulumi.Bool(false)},
		AdminCreateUserConfig:  &cognito.UserPoolAdminCreateUserConfigArgs{AllowAdminCreateUserOnly: pulumi.Bool(!settings.SelfSignUp)},
		PasswordPolicy: &cognito.UserPoolPasswordPolicyArgs{
			MinimumLength:                 pulumi.Int(passwordLength),
			RequireLowercase:              pulumi.Bool(true),
			RequireUppercase:              pulumi.Bool(true),
			RequireNumbers:                pulumi.Bool(true),
			RequireSymbols:                pulumi.Bool(true),
			TemporaryPasswordValidityDays: pulumi.Int(temporaryPasswordDays),
		},
		AccountRecoverySetting: &cognito.UserPoolAccountRecoverySettingArgs{RecoveryMechanisms: cognito.UserPoolAccountRecoverySettingRecoveryMechanismArray{
			&cognito.UserPoolAccountRecoverySettingRecoveryMechanismArgs{Name: pulumi.String("verified_email"), Priority: pulumi.Int(1)},
		}},
		Tags: owner.TagsOf("users"),
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the user pool: %w", err)
	}
	_, err = cognito.NewUserGroup(ctx, owner.Logical("users", AdminGroup), &cognito.UserGroupArgs{
		Name:        pulumi.String(AdminGroup),
		Description: pulumi.String("Operators of the platform"),
		UserPoolId:  pool.ID(),
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the group %s: %w", AdminGroup, err)
	}
	return withClient(ctx, owner, pool.ID().ToStringOutput())
}

// Reuse takes a pool as it is.
func Reuse(ctx *pulumi.Context, owner component.Owner, id string) (*Pool, error) {
	return withClient(ctx, owner, pulumi.String(id).ToStringOutput())
}

// withClient makes a client for programs that cannot keep a secret, such as web pages. Users
// prove their password without sending it (SRP); with AWS credentials that allow
// cognito-idp:AdminInitiateAuth an operator can sign a user in by the password.
func withClient(ctx *pulumi.Context, owner component.Owner, pool pulumi.StringOutput) (*Pool, error) {
	client, err := cognito.NewUserPoolClient(ctx, owner.Logical("users", "client"), &cognito.UserPoolClientArgs{
		Name:                       pulumi.String(owner.Physical(naming.UserPool, "client")),
		UserPoolId:                 pool,
		GenerateSecret:             pulumi.Bool(false),
		ExplicitAuthFlows:          pulumi.ToStringArray([]string{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"}),
		PreventUserExistenceErrors: pulumi.String("ENABLED"),
		EnableTokenRevocation:      pulumi.Bool(true),
		AccessTokenValidity:        pulumi.Int(tokenMinutes),
		IdTokenValidity:            pulumi.Int(tokenMinutes),
		RefreshTokenValidity:       pulumi.Int(refreshDays),
		TokenValidityUnits: &cognito.UserPoolClientTokenValidityUnitsArgs{
			AccessToken: pulumi.String("minutes"), IdToken: pulumi.String("minutes"), RefreshToken: pulumi.String("days"),
		},
	}, owner.Child())
	if err != nil {
		return nil, fmt.Errorf("the client of the user pool: %w", err)
	}
	return &Pool{ID: pool, ClientID: client.ID().ToStringOutput()}, nil
}
