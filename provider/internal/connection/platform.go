// Package connection connects stacks with the platform's registry:
//
//  1. [ParsePlatform] reads what a platform exports as its connection.
//  2. [Check] asks the registry, in a preview too, whether it would take a fragment, and
//     for the nonce that makes the connection below run again when the registry lost it.
//  3. [Connect] is the connection itself: an invocation of the connect function for the
//     life of the stack, run on create, update and delete.
//  4. [Gate] turns the answer into an error or into a value on which everything that
//     needs the fields of the API waits.
package connection

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/naming"
	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// FormatVersion is the version of the connection's format.
const FormatVersion = protocol.PlatformFormatVersion

// Platform is what a plugin needs to know of its platform.
type Platform struct {
	// Name is the platform's name, Stack is organization/project/stack.
	Name, Stack         string
	APIID, GraphQLURL   string
	ConnectFunctionName string
	RuntimeLayerARN     string
	AuthenticationModes []string
	SchedulerGroupName  string
	LogRetentionDays    int
	Architecture        string
	// Class is the class of the platform's stack.
	Class stackclass.Class
	// AlarmTopicARN is the topic that alarms tell, "" for none.
	AlarmTopicARN string
	// Tracing says whether X-Ray traces the platform.
	Tracing bool
	// UserPoolID and UserPoolClientID are those of the API's users, empty where there are
	// none.
	UserPoolID, UserPoolClientID string

	account string
}

// Account is the AWS account of the platform.
func (p Platform) Account() string { return p.account }

// The keys of a connection.
const (
	keyFormat          = "formatVersion"
	keyName            = "platform"
	keyStack           = "stack"
	keyAPIID           = "apiId"
	keyGraphQLURL      = "graphqlUrl"
	keyConnect         = "connectFunctionName"
	keyLayer           = "runtimeLayerArn"
	keyModes           = "authenticationModes"
	keySchedulerGroup  = "schedulerGroupName"
	keyLogRetention    = "logRetentionDays"
	keyArchitecture    = "architecture"
	keyClass           = "stackClass"
	keyAlarmTopic      = "alarmTopicArn"
	keyTracing         = "tracing"
	keyUserPool        = "userPoolId"
	keyUserPoolClient  = "userPoolClientId"
	modeSeparator      = ","
	fixPlatformUpgrade = "update the platform's stack with the same release of the provider"
)

// Values is the connection as a map of strings, as it is exported.
func (p Platform) Values() map[string]string {
	values := map[string]string{
		keyFormat:         FormatVersion,
		keyName:           p.Name,
		keyStack:          p.Stack,
		keyAPIID:          p.APIID,
		keyGraphQLURL:     p.GraphQLURL,
		keyConnect:        p.ConnectFunctionName,
		keyLayer:          p.RuntimeLayerARN,
		keyModes:          strings.Join(p.AuthenticationModes, modeSeparator),
		keySchedulerGroup: p.SchedulerGroupName,
		keyLogRetention:   strconv.Itoa(p.LogRetentionDays),
		keyArchitecture:   p.Architecture,
		keyClass:          string(p.Class),
	}
	if p.AlarmTopicARN != "" {
		values[keyAlarmTopic] = p.AlarmTopicARN
	}
	if p.Tracing {
		values[keyTracing] = strconv.FormatBool(p.Tracing)
	}
	if p.UserPoolID != "" {
		values[keyUserPool], values[keyUserPoolClient] = p.UserPoolID, p.UserPoolClientID
	}
	return values
}

// ParsePlatform reads a connection; from says where it was found, for the error.
func ParsePlatform(values map[string]string, from string) (Platform, error) {
	if values[keyFormat] == "" {
		return Platform{}, fmt.Errorf("%s is no connection of a platform; take the platform's output, as in `platform: ${<platform>.connection}`", from)
	}
	if version := values[keyFormat]; version != FormatVersion {
		return Platform{}, fmt.Errorf("%s is a connection of format %q, this provider knows format %s; %s",
			from, version, FormatVersion, fixPlatformUpgrade)
	}
	var missing []string
	get := func(key string) string {
		if values[key] == "" {
			missing = append(missing, key)
		}
		return values[key]
	}
	platform := Platform{
		Name:                get(keyName),
		Stack:               get(keyStack),
		APIID:               get(keyAPIID),
		GraphQLURL:          get(keyGraphQLURL),
		ConnectFunctionName: get(keyConnect),
		RuntimeLayerARN:     get(keyLayer),
		AuthenticationModes: strings.Split(get(keyModes), modeSeparator),
		SchedulerGroupName:  get(keySchedulerGroup),
		Architecture:        get(keyArchitecture),
		// A platform of an earlier release does not say these.
		Class:            cmp.Or(stackclass.Class(values[keyClass]), stackclass.Of(values[keyStack])),
		AlarmTopicARN:    values[keyAlarmTopic],
		Tracing:          values[keyTracing] == strconv.FormatBool(true),
		UserPoolID:       values[keyUserPool],
		UserPoolClientID: values[keyUserPoolClient],
	}
	retention := get(keyLogRetention)
	if len(missing) > 0 {
		slices.Sort(missing)
		return Platform{}, fmt.Errorf("%s lacks %s; %s", from, strings.Join(missing, ", "), fixPlatformUpgrade)
	}
	days, err := strconv.Atoi(retention)
	if err != nil {
		return Platform{}, fmt.Errorf("%s says %s %q, which is no number; %s", from, keyLogRetention, retention, fixPlatformUpgrade)
	}
	platform.LogRetentionDays = days
	platform.account = naming.Account(platform.RuntimeLayerARN)
	return platform, nil
}

// Strings makes a connection of the values of a stack's output.
func Strings(values map[string]any) map[string]string {
	texts := make(map[string]string, len(values))
	for key, value := range values {
		if text, ok := value.(string); ok {
			texts[key] = text
		}
	}
	return texts
}
