package inputcheck

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var functionArgs = lambda.FunctionArgs{}.ElementType()

func TestCheck(t *testing.T) {
	t.Parallel()
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	cases := map[string]struct {
		inputs property.Values
		paths  []string // refused properties
	}{
		"complete":               {property.Values{"role": "r", "timeout": 3, "layers": []string{"a"}}, nil},
		"missing required":       {property.Values{}, []string{"role"}},
		"unknown value":          {property.Values{"role": unknown, "timeout": unknown, "environment": unknown}, nil},
		"unknown nested":         {property.Values{"role": "r", "environment": property.Values{"variables": map[string]any{"A": unknown}}}, nil},
		"null is absent":         {property.Values{"role": nil}, []string{"role"}},
		"secret is looked into":  {property.Values{"role": resource.MakeSecret(resource.NewNumberProperty(1))}, []string{"role"}},
		"unknown argument":       {property.Values{"role": "r", "memory": 1}, []string{"memory"}},
		"wrong scalar":           {property.Values{"role": 7}, []string{"role"}},
		"fraction for integer":   {property.Values{"role": "r", "timeout": 1.5}, []string{"timeout"}},
		"scalar for list":        {property.Values{"role": "r", "layers": "a"}, []string{"layers"}},
		"wrong element":          {property.Values{"role": "r", "layers": []any{"a", 2}}, []string{"layers[1]"}},
		"wrong map element":      {property.Values{"role": "r", "environment": property.Values{"variables": property.Values{"A": 1}}}, []string{"environment.variables.A"}},
		"nested unknown":         {property.Values{"role": "r", "loggingConfig": property.Values{"logFormat": "JSON", "group": "g"}}, []string{"loggingConfig.group"}},
		"nested missing":         {property.Values{"role": "r", "loggingConfig": property.Values{"logGroup": "g"}}, []string{"loggingConfig.logFormat"}},
		"text for archive":       {property.Values{"role": "r", "code": "x"}, []string{"code"}},
		"all problems at once":   {property.Values{"timeout": "x", "memory": 1}, []string{"memory", "role", "timeout"}},
		"bookkeeping is ignored": {property.Values{"role": "r", "__defaults": []string{}}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var paths []string
			for _, f := range Check(functionArgs, c.inputs.Map()) {
				paths = append(paths, f.Path)
				assert.NotEmpty(t, f.Reason)
			}
			assert.Equal(t, c.paths, paths)
		})
	}
}

func TestCheckDeclaredRequired(t *testing.T) {
	t.Parallel()
	failures := Check(functionArgs, property.Values{"role": "r"}.Map(), "layers")
	assert.Len(t, failures, 1)
	assert.Contains(t, failures[0].Reason, `"layers" (list of string) is required`)
}

func TestProject(t *testing.T) {
	t.Parallel()
	old := property.Of(property.Values{"logFormat": "JSON"})
	read := property.Of(property.Values{"logFormat": "Text", "applicationLogLevel": "INFO"})
	got := Project(reflect.TypeFor[*lambda.FunctionLoggingConfig](), old, read)
	assert.True(t, property.Of(property.Values{"logFormat": "Text"}).DeepEquals(got))

	tags := Project(reflect.TypeFor[map[string]string](), property.Of(map[string]string{"a": "1"}), property.Of(map[string]string{"a": "1", "drift": "x"}))
	assert.Len(t, tags.ObjectValue(), 2, "maps with free keys show drift")
}
