//go:build tools

// Package tools pins the host of programs in Java, which generates their SDKs too.
package tools

import _ "github.com/pulumi/pulumi-java/pkg/cmd/pulumi-language-java"
