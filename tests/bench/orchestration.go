package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// orchestratedStacks is how many stacks are deployed at once.
const orchestratedStacks = 8

// measureOrchestration deploys stacks without resources, all at once, and gives the peak
// memory of the command line itself and of all that it runs.
func measureOrchestration(ctx context.Context) error {
	title(fmt.Sprintf("Memory of `reventless up` with %d stacks without resources at once", orchestratedStacks))
	folder, err := os.MkdirTemp("", "reventless-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := writeProjects(folder); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, "bin/reventless", "up", "--cwd", folder, "--stack", stack, "--parallel", strconv.Itoa(orchestratedStacks), "--skip-install")
	command.Env = append(os.Environ(), "PULUMI_HOME="+filepath.Join(folder, "home"), "PULUMI_BACKEND_URL=file://"+filepath.Join(folder, "state"), "PULUMI_CONFIG_PASSPHRASE=x")
	began := time.Now()
	if err := command.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	peaks := make(chan [2]int, 1)
	go func() { peaks <- peakMemory(command.Process.Pid, ended) }()
	err = command.Wait()
	close(ended)
	peak := <-peaks
	if err != nil {
		return fmt.Errorf("reventless up: %w", err)
	}
	fmt.Printf("  reventless itself %d MiB, with all that it runs %d MiB, %.1f s\n", peak[0]>>10, peak[1]>>10, time.Since(began).Seconds())
	return nil
}

func writeProjects(folder string) error {
	manifest := "plugins:\n"
	for i := range orchestratedStacks {
		name := fmt.Sprintf("p%d", i)
		manifest += fmt.Sprintf("  - {name: %s, path: %[1]s}\n", name)
		for file, text := range map[string]string{"Pulumi.yaml": "name: bench-" + name + "\nruntime: yaml\noutputs: {a: 1}\n", "Pulumi." + stack + ".yaml": "config: {}\n"} {
			if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, name, file), []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(filepath.Join(folder, "state"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "deploy-manifest.yaml"), []byte(manifest), 0o644)
}

// peakMemory gives the most memory, in KiB, of a process, and of it with its descendants.
// Pages that several of them share count for each.
func peakMemory(pid int, ended <-chan struct{}) (peak [2]int) {
	for {
		own, all := memory(pid)
		peak[0], peak[1] = max(peak[0], own), max(peak[1], all)
		select {
		case <-ended:
			return peak
		case <-time.After(25 * time.Millisecond):
		}
	}
}

func memory(pid int) (own, all int) {
	parents, sizes := map[int]int{}, map[int]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		id := field(text, "Pid:")
		parents[id], sizes[id] = field(text, "PPid:"), field(text, "VmRSS:")
	}
	for id, size := range sizes {
		for ancestor := id; ancestor > 1; ancestor = parents[ancestor] {
			if ancestor == pid {
				all += size
				break
			}
		}
	}
	return sizes[pid], all
}

// field is a number in a status of /proc.
func field(status []byte, name string) int {
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, name); found {
			number, _ := strconv.Atoi(strings.Fields(rest)[0])
			return number
		}
	}
	return 0
}
