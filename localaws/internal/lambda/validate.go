package lambda

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Limits of AWS Lambda.
const (
	maxNameLength       = 64
	maxEnvironmentBytes = 4096
	maxLayers           = 5
	maxTimeoutSeconds   = 900
	minMemoryMB         = 128
	maxMemoryMB         = 10240
	maxZipBytes         = 50 << 20
	maxUnzippedBytes    = 250 << 20
	maxPayloadBytes     = 6 << 20
	maxEventBytes       = 1 << 20
)

var (
	namePattern        = regexp.MustCompile(`^[a-zA-Z0-9-_]+$`)
	variablePattern    = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]+$`)
	rolePattern        = regexp.MustCompile(`^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`)
	reservedPrefixes   = []string{"AWS_LAMBDA_FUNCTION_", "AWS_LAMBDA_LOG_"}
	reservedVariables  = []string{"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "TZ"}
	localRuntimes      = []string{"nodejs20.x", "nodejs22.x", "nodejs24.x", "provided.al2", "provided.al2023", "python3.11", "python3.12", "python3.13"}
	knownArchitectures = []string{"arm64", "x86_64"}
)

func constraint(value, member, rule string) error {
	return &restjson.Error{Status: 400, Code: "ValidationException",
		Message: "1 validation error detected: Value '" + value + "' at '" + member + "' failed to satisfy constraint: " + rule}
}

func checkName(name string) error {
	if len(name) > maxNameLength {
		return constraint(name, "functionName", "Member must have length less than or equal to 64")
	}
	if !namePattern.MatchString(name) {
		return constraint(name, "functionName", "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+")
	}
	return nil
}

// check checks a complete configuration, as it would be after the change.
func (c *Configuration) check() error {
	for _, check := range []func() error{c.checkRuntime, c.checkSizes, c.checkEnvironment} {
		if err := check(); err != nil {
			return err
		}
	}
	if !rolePattern.MatchString(c.Role) {
		return constraint(c.Role, "role", "Member must satisfy regular expression pattern: "+rolePattern.String())
	}
	for _, architecture := range c.Architectures {
		if !slices.Contains(knownArchitectures, architecture) {
			return constraint(architecture, "architectures", "Member must satisfy enum value set: [x86_64, arm64]")
		}
	}
	return nil
}

func (c *Configuration) checkRuntime() error {
	if c.PackageType != "Zip" {
		return restjson.Invalid("the local AWS runs functions of package type Zip only, not %s", c.PackageType)
	}
	if !slices.Contains(localRuntimes, c.Runtime) {
		return restjson.Invalid("the local AWS does not run the runtime %q, but %s; use one of these, or deploy this function to AWS", c.Runtime, strings.Join(localRuntimes, ", "))
	}
	if c.Handler == "" {
		return restjson.Invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	return nil
}

func (c *Configuration) checkSizes() error {
	if c.Timeout < 1 || c.Timeout > maxTimeoutSeconds {
		return constraint(itoa(c.Timeout), "timeout", "Member must have value between 1 and 900")
	}
	if c.MemorySize < minMemoryMB || c.MemorySize > maxMemoryMB {
		return constraint(itoa(c.MemorySize), "memorySize", "Member must have value between 128 and 10240")
	}
	return nil
}

// checkEnvironment never puts a value into its errors: it may be a secret.
func (c *Configuration) checkEnvironment() error {
	if c.Environment == nil {
		return nil
	}
	var reserved []string
	for _, key := range slices.Sorted(maps.Keys(c.Environment.Variables)) {
		if isReserved(key) {
			reserved = append(reserved, key)
		} else if !variablePattern.MatchString(key) {
			return constraint(key, "environment.variables", "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]")
		}
	}
	if len(reserved) > 0 {
		return restjson.Invalid("Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", strings.Join(reserved, ", "))
	}
	if text, _ := json.Marshal(c.Environment.Variables); len(text) > maxEnvironmentBytes {
		return restjson.Invalid("Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. Measured: %d bytes", len(text))
	}
	return nil
}

func isReserved(key string) bool {
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return slices.Contains(reservedVariables, key)
}
