package change_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/change"
	"github.com/reventless/pulumi-reventless/cli/internal/git/gittest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// stacks is how many there are; each has a code folder beside it.
const stacks, filesOfStack = 500, 20

// BenchmarkChanged is all that the command does, for 500 stacks with 10,000 files. The
// Pulumi.yaml are of the shop's catalog, which is a long one.
func BenchmarkChanged(b *testing.B) {
	b.Run("one stack", func(b *testing.B) {
		made, _ := repository(b)
		benchmark(b, 1, made, func(i int) string {
			again(b, made, i)
			base := made.Commit("base")
			for j := range filesOfStack - 2 {
				made.Write(map[string]string{fmt.Sprintf("p7/src/f%d.js", j): fmt.Sprint("changed ", i)})
			}
			return base
		})
	})
	// Half of them are committed since.
	b.Run("all files", func(b *testing.B) {
		made, files := repository(b)
		base := made.Commit("base")
		changeAll(b, made, files)
		benchmark(b, stacks, made, func(i int) string {
			again(b, made, i)
			return base
		})
	})
}

// benchmark finds that many stacks changed since the commit that prepare gives.
func benchmark(b *testing.B, want int, made *gittest.Repository, prepare func(i int) (base string)) {
	b.Helper()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		base := prepare(i)
		b.StartTimer()
		_, result, err := change.Read(b.Context(), project.Selection{Folder: made.Folder, Environment: "alpha"}, &base, os.LookupEnv)
		require.NoError(b, err)
		if changed := len(result.Changed()); changed != want {
			b.Fatalf("%d stacks changed, not %d", changed, want)
		}
	}
	b.ReportMetric(stacks*filesOfStack, "files")
}

// repository has the files of all stacks, not committed.
func repository(b *testing.B) (*gittest.Repository, map[string]string) {
	b.Helper()
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
	return made, files
}

// changeAll changes all files but the manifest, and commits those of the first half of the
// stacks.
func changeAll(b *testing.B, made *gittest.Repository, files map[string]string) {
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
func again(b *testing.B, made *gittest.Repository, time int) {
	b.Helper()
	for i := range stacks - 1 {
		path := fmt.Sprintf("p%d-aws/Pulumi.yaml", i)
		text, err := os.ReadFile(filepath.Join(made.Folder, path))
		require.NoError(b, err)
		made.Write(map[string]string{path: fmt.Sprintf("%s# %d\n", text, time)})
	}
}
