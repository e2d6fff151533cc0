package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/exit"
	"github.com/reventless/pulumi-reventless/runtime/registry"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

func TestAWellShop(t *testing.T) {
	t.Parallel()
	report := newWorld(t).examine()
	for _, finding := range report.Findings {
		assert.Equal(t, OK, finding.Status, "%+v", finding)
	}
	assert.Equal(t, OK, report.Result)
	for _, check := range stackChecks {
		assert.NotEmpty(t, report.found(check, "ordering"), check)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		hurt         func(w *world)
		check, stack string
		status       Status
		text, fix    string
	}{
		"no pulumi":               {func(w *world) { w.missing = errors.New("the pulumi command: not found") }, checkPulumi, "", Problem, "not found", "https://www.pulumi.com/docs/install"},
		"no pulumi, so no login":  {func(w *world) { w.missing = errors.New("x") }, checkLogin, "", Unchecked, "not checked, because there is no pulumi command", ""},
		"no pulumi, so no states": {func(w *world) { w.missing = errors.New("x") }, checkStack, "catalog", Unchecked, "not checked, because the pulumi command or its login", ""},
		"not logged in":           {func(w *world) { w.loginError = errors.New("not logged in") }, checkLogin, "", Problem, "not logged in", "`pulumi login`"},
		"backend is down":         {func(w *world) { w.listError = errors.New("503") }, checkStack, "catalog", Unchecked, "503", ""},
		"wrong manifest":          {func(w *world) { w.write("deploy-manifest.yaml", "plugins: [{name: a}]") }, checkManifest, "", Problem, "deploy-manifest.yaml:1: plugins[0] has no path", "edit the file"},
		"wrong manifest, rest":    {func(w *world) { w.write("deploy-manifest.yaml", "plugins: [{name: a}]") }, checkConnection, "", Unchecked, "the stacks are not known", ""},
		"skipped":                 {func(w *world) { w.remove("ordering-aws/Pulumi.alpha.yaml") }, checkEnvironment, "ordering", Note, "there is no ordering-aws/Pulumi.alpha.yaml", "make that file"},
		"disabled": {func(w *world) {
			w.remove("ordering-aws/Pulumi.alpha.yaml")
			w.write("ordering-aws/Pulumi.alpha.yaml.disabled", "")
		}, checkEnvironment, "ordering", Note, "is disabled", ""},
		"no such stack":  {func(w *world) { w.gone("ordering") }, checkStack, "ordering", Problem, `no stack named "ordering/alpha" found`, "reventless up --only ordering --stack alpha"},
		"empty stack":    {func(w *world) { w.info("ordering").Resources = 0 }, checkStack, "ordering", Problem, "nothing is deployed", "reventless up"},
		"unreadable":     {func(w *world) { w.exportError = errors.New("bad checkpoint") }, checkStack, "ordering", Problem, "bad checkpoint", "pulumi stack export"},
		"interrupted":    {func(w *world) { w.states["ordering"].pending = []string{"commands"} }, checkStack, "ordering", Problem, "creating commands", "pulumi refresh --stack alpha"},
		"locked":         {func(w *world) { w.info("ordering").UpdateInProgress = true }, checkStack, "ordering", Problem, "is locked", "pulumi cancel --stack alpha"},
		"no component":   {func(w *world) { w.states["ordering"].component = "Other" }, checkStack, "ordering", Problem, "neither a platform nor a plugin", "reventless:index:Plugin"},
		"unknown key":    {func(w *world) { w.write("catalog-aws/Pulumi.local.yaml", "stak: a/b/c") }, checkLocalFile, "catalog", Problem, `Pulumi.local.yaml:1: there is no key "stak". Did you mean "stack"?`, "edit catalog-aws/Pulumi.local.yaml"},
		"known key":      {func(w *world) { w.write("catalog-aws/Pulumi.local.yaml", "lambdaMemory: 256") }, checkLocalFile, "catalog", OK, "ignored by git", ""},
		"not ignored":    {func(w *world) { w.ignored = false; w.write("catalog-aws/Pulumi.local.yaml", "lambdaMemory: 256") }, checkLocalFile, "catalog", Problem, "git does not ignore", "**/Pulumi.local.yaml"},
		"wrong memory":   {func(w *world) { w.set("catalog", "catalog:lambdaMemory", "much") }, checkValues, "catalog", Problem, `lambdaMemory (catalog:lambdaMemory) is "much"`, "from 128 to 10240"},
		"wrong billing":  {func(w *world) { w.environ = []string{"REVENTLESS_DYNAMO_DB_BILLING_MODE=free"} }, checkValues, "catalog", Problem, "REVENTLESS_DYNAMO_DB_BILLING_MODE", "PAY_PER_REQUEST or PROVISIONED"},
		"read by nobody": {func(w *world) { w.set("catalog", "platform:stak", "x") }, checkValues, "catalog", Warning, `platform:stak is read by nobody. Did you mean "platform:stack"?`, "reventless config"},

		"no platform, its program tells": {func(w *world) { delete(w.values["catalog"], "platform:stack") }, checkPlatform, "catalog", OK, "its program names the platform", ""},
		"no platform": {func(w *world) {
			delete(w.values["catalog"], "platform:stack")
			w.states["catalog"].result["graphqlUrl"] = ""
		}, checkPlatform, "catalog", Warning, "Missing required configuration variable 'platform:stack'", "pulumi config set platform:stack"},
		"no platform, so no registry": {func(w *world) {
			delete(w.values["catalog"], "platform:stack")
			w.states["catalog"].result["graphqlUrl"] = ""
		}, checkConnection, "catalog", Unchecked, "its platform is not known", ""},
		"no full name":              {func(w *world) { w.set("catalog", "platform:stack", "alpha") }, checkPlatform, "catalog", Problem, "no stack's full name", "pulumi config set"},
		"unknown platform":          {func(w *world) { w.set("catalog", "platform:stack", "org/platfrom/alpha") }, checkPlatform, "catalog", Problem, `Did you mean "org/platform/alpha"`, "pulumi config set platform:stack org/platform/alpha --stack alpha` in catalog-aws"},
		"platform from environment": {func(w *world) { w.environ = []string{"REVENTLESS_STACK=org/nowhere/alpha"} }, checkPlatform, "catalog", Problem, "org/nowhere/alpha (REVENTLESS_STACK)", ""},
		"platform not deployed":     {func(w *world) { w.info("platform").Resources = 0 }, checkPlatform, "catalog", Problem, "not deployed yet", "reventless up --only platform"},
		"platform does not export":  {func(w *world) { delete(w.states["platform"].outputs, "platform") }, checkPlatform, "catalog", Problem, `it has no output "platform"`, "outputs: {platform: ${<platform>.connection}}"},
		"its own stack says so":     {func(w *world) { delete(w.states["platform"].outputs, "platform") }, checkPlatform, "platform", Problem, `it has no output "platform"`, "outputs"},
		"unknown format":            {func(w *world) { w.states["platform"].outputs["platform"] = map[string]any{"formatVersion": "2"} }, checkPlatform, "catalog", Problem, "has format 2, this release knows 1", ""},
		"other environment": {func(w *world) {
			w.states["elsewhere"] = w.states["platform"]
			w.set("catalog", "platform:stack", "org/elsewhere/main")
		}, checkPlatform, "catalog", Warning, "another environment than alpha", "unless it is meant so"},
		"dependency not there": {func(w *world) { w.gone("catalog") }, checkDependencies, "ordering", Problem, "org/catalog/alpha (interstack:dependencies): no stack named", "reventless up --only catalog --stack alpha` first"},
		"dependency misspelt": {func(w *world) {
			w.write("ordering-aws/Pulumi.alpha.yaml", "config: {platform:stack: org/platform/alpha, interstack: {dependencies: [org/catalogue/alpha]}}")
		}, checkDependencies, "ordering", Problem, `Did you mean "org/catalog/alpha"`, "interstack.dependencies in ordering-aws/Pulumi.alpha.yaml"},
		"dependency not deployed":  {func(w *world) { w.info("catalog").Resources = 0 }, checkDependencies, "ordering", Problem, "not deployed yet", "reventless up --only catalog"},
		"dependency tells nothing": {func(w *world) { w.states["catalog"].outputs = nil }, checkDependencies, "ordering", Problem, `it has no output "_interopMeta"`, "outputs: {_interopMeta:"},
		"dependency of a newer release": {func(w *world) {
			w.states["catalog"].outputs = map[string]any{"_interopMeta": map[string]any{"plugin": "catalog", "formatVersion": 99}}
		}, checkDependencies, "ordering", Problem, "has format 99", ""},
		"order not in the manifest": {func(w *world) {
			w.write("deploy-manifest.yaml", "platform: {path: platform-aws}\nplugins:\n  - {name: catalog, path: catalog-aws}\n  - {name: ordering, path: ordering-aws}\n")
		}, checkOrder, "ordering", Warning, "depends-on does not", "add catalog to depends-on of ordering"},
		"order in the manifest alone": {func(w *world) {
			w.write("ordering-aws/Pulumi.alpha.yaml", "config: {platform:stack: org/platform/alpha}")
		}, checkOrder, "ordering", Note, "that is the order alone", ""},

		"no credentials": {func(w *world) { w.identityError = errors.New("ExpiredToken") }, checkCredentials, "catalog", Problem, "ExpiredToken", "aws sso login"},
		"other account":  {func(w *world) { w.identity.Account = "1" }, checkCredentials, "catalog", Problem, "of the account 1, its platform is in 123456789012", "AWS_PROFILE"},
		"other region":   {func(w *world) { w.identity.Region = "us-east-1" }, checkCredentials, "catalog", Problem, "us-east-1, its platform is in eu-west-1", "pulumi config set aws:region eu-west-1"},

		"plugin of a newer release":  {func(w *world) { w.states["catalog"].release = "1.3.0" }, checkRelease, "catalog", Problem, "by release 1.3.0, its platform by 1.2.0", "deploy the platform first, then all plugins"},
		"plugin of an older release": {func(w *world) { w.states["catalog"].release = "1.1.0" }, checkRelease, "catalog", Warning, "by release 1.1.0", "reventless up --only catalog"},
		"of an older runtime":        {func(w *world) { w.states["catalog"].layer = "arn:aws:lambda:eu-west-1:123456789012:layer:l:0" }, checkRelease, "catalog", Warning, "runs with the runtime layer l:0, its platform has l:1 now", "reventless up --only catalog"},
		"of the same runtime, release unknown": {func(w *world) {
			w.states["catalog"].layer, w.states["catalog"].release = "arn:aws:lambda:eu-west-1:123456789012:layer:l:1", ""
		}, checkRelease, "catalog", OK, "the runtime layer that its platform has", ""},
		"unknown release":       {func(w *world) { w.states["catalog"].release = "" }, checkRelease, "catalog", Note, "do not tell", ""},
		"other command":         {func(w *world) { w.version = "1.3.0" }, checkRelease, "platform", Warning, "this command is of 1.3.0", "the platform first"},
		"command of no release": {func(w *world) { w.version = "0.0.0-dev" }, checkRelease, "platform", OK, "1.2.0", ""},

		"not registered": {func(w *world) { delete(w.registry.Rows, "catalog") }, checkConnection, "catalog", Problem, "the registry does not know it", "pulumi up --stack alpha` in catalog-aws"},
		"silent":         {func(w *world) { w.row("catalog", func(r *registry.Row) { r.Status = registry.StatusDisconnected }) }, checkConnection, "catalog", Problem, "missed its heartbeats, last heartbeat 1m0s ago", "/reventless/<function>"},
		"inactive": {func(w *world) {
			w.row("catalog", func(r *registry.Row) { r.Status, r.Reason = registry.StatusInactive, "costs" })
		}, checkConnection, "catalog", Problem, "is INACTIVE", `Platform_activatePlugin(id: "catalog")`},
		"retired": {func(w *world) { w.row("catalog", func(r *registry.Row) { r.Status = registry.StatusRetired }) }, checkConnection, "catalog", Problem, "is RETIRED", "pulumi up"},
		"refused": {func(w *world) {
			w.row("catalog", func(r *registry.Row) { r.Status, r.Message = registry.StatusRefused, "conflict" })
		}, checkConnection, "catalog", Problem, "is REFUSED in the registry: its fields are not in the API. conflict", "pulumi up"},
		"another stack's": {func(w *world) { w.row("catalog", func(r *registry.Row) { r.Stack = "org/shelf/alpha" }) }, checkConnection, "catalog", Problem, "is that of the stack org/shelf/alpha", "another name"},
		"other version":   {func(w *world) { w.row("catalog", func(r *registry.Row) { r.Version = "0.9.0" }) }, checkConnection, "catalog", Warning, "deployed in version 1.0.0, the registry has 0.9.0", "pulumi up"},
		"wiring":          {func(w *world) { w.row("catalog", func(r *registry.Row) { r.Message = "no topic" }) }, checkConnection, "catalog", Warning, "CONNECTED, but: no topic", ""},
		"no registry":     {func(w *world) { w.registryError = errors.New("AccessDenied") }, checkConnection, "catalog", Unchecked, "AccessDenied", "the table plugins"},

		"dead letters":             {func(w *world) { w.messages["catalog-commands"] = 2 }, checkDeadLetters, "catalog", Problem, "2 messages could not be processed", "reventless dlq show commands --cwd catalog-aws --stack alpha"},
		"dead letters of registry": {func(w *world) { w.messages["registry-dead"] = 1 }, checkDeadLetters, "platform", Problem, "1 message could not be processed: the dead-letter queue of platform registry", "reventless dlq redrive registry"},
		"queues not readable":      {func(w *world) { w.countError = errors.New("AccessDenied") }, checkDeadLetters, "catalog", Unchecked, "AccessDenied", ""},
		"no queues told":           {func(w *world) { delete(w.states["platform"].result, "deadLetterQueueUrls") }, checkDeadLetters, "platform", Note, "tells no dead-letter queues", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.hurt(w)
			report := w.examine()
			found := report.found(test.check, test.stack)
			require.NotEmpty(t, found, "%+v", report.Findings)
			assert.Equal(t, test.status, found[0].Status, "%+v", found)
			assert.Contains(t, found[0].Text, test.text)
			assert.Contains(t, found[0].Fix, test.fix)
			if test.status == Problem || test.status == Warning {
				assert.NotEmpty(t, found[0].Fix)
			}
		})
	}
}

