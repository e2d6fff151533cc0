package graphiql_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/graphiql"
)

func TestFilesAreNamedByTheirHash(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`^(graphiql|licenses)-[0-9a-f]{16}\.(js|css|txt)$`)
	for _, file := range graphiql.Files() {
		assert.Regexp(t, named, file.Name)
		assert.NotEmpty(t, file.Content, file.Name)
	}
}

// TestNothingIsLoadedFromElsewhere checks what a Content-Security-Policy would refuse.
func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	t.Parallel()
	script, styles := string(graphiql.Script().Content), string(graphiql.Styles().Content)
	for _, forbidden := range []string{"new Function(", "eval(", "importScripts", "new Worker(", "import(", "sourceMappingURL"} {
		assert.NotContains(t, script, forbidden)
	}
	assert.Contains(t, script, "show", "the function that pages call")
	for _, address := range regexp.MustCompile(`url\(([^)]{0,20})|@import`).FindAllStringSubmatch(styles, -1) {
		assert.Contains(t, strings.Trim(address[1], `"'`), "data:image/")
	}
}

func TestLicensesAreThere(t *testing.T) {
	t.Parallel()
	text := string(graphiql.Licenses().Content)
	for _, wanted := range []string{"\ngraphiql 3.8.3, MIT\n", "\nreact 18.3.1, MIT\n", "\ncodemirror 5.", "Permission is hereby granted, free of charge"} {
		require.Contains(t, text, wanted)
	}
	assert.NotContains(t, text, ", \n", "a package without a license")
}
