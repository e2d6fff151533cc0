//go:build tools

// Package tools pins the Pulumi command line that the tests and the demo run.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
