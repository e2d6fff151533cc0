// Command composer measures runtime/schema in the shape that benchmarks of schema
// composers share, so that it can stand beside other tools in one run:
//
//  1. it reads the fragments in DIR/fragments and the edited one in DIR/changed;
//  2. cold and warm start from the texts: parse, check, compose, print;
//  3. incr keeps the composer and hands it the edited fragment and the original one in
//     turn;
//  4. it writes the composed schema to a file and prints one line of JSON with the
//     times in milliseconds, the size of the schema and the peak memory.
//
// All checks are on. Only AppSync's limit of 1 MB is lifted, which the largest data set
// is beyond.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/schema"
)

func main() {
	var o options
	flag.StringVar(&o.tool, "tool", "compose", "compose, the only one")
	flag.StringVar(&o.mode, "mode", "cold", "cold, warm or incr")
	flag.StringVar(&o.data, "data", "", "folder with fragments/, changed/ and manifest.json")
	flag.IntVar(&o.iterations, "iters", 5, "measured repetitions; cold has one")
	flag.IntVar(&o.warmup, "warmup", 2, "repetitions before them; cold has none")
	flag.StringVar(&o.out, "out", "", "file for the composed schema")
	flag.Parse()
	if err := o.run(); err != nil {
		fmt.Fprintln(os.Stderr, "composer:", err)
		os.Exit(1)
	}
}

type options struct {
	tool, mode, data, out string
	iterations, warmup    int
}

type result struct {
	Times     []float64 `json:"times"`
	LoadMs    float64   `json:"loadMs"`
	OutBytes  int       `json:"outBytes"`
	MaxRSSMiB float64   `json:"maxRssMiB"`
}

// input is one fragment as it was read.
type input struct{ owner, file, text string }

func (o options) run() error {
	if o.tool != "compose" || !slices.Contains([]string{"cold", "warm", "incr"}, o.mode) {
		return fmt.Errorf("-tool %s -mode %s: only -tool compose with -mode cold, warm or incr", o.tool, o.mode)
	}
	inputs, edited, err := read(o.data)
	if err != nil {
		return err
	}
	if o.mode == "cold" {
		o.iterations, o.warmup = 1, 0
	}
	step, err := o.prepare(inputs, edited)
	if err != nil {
		return err
	}
	res, sdl, err := o.measure(step)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(sdl), 0o644); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

// read gives the fragments, and the edited one with the name of the one it replaces.
func read(dir string) (inputs []input, edited input, err error) {
	var manifest struct {
		Changed string `json:"changed"`
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(raw, &manifest)
	}
	if err != nil {
		return nil, input{}, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "fragments", "*.graphql"))
	for _, name := range names {
		in, readErr := readFragment(name, filepath.Base(name))
		err = errors.Join(err, readErr)
		inputs = append(inputs, in)
	}
	edited, editedErr := readFragment(filepath.Join(dir, "changed", "fragments.graphql"), manifest.Changed)
	return inputs, edited, errors.Join(err, editedErr)
}

func readFragment(path, file string) (input, error) {
	text, err := os.ReadFile(path)
	return input{owner: strings.TrimSuffix(file, ".graphql"), file: file, text: string(text)}, err
}

// prepare gives the measured step; i is the number of the repetition.
func (o options) prepare(inputs []input, edited input) (func(i int) (string, error), error) {
	if o.mode != "incr" {
		return func(int) (string, error) {
			_, sdl, err := compose(nil, inputs...)
			return sdl, err
		}, nil
	}
	at := slices.IndexFunc(inputs, func(in input) bool { return in.owner == edited.owner })
	if at < 0 {
		return nil, fmt.Errorf("the changed fragment %s is not among the fragments", edited.file)
	}
	kept, _, err := compose(nil, inputs...)
	variants := []input{edited, inputs[at]}
	return func(i int) (string, error) {
		_, sdl, err := compose(kept, variants[i%2])
		return sdl, err
	}, err
}

// compose puts fragments into a composer, a new one for nil, and composes.
func compose(c *schema.Composer, inputs ...input) (*schema.Composer, string, error) {
	if c == nil {
		c = schema.NewComposer(nil, schema.WithLimit(math.MaxInt))
	}
	var problems []schema.Problem
	for _, in := range inputs {
		fragment, found := schema.ParseFragment(in.owner, in.file, in.text)
		problems = append(problems, found...)
		if fragment != nil {
			problems = append(problems, c.Set(fragment)...)
		}
	}
	if len(problems) > 0 {
		return nil, "", errors.New(schema.Join(problems))
	}
	composition, problems := c.Compose()
	if len(problems) > 0 {
		return nil, "", errors.New(schema.Join(problems))
	}
	return c, composition.SDL, nil
}

func (o options) measure(step func(i int) (string, error)) (result, string, error) {
	var res result
	var sdl string
	for i := range o.warmup + o.iterations {
		start := time.Now()
		text, err := step(i)
		if err != nil {
			return res, "", err
		}
		if sdl = text; i >= o.warmup {
			res.Times = append(res.Times, round(float64(time.Since(start).Nanoseconds())/1e6))
		}
		if seen := strings.Contains(sdl, "addedLater"); o.mode == "incr" && seen != (i%2 == 0) {
			return res, "", fmt.Errorf("repetition %d: the edited fragment is in the schema: %t", i, seen)
		}
	}
	res.OutBytes = len(sdl)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return res, "", err
	}
	res.MaxRSSMiB = round(float64(usage.Maxrss) / 1024)
	return res, sdl, nil
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }
