package provider

import _ "embed" // the examples

// The examples of the components in each language, for their descriptions in the schema. Each
// SDK shows those of its language.
var (
	//go:embed example/platform.md
	platformExamples string
	//go:embed example/plugin.md
	pluginExamples string
)