func (w *world) row(plugin string, change func(*registry.Row)) {
	row := w.registry.Rows[plugin]
	change(&row)
	w.registry.Rows[plugin] = row
}

func TestProgramWithItsOwnPlatformNeedsNoOutput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	delete(w.states["platform"].outputs, "platform")
	w.write("deploy-manifest.yaml", "plugins:\n  - {name: shop, path: platform-aws}\n")
	found := w.examine().found(checkPlatform, "shop")
	require.Len(t, found, 1)
	assert.Equal(t, OK, found[0].Status)
}

// run runs the command.
func (w *world) run(arguments ...string) (string, error) {
	var out bytes.Buffer
	manifest := ""
	made := command(&manifest, w.sources)
	made.SilenceErrors, made.SilenceUsage = true, true
	made.SetOut(&out)
	made.SetArgs(arguments)
	err := made.ExecuteContext(w.t.Context())
	return out.String(), err
}

func TestCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, err := w.run()
	require.NoError(t, err)
	assert.Regexp(t, `^0 problems, 0 warnings, \d+ ok\n$`, out)
	out, err = w.run("--all")
	require.NoError(t, err)
	assert.Contains(t, out, "ok         catalog connection: the plugin catalog is CONNECTED in version 1.0.0, last heartbeat 1m0s ago\n")

	w.gone("ordering")
	out, err = w.run()
	var failed *exit.Error
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, CodeProblem, failed.Code)
	assert.Contains(t, out, "problem    ordering stack: no stack named")
	assert.Contains(t, out, "→ run `reventless up --only ordering --stack alpha`")
}

