package change_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// BenchmarkChanged is all that the command does, for 500 stacks of which each has a code
// folder beside it, and 10,000 files that all changed, half of them committed since. The
// Pulumi.yaml are of the shop's catalog.
func BenchmarkChanged(b *testing.B) {
	const stacks, filesOfStack = 500, 20
	program, err := os.ReadFile("../../../examples/online-shop/catalog-aws/Pulumi.yaml")
	require.NoError(b, err)
	made := gittest.New(b)
	var entries strings.Builder
	entries.WriteString("platform: {path: platform-aws}\nplugins:\n")
	files := map[string]string{"platform-aws/Pulumi.yaml": "name: platform", "platform-aws/Pulumi.alpha.yaml": "config: {}"}
	for i := range stacks - 1 {
		name := fmt.Sprintf("p%d", i)
		fmt.Fprintf(&entries, "  - {name: %s, path: %[1]s-aws, depends-on: [%s]}\n", name, map[bool]string{true: fmt.Sprintf("p%d", i-1)}[i%10 > 0])
		files[name+"-aws/Pulumi.yaml"] = strings.NewReplacer("name: online-shop-catalog", "name: "+name, "../catalog/", "../"+name+"/").Replace(string(program))
		files[name+"-aws/Pulumi.alpha.yaml"] = "config:\n  platform:stack: organization/platform/alpha\n  interstack:dependencies: [organization/p" + fmt.Sprint(i/2) + "/main]\n"
		for j := range filesOfStack - 2 {
			files[fmt.Sprintf("%s/src/f%d.js", name, j)] = "1"
		}
	}
	files["deploy-manifest.yaml"] = entries.String()
	made.Write(files)
	base := made.Commit("base")
	changeAll(b, made, files, stacks)

	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		again(b, made.Folder, stacks, i)
		b.StartTimer()
		result := detectAll(b, made.Folder, base)
		if changed := len(result.Changed()); changed != stacks {
			b.Fatalf("%d of %d stacks changed", changed, stacks)
		}
	}
	b.ReportMetric(float64(len(files)), "files")
}

// changeAll changes all files but the manifest, and commits those of the first half of the
// stacks.
func changeAll(b *testing.B, made *gittest.Repository, files map[string]string, stacks int) {
	b.Helper()
	var half []string
	for i := range stacks / 2 {
		half = append(half, fmt.Sprintf("p%d", i), fmt.Sprintf("p%d-aws", i))
	}
	for path, text := range files {
		if path != "deploy-manifest.yaml" {
			made.Write(map[string]string{path: text + "\n# changed\n"})
		}
	}
	made.Git(append([]string{"add"}, half...)...)
	made.Git("commit", "--quiet", "--message", "changed")
	require.NoError(b, os.WriteFile(filepath.Join(made.Folder, "new"), nil, 0o600))
}

// again gives all Pulumi.yaml another text, so that they have to be parsed again: a command
// runs once.
func again(b *testing.B, folder string, stacks, time int) {
	b.Helper()
	for i := range stacks - 1 {
		path := filepath.Join(folder, fmt.Sprintf("p%d-aws", i), "Pulumi.yaml")
		text, err := os.ReadFile(path)
		require.NoError(b, err)
		require.NoError(b, os.WriteFile(path, fmt.Appendf(text, "# %d\n", time), 0o600))
	}
}

func detectAll(b *testing.B, folder, base string) *change.Result {
	b.Helper()
	ctx := context.Background()
	plan, err := project.Open(ctx, project.Selection{Folder: folder, Environment: "alpha"}, os.LookupEnv)
	require.NoError(b, err)
	repository, err := git.Open(ctx, folder)
	require.NoError(b, err)
	since, err := change.FindBase(ctx, repository, &base, os.LookupEnv)
	require.NoError(b, err)
	result, err := change.Detect(ctx, repository, plan, since)
	require.NoError(b, err)
	return result
}
