package lambda

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/enforcement"
)

const execWrapper = "AWS_LAMBDA_EXEC_WRAPPER"

// command is the process's command line, with the exec wrapper for managed runtimes.
func (p *pool) command() ([]string, error) {
	command, err := p.service.runtimes.command(p.config.Runtime, p.folder)
	if err != nil {
		return nil, err
	}
	wrapper := p.variables()[execWrapper]
	if wrapper == "" || strings.HasPrefix(p.config.Runtime, "provided") {
		return command, nil
	}
	return append([]string{wrapper}, command...), nil
}

// variables are the function's own environment variables. Values below /opt are
// rewritten, since the layers are elsewhere here.
func (p *pool) variables() map[string]string {
	variables := map[string]string{}
	if p.config.Environment == nil {
		return variables
	}
	for key, value := range p.config.Environment.Variables {
		if value == "/opt" || strings.HasPrefix(value, "/opt/") {
			value = filepath.Join(p.folder, "opt", strings.TrimPrefix(value, "/opt"))
		}
		variables[key] = value
	}
	return variables
}

// environment is the process's whole environment. Nothing of this process's own
// environment is passed on, except where programs are found.
func (p *pool) environment(runtimeAPI, logStream string, as enforcement.Credentials) []string {
	variables := p.defaults()
	maps.Copy(variables, p.variables())
	maps.Copy(variables, p.reservedVariables(runtimeAPI, logStream, as))
	lines := make([]string, 0, len(variables))
	for _, key := range slices.Sorted(maps.Keys(variables)) {
		lines = append(lines, key+"="+variables[key])
	}
	return lines
}

// defaults may be set otherwise by the function.
func (p *pool) defaults() map[string]string {
	opt := filepath.Join(p.folder, "opt")
	return map[string]string{
		"AWS_ENDPOINT_URL": p.service.options.Endpoint,
		"HOME":             filepath.Join(p.folder, "tmp"),
		"LANG":             "en_US.UTF-8",
		"NODE_PATH":        opt + "/nodejs/node_modules",
		"PATH":             os.Getenv("PATH") + ":" + opt + "/bin",
		"PYTHONPATH":       opt + "/python",
		"TMPDIR":           filepath.Join(p.folder, "tmp"),
		// No bytecode beside the code, which is read-only on AWS.
		"PYTHONDONTWRITEBYTECODE": "1",
	}
}

// reservedVariables are those that Lambda sets and no function may set.
func (p *pool) reservedVariables(runtimeAPI, logStream string, as enforcement.Credentials) map[string]string {
	region := p.service.options.Region
	return map[string]string{
		"_HANDLER":                        p.config.Handler,
		"AWS_ACCESS_KEY_ID":               as.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           as.SecretAccessKey,
		"AWS_SESSION_TOKEN":               as.SessionToken,
		"AWS_DEFAULT_REGION":              region,
		"AWS_REGION":                      region,
		"AWS_EXECUTION_ENV":               "AWS_Lambda_" + p.config.Runtime,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": itoa(p.config.MemorySize),
		"AWS_LAMBDA_FUNCTION_NAME":        p.config.FunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION":     p.config.Version,
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_FORMAT":           p.config.LoggingConfig.LogFormat,
		"AWS_LAMBDA_LOG_GROUP_NAME":       p.config.LoggingConfig.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      logStream,
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"LAMBDA_RUNTIME_DIR":              p.service.runtimes.folder,
		"LAMBDA_TASK_ROOT":                filepath.Join(p.folder, "task"),
		"TZ":                              ":UTC",
	}
}
