package awsprovider

import (
	"testing"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

const (
	poolType       = "aws:cognito/userPool:UserPool"
	poolClientType = "aws:cognito/userPoolClient:UserPoolClient"
	userGroupType  = "aws:cognito/userGroup:UserGroup"
)

func poolInputs(extra property.Values) property.Values {
	inputs := property.Values{"name": "shop", "deletionProtection": "ACTIVE", "usernameAttributes": []string{"email"}, "autoVerifiedAttributes": []string{"email"},
		"adminCreateUserConfig":  property.Values{"allowAdminCreateUserOnly": true},
		"passwordPolicy":         property.Values{"minimumLength": 12, "requireSymbols": true, "temporaryPasswordValidityDays": 3},
		"accountRecoverySetting": property.Values{"recoveryMechanisms": []any{property.Values{"name": "verified_email", "priority": 1}}},
		"tags":                   map[string]string{"app": "shop"}}
	for key, value := range extra {
		inputs[key] = value
	}
	return inputs
}

func TestUserPoolWithClientAndGroup(t *testing.T) {
	t.Parallel()
	p := connectedTo(motoEndpoint)
	pool := newLab(t, p, poolType, "pool")
	state := pool.create(poolInputs(nil))
	assert.Contains(t, state.String("arn"), ":userpool/"+pool.id)
	assert.Equal(t, "cognito-idp.eu-west-1.amazonaws.com/"+pool.id, state.String("endpoint"))
	require.True(t, pool.refresh())
	assert.Equal(t, rpc.DiffResponse_DIFF_NONE, pool.diff(poolInputs(nil)).GetChanges(), "nothing differs after a refresh")
	assert.Equal(t, []string{"usernameAttributes"}, pool.diff(poolInputs(property.Values{"usernameAttributes": nil})).GetReplaces())

	clientInputs := property.Values{"name": "web", "userPoolId": pool.id, "generateSecret": false, "enableTokenRevocation": true,
		"preventUserExistenceErrors": "ENABLED", "explicitAuthFlows": []string{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}}
	client := newLab(t, p, poolClientType, "client")
	client.create(clientInputs)
	require.NotEmpty(t, client.id)
	clientInputs["explicitAuthFlows"] = []string{"ALLOW_REFRESH_TOKEN_AUTH"}
	assert.Equal(t, []string{"ALLOW_REFRESH_TOKEN_AUTH"}, client.update(clientInputs).Strings("explicitAuthFlows"))

	group := newLab(t, p, userGroupType, "group")
	group.create(property.Values{"name": "Admin", "userPoolId": pool.id, "description": "Operators"})
	assert.Equal(t, pool.id+"/Admin", group.id)
	assert.Equal(t, "All of us", group.update(property.Values{"name": "Admin", "userPoolId": pool.id, "description": "All of us"}).String("description"))
	require.True(t, group.refresh())

	found, err := p.Invoke(t.Context(), &rpc.InvokeRequest{Tok: "aws:cognito/getUserPool:getUserPool", Args: encoded(t, property.Values{"userPoolId": pool.id}.Map())})
	require.NoError(t, err)
	assert.Equal(t, "shop", found.GetReturn().GetFields()["name"].GetStringValue())

	for _, l := range []*lab{group, client, pool} {
		require.NoError(t, l.tryDelete())
		assert.False(t, l.refresh(), "gone")
	}
	_, err = p.Invoke(t.Context(), &rpc.InvokeRequest{Tok: "aws:cognito/getUserPool:getUserPool", Args: encoded(t, property.Values{"userPoolId": pool.id}.Map())})
	require.ErrorContains(t, err, "ResourceNotFoundException")
}

func TestUserPoolRefusesWhatItWouldDrop(t *testing.T) {
	t.Parallel()
	_, failures := newLab(t, connectedTo(motoEndpoint), poolType, "pool").check(poolInputs(property.Values{"lambdaConfig": property.Values{"preTokenGeneration": "arn:x"}}))
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0].GetReason(), `does not know "lambdaConfig"`)
}
