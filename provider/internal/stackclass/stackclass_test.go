package stackclass_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/provider/internal/stackclass"
)

func TestClasses(t *testing.T) {
	t.Parallel()
	type defaults struct {
		class                                stackclass.Class
		days                                 int
		protects, restores, empties, alarmed bool
		level                                string
	}
	production := defaults{stackclass.Production, 365, true, true, false, true, "ERROR"}
	standard := defaults{stackclass.Standard, 30, false, true, false, false, "ERROR"}
	disposable := defaults{stackclass.Disposable, 3, false, false, true, false, "NONE"}
	for stack, want := range map[string]defaults{
		"prod": production, "main": production, "organization/pr-shop/main": production,
		"alpha": standard, "prod-eu": standard, "product": standard, "xpr-1": standard, "organization/main/alpha": standard, "pr": standard,
		"pr-17": disposable, "organization/shop/pr-17": disposable,
	} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			class := stackclass.Of(stack)
			assert.Equal(t, want, defaults{class, class.LogRetentionDays(), class.Protects(), class.Restores(), class.Empties(), class.Alarms(), class.APILogLevel()})
			assert.Contains(t, stackclass.Classes(), string(class))
		})
	}
}
