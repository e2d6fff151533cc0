package localconfig_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/provider/localconfig"
)

func TestCheckOfValues(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key         localconfig.Key
		value, want string
	}{
		"none":            {localconfig.LambdaMemory, "", ""},
		"memory":          {localconfig.LambdaMemory, "10240", ""},
		"little memory":   {localconfig.LambdaMemory, "127", "from 128 to 10240"},
		"much memory":     {localconfig.LambdaMemory, "10241", "from 128 to 10240"},
		"no number":       {localconfig.LambdaMemory, "1 GB", "from 128 to 10240"},
		"billing":         {localconfig.BillingMode, "PROVISIONED", ""},
		"unknown billing": {localconfig.BillingMode, "free", "use PAY_PER_REQUEST or PROVISIONED"},
		"anything":        {localconfig.HostUIBaseName, "free", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.key.In("shop").Check(test.value)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.want)
		})
	}
}
