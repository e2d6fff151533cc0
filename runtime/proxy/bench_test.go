package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/proxy/proxytest"
)

// block is how many turns one of the two rivals runs before the other has its go.
// Both see the same machine that way, whatever else runs on it.
const block = 50

// BenchmarkProxy measures what the proxy adds to a turn: the same language runtime
// once straight on a Runtime API and once behind an exec wrapper of its own
// process, whose engine does nothing (see roles_test.go). A turn's time is that of
// Lambda: from writing the event to having read the answer. Run it with
//
//	go test -run '^$' -bench Proxy -benchtime 10000x ./runtime/proxy
//
// It reports percentiles of both and their difference (µs), the time that the
// wrapper adds from starting the command to the first request for work, medians of
// startRounds pairs (ms), and the wrapper's resident memory (MB).
func BenchmarkProxy(b *testing.B) {
	node, err := exec.LookPath("node")
	if err != nil {
		b.Fatal("this benchmark needs Node.js on the PATH: ", err)
	}
	b.Run("go", func(b *testing.B) { benchmark(b, []string{os.Args[0]}) })
	b.Run("node", func(b *testing.B) { benchmark(b, []string{node, "testdata/bootstrap.mjs"}) })
}

func benchmark(b *testing.B, command []string) {
	direct, wrapped := launch(b, command, "runtime"), launch(b, append([]string{os.Args[0]}, command...), "wrapper")
	direct.run(b, 2*block) // warm up
	wrapped.run(b, 2*block)
	direct.took, wrapped.took = nil, nil
	b.ResetTimer()
	for done := 0; done < b.N; done += block {
		direct.run(b, min(block, b.N-done))
		wrapped.run(b, min(block, b.N-done))
	}
	b.StopTimer()
	for _, p := range []float64{0.5, 0.9, 0.99} {
		name := "p" + strconv.Itoa(int(p*100))
		b.ReportMetric(micros(direct.percentile(p)), "direct-"+name+"-µs")
		b.ReportMetric(micros(wrapped.percentile(p)-direct.percentile(p)), "added-"+name+"-µs")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(residentMB(b, wrapped.command.Process.Pid), "rss-MB")
	reportStart(b, command)
}

// rival is one of the processes that are compared.
type rival struct {
	api     *proxytest.API
	command *exec.Cmd
	started time.Time
	took    []time.Duration
}

// launch starts a process on a Runtime API of its own and waits until it asks for work.
func launch(b *testing.B, command []string, role string) *rival {
	b.Helper()
	api, err := proxytest.Start()
	if err != nil {
		b.Fatal(err)
	}
	r := &rival{api: api, command: exec.Command(command[0], command[1:]...)}
	r.command.Env = append(os.Environ(), envRole+"="+role, "AWS_LAMBDA_RUNTIME_API="+api.Address())
	r.started = time.Now()
	if err := r.command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(r.stop)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := api.WaitFirst(ctx); err != nil {
		b.Fatal(err)
	}
	return r
}

func (r *rival) stop() {
	_ = r.command.Process.Kill()
	_ = r.command.Wait()
	r.api.Close()
}

// event is an event of 1 KB.
var event = []byte(fmt.Sprintf(`{"do":"echo","value":"%s"}`, strings.Repeat("e", 1000)))

func (r *rival) run(b *testing.B, turns int) {
	for range turns {
		answer, err := r.api.Invoke(context.Background(), proxytest.Invocation{Payload: event})
		if err != nil || answer.Failed {
			b.Fatalf("turn failed: %v %s", err, answer.Body)
		}
		r.took = append(r.took, answer.Took)
	}
}

func (r *rival) percentile(p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(r.took))
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// startRounds is how many pairs of starts are compared.
const startRounds = 11

// reportStart compares the time to the first request for work.
func reportStart(b *testing.B, command []string) {
	var direct, wrapped []time.Duration
	for range startRounds {
		direct = append(direct, startTime(b, command, "runtime"))
		wrapped = append(wrapped, startTime(b, append([]string{os.Args[0]}, command...), "wrapper"))
	}
	slices.Sort(direct)
	slices.Sort(wrapped)
	middle := startRounds / 2
	b.ReportMetric(micros(wrapped[middle]-direct[middle])/1000, "added-start-ms")
}

func startTime(b *testing.B, command []string, role string) time.Duration {
	r := launch(b, command, role)
	took := time.Since(r.started)
	r.stop()
	return took
}

// residentMB is a process's resident memory as Linux has it; 0 elsewhere.
func residentMB(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Log("resident memory is only measured on Linux: ", err)
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	fields := bytes.Fields(rest)
	kilobytes, err := strconv.ParseFloat(string(fields[0]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1024
}