// TestDocumented has a misspelt platform and a dead letter.
func TestDocumented(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set("catalog", "platform:stack", "org/platfrom/alpha")
	w.messages["ordering-commands"] = 1
	out, err := w.run()
	require.Error(t, err)
	assert.Equal(t, snippet.Output(t, "docs/troubleshooting.md", "doctor"), out)
}

func TestTheSameOfSeveralStacksIsSaidOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.identityError = errors.New("ExpiredToken")
	out, err := w.run()
	require.Error(t, err)
	assert.Contains(t, out, "problem    platform, catalog, ordering credentials: AWS does not know the credentials: ExpiredToken\n")
	assert.Contains(t, out, "3 problems")
}

func TestWarningsAreNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set("catalog", "platform:stak", "x")
	out, err := w.run()
	require.NoError(t, err)
	assert.Contains(t, out, "0 problems, 1 warning")
}

func TestJSONIsOfItsSchema(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gone("ordering")
	text, err := w.run("--json-schema")
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("doctor.schema.json", document))
	compiled, err := compiler.Compile("doctor.schema.json")
	require.NoError(t, err)
	out, err := w.run("--json")
	require.Error(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(out)))
	require.NoError(t, err)
	require.NoError(t, compiled.Validate(value))
	var report Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	assert.Equal(t, Problem, report.Result)
}
