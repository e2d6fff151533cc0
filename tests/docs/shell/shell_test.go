package shell_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/tests/docs/shell"
	"github.com/reventless/pulumi-reventless/tests/docs/snippet"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	checker := &shell.Checker{Root: snippet.Root()}
	for name, test := range map[string]struct{ script, want string }{
		"reventless":               {"bin/reventless up --stack alpha --cwd x -- --refresh", ""},
		"reventless command":       {"reventless upp", "no command upp"},
		"reventless subcommand":    {"reventless dlq shew x", "shew"},
		"reventless flag":          {"reventless up --stak alpha", "unknown flag: --stak"},
		"reventless argument":      {"reventless up catalog", "catalog"},
		"flags for pulumi":         {"reventless up -- --refrsh", "unknown flag"},
		"pulumi":                   {"pulumi stack init alpha && pulumi up", ""},
		"pulumi command":           {"pulumi deploy-all", "deploy-all"},
		"pulumi subcommand":        {"pulumi stack initt alpha", "initt"},
		"pulumi flag":              {"pulumi up --stak alpha", "unknown flag: --stak"},
		"aws":                      {"aws logs delete-log-group --log-group-name /x --region eu-west-1", ""},
		"aws service":              {"aws log delete-log-group", "log"},
		"aws operation":            {"aws logs remove-log-group", "no operation remove-log-group"},
		"aws parameter":            {"aws logs delete-log-group --log-group-name x --group x", "no --group"},
		"aws parameter is missing": {"aws logs delete-log-group", "needs --log-group-name"},
		"aws switch":               {"aws dynamodb update-table --table-name x --no-deletion-protection-enabled", ""},
		"make":                     {"make demo KEEP=1", ""},
		"make target":              {"make demos", "no target demos"},
		"make variable":            {"make demo KEPT=1", "no variable KEPT"},
		"in a loop":                {"for x in a b; do (cd $x && make none); done", "no target none"},
		"in a substitution":        {"curl \"$(pulumi stack outputs url)\"", "outputs"},
		"unknown program":          {"terraform apply", "terraform"},
		"no shell":                 {"echo 'x", "no shell reads this"},
		"placeholder":              {"pulumi stack select <organization>/<project>/<stack>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := checker.Check(t.Context(), test.script)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Contains(t, err.Error(), test.want)
		})
	}
}

func TestScript(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "one \\\n  two\nthree\n", shell.Script("$ one \\\n  two\nout\n$ three\nout\n"))
}
