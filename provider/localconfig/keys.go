package localconfig

import "strings"

// Key is a value that can be configured.
type Key struct {
	// Name is the key in camel case: in the file, and behind its namespace in the stack's
	// configuration.
	Name string
	// Namespace is the one in the stack's configuration. It is empty for that of the
	// project, see [Key.In].
	Namespace string
	// Is says what the value is, for users.
	Is string
	// Unset says what happens without a value, for users.
	Unset string
	// Of are the components that read it: "Platform", "Plugin" or both.
	Of string
}

// Namespace is that of the keys which are not the project's own.
const Namespace = "platform"

// The keys.
var (
	Stack = Key{Name: "stack", Namespace: Namespace, Of: "Plugin",
		Is: "the stack of the platform, <org>/<project>/<stack>", Unset: "a plugin outside of the platform's program is refused"}
	LambdaMemory = Key{Name: "lambdaMemory", Of: "Plugin",
		Is: "memory in MB of the functions that run a handler", Unset: "512"}
	BillingMode = Key{Name: "dynamoDbBillingMode", Of: "Plugin",
		Is: "PAY_PER_REQUEST or PROVISIONED", Unset: "PAY_PER_REQUEST"}
	CognitoUserPoolID = Key{Name: "cognitoUserPoolId", Namespace: Namespace, Of: "Platform",
		Is: "the id of the Cognito user pool to use", Unset: "the platform makes a user pool of its own"}
	HostUIBaseDomain = Key{Name: "hostUiBaseDomain", Namespace: Namespace, Of: "Platform",
		Is: "the domain below which the host UI is served", Unset: "the host UI keeps a name of CloudFront"}
	HostUIHostedZoneID = Key{Name: "hostUiHostedZoneId", Namespace: Namespace, Of: "Platform",
		Is: "the id of the Route 53 hosted zone of hostUiBaseDomain", Unset: "the host UI keeps a name of CloudFront"}
	HostUIBaseName = Key{Name: "hostUiBaseName", Namespace: Namespace, Of: "Platform",
		Is: "the first part of the host UI's name", Unset: "the project's name"}
	HostUIProdStacks = Key{Name: "hostUiProdStacks", Namespace: Namespace, Of: "Platform",
		Is: "the stacks whose host UI has no stack in its name, with commas", Unset: "prod,main"}
)

// Keys are all keys, in the order in which they are shown.
func Keys() []Key {
	return []Key{Stack, LambdaMemory, BillingMode, CognitoUserPoolID, HostUIBaseDomain, HostUIHostedZoneID, HostUIBaseName, HostUIProdStacks}
}

// In is the key with the namespace of a project, where it has none of its own.
func (k Key) In(project string) Key {
	if k.Namespace == "" {
		k.Namespace = project
	}
	return k
}

// Variable is the name of the environment variable.
func (k Key) Variable() string { return Prefix + screaming(k.Name) }

// Config is the name in the stack's configuration.
func (k Key) Config() string { return k.Namespace + ":" + k.Name }

// List splits a value with several entries at its commas.
func List(value string) []string {
	var entries []string
	for entry := range strings.SplitSeq(value, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}
