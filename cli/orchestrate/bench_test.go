package orchestrate

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/cli/internal/display"
	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
)

const (
	benchmarkStacks   = 50
	benchmarkParallel = 8
	benchmarkTask     = 200 * time.Millisecond
)

// sleeper is a pulumi whose operations are a process that sleeps.
type sleeper struct{}

func (sleeper) Stacks(context.Context, string) ([]pulumi.Info, error) { return nil, nil }
func (sleeper) Create(context.Context, string, string) error          { return nil }
func (sleeper) Install(context.Context, string, io.Writer) error      { return nil }
func (sleeper) Outputs(context.Context, string, string, bool) (map[string]any, error) {
	return nil, nil
}

func (sleeper) Run(ctx context.Context, _ pulumi.Request) (pulumi.Outcome, error) {
	return pulumi.Outcome{}, exec.CommandContext(ctx, "sleep", fmt.Sprint(benchmarkTask.Seconds())).Run()
}

// BenchmarkOverhead deploys 50 stacks that take 0.2 s each, 8 at once, and gives the time
// over the least possible in percent: in 10 layers of 5, each stack after two of the layer
// before, and as one stack, 48 after it, and one after these.
func BenchmarkOverhead(b *testing.B) {
	layered := func(i int) []int {
		if i < 5 {
			return nil
		}
		return []int{i - 5, i/5*5 - 5 + (i+1)%5}
	}
	wide := func(i int) []int {
		switch {
		case i == 0:
			return nil
		case i < benchmarkStacks-1:
			return []int{0}
		}
		all := make([]int, benchmarkStacks-1)
		for j := range all {
			all[j] = j
		}
		return all
	}
	for name, shape := range map[string]struct {
		after func(int) []int
		bound time.Duration
	}{"layered": {layered, 10 * benchmarkTask}, "wide": {wide, 8 * benchmarkTask}} {
		b.Run(name, func(b *testing.B) {
			folder := benchmarkRepository(b, shape.after)
			var total time.Duration
			for b.Loop() {
				began := time.Now()
				read, err := manifest.Read(filepath.Join(folder, manifest.File))
				require.NoError(b, err)
				plan, err := project.Read(read, "alpha")
				require.NoError(b, err)
				runner := Runner{Pulumi: sleeper{}, Plan: plan, Display: display.NewLines(io.Discard, pulumi.Up, false), Folder: folder}
				done, err := runner.Run(b.Context(), b.Context(), Options{Operation: pulumi.Up, Parallel: benchmarkParallel})
				require.NoError(b, err)
				require.Equal(b, "succeeded", done.Result)
				total += time.Since(began)
			}
			average := total / time.Duration(b.N)
			b.ReportMetric(100*float64(average-shape.bound)/float64(shape.bound), "%over")
			b.ReportMetric(float64((average-shape.bound).Milliseconds())/benchmarkStacks, "ms/stack")
		})
	}
}

func benchmarkRepository(b *testing.B, after func(int) []int) string {
	b.Helper()
	folder := b.TempDir()
	var text strings.Builder
	text.WriteString("plugins:\n")
	for i := range benchmarkStacks {
		name := fmt.Sprintf("p%d", i)
		var names []string
		for _, j := range after(i) {
			names = append(names, fmt.Sprintf("p%d", j))
		}
		fmt.Fprintf(&text, "  - {name: %s, path: %[1]s, depends-on: [%s]}\n", name, strings.Join(names, ", "))
		require.NoError(b, os.Mkdir(filepath.Join(folder, name), 0o755))
		require.NoError(b, os.WriteFile(filepath.Join(folder, name, "Pulumi.yaml"), []byte("name: shop-"+name), 0o644))
		require.NoError(b, os.WriteFile(filepath.Join(folder, name, "Pulumi.alpha.yaml"), []byte("config: {}"), 0o644))
	}
	require.NoError(b, os.WriteFile(filepath.Join(folder, manifest.File), []byte(text.String()), 0o644))
	return folder
}
