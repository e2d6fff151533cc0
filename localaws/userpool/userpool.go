// Package userpool makes users of a Cognito user pool and signs them in, as an operator
// with AWS credentials does.
//
//  1. [New] takes a pool of a local AWS.
//  2. [Pool.SignIn] makes the groups and the user that are not there yet.
//  3. It signs the user in by AdminInitiateAuth and returns the ID token, which is what
//     AppSync takes, with the user's id.
package userpool

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/reventless/pulumi-reventless/localaws"
)

// password is that of all users. It guards nothing: the pools are those of a local AWS.
const password = "Correct-Horse-1"

// Pool is a user pool and a client in it that lets operators sign users in.
type Pool struct {
	cognito      *cognito.Client
	id, clientID string
}

// New takes the pool of this id. The endpoint is the URL of the local AWS.
func New(endpoint, region, id, clientID string) Pool {
	return Pool{id: id, clientID: clientID, cognito: cognito.New(cognito.Options{BaseEndpoint: &endpoint, Region: region,
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, "")})}
}

// User is a user who is signed in.
type User struct {
	// ID is the claim sub, which never changes.
	ID string
	// Token is an ID token, valid for an hour.
	Token string
}

// SignIn signs a user in who is in these groups.
func (p Pool) SignIn(ctx context.Context, email string, groups ...string) (User, error) {
	id, err := p.user(ctx, email)
	if err != nil {
		return User{}, fmt.Errorf("the user %s: %w", email, err)
	}
	for _, group := range groups {
		if err := p.join(ctx, email, group); err != nil {
			return User{}, fmt.Errorf("the group %s of %s: %w", group, email, err)
		}
	}
	answer, err := p.cognito.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{UserPoolId: &p.id, ClientId: &p.clientID,
		AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": password}})
	if err != nil {
		return User{}, fmt.Errorf("sign %s in: %w", email, err)
	}
	return User{ID: id, Token: aws.ToString(answer.AuthenticationResult.IdToken)}, nil
}

// user makes a user with our password, who may be there already, and returns its id.
func (p Pool) user(ctx context.Context, email string) (string, error) {
	_, err := p.cognito.AdminCreateUser(ctx, &cognito.AdminCreateUserInput{UserPoolId: &p.id, Username: &email, MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}}})
	var exists *types.UsernameExistsException
	if err != nil && !errors.As(err, &exists) {
		return "", err
	}
	if _, err := p.cognito.AdminSetUserPassword(ctx, &cognito.AdminSetUserPasswordInput{UserPoolId: &p.id, Username: &email, Password: aws.String(password), Permanent: true}); err != nil {
		return "", err
	}
	found, err := p.cognito.AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: &p.id, Username: &email})
	if err != nil {
		return "", err
	}
	for _, attribute := range found.UserAttributes {
		if aws.ToString(attribute.Name) == "sub" {
			return aws.ToString(attribute.Value), nil
		}
	}
	return "", errors.New("Cognito does not tell its id")
}

// join puts a user into a group, which may be there already.
func (p Pool) join(ctx context.Context, email, group string) error {
	_, err := p.cognito.CreateGroup(ctx, &cognito.CreateGroupInput{UserPoolId: &p.id, GroupName: &group})
	var exists *types.GroupExistsException
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	_, err = p.cognito.AdminAddUserToGroup(ctx, &cognito.AdminAddUserToGroupInput{UserPoolId: &p.id, Username: &email, GroupName: &group})
	return err
}
