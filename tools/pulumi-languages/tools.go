//go:build tools

// Package tools pins the language hosts that run Pulumi programs in Go, TypeScript and
// Python. Those of later versions are modules of their own that no module proxy has.
package tools

import (
	_ "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"
	_ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
	_ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
)
