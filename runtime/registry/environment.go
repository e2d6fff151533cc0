package registry

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Environment variables of the admin and the connect function. The provider sets
// them; beside these both have REVENTLESS_FUNCTION (see runtime/definition).
const (
	// EnvPluginLogTable is the physical name of the Plugin aggregate's event log
	// (admin, connect).
	EnvPluginLogTable = "REVENTLESS_PLUGIN_LOG_TABLE"
	// EnvPluginsTable is the physical name of the read model's table, hash key "id"
	// (admin, connect).
	EnvPluginsTable = "REVENTLESS_PLUGINS_TABLE"
	// EnvLivenessTable is the physical name of the table of heartbeats, hash key "id"
	// (admin, connect). Optional: without it no heartbeat is recorded, and so no plugin
	// is ever shown as disconnected.
	EnvLivenessTable = "REVENTLESS_LIVENESS_TABLE"
	// EnvRegistryQueueURL is the URL of the FIFO queue of requests (admin, connect).
	EnvRegistryQueueURL = "REVENTLESS_REGISTRY_QUEUE_URL"
	// EnvSweepQueueURL is the URL of the standard queue of sweeps (admin).
	EnvSweepQueueURL = "REVENTLESS_SWEEP_QUEUE_URL"
	// EnvAPIID is the id of the AppSync API (admin).
	EnvAPIID = "REVENTLESS_API_ID"
	// EnvAPILogLevel is how much AppSync logs of the API, [APILogOff] for nothing (admin).
	// Optional: without it nobody looks after the API's log group.
	EnvAPILogLevel = "REVENTLESS_API_LOG_LEVEL"
	// EnvAPILogRetentionDays is for how many days the API's log group keeps entries, 0 for
	// ever (admin). Required with EnvAPILogLevel.
	EnvAPILogRetentionDays = "REVENTLESS_API_LOG_RETENTION_DAYS"
	// EnvDeadLetterQueues is a JSON object: part → URL of the platform's own dead-letter
	// queue (connect). Optional: without it nothing is said of them.
	EnvDeadLetterQueues = "REVENTLESS_DEAD_LETTER_QUEUES"
	// EnvAuthenticationModes lists the API's authentication modes, separated by
	// commas, the primary one first (admin, connect).
	EnvAuthenticationModes = "REVENTLESS_AUTHENTICATION_MODES"
	// EnvStack is organization/project/stack of the platform's stack (admin,
	// connect). Optional: with it the name "Platform" is accepted from this stack
	// only, without it from the first stack that connects.
	EnvStack = "REVENTLESS_STACK"
)

// APILogOff is the value of [EnvAPILogLevel] of an API that does not log.
const APILogOff = "NONE"

// Getenv reads environment variables that must not be empty. The error names all
// that are missing.
func Getenv(names ...string) (map[string]string, error) {
	values := make(map[string]string, len(names))
	var problems []error
	for _, name := range names {
		values[name] = os.Getenv(name)
		if values[name] == "" {
			problems = append(problems, fmt.Errorf("environment variable %s is not set; the provider sets it on the platform's functions, so update the platform's stack", name))
		}
	}
	return values, errors.Join(problems...)
}

// SplitList splits the value of a variable that lists names.
func SplitList(value string) []string {
	var names []string
	for _, name := range strings.Split(value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
