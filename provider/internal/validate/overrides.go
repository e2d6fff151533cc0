package validate

import (
	"slices"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// overrides checks the functions that components have of their own.
func (f *findings) overrides(plugin declaration.Plugin) {
	check := func(override *declaration.Function, path ...string) {
		if override != nil {
			f.override(plugin, append(path, "function"), *override)
		}
	}
	for _, name := range sorted(plugin.Aggregates) {
		check(plugin.Aggregates[name].Function, "aggregates", name)
	}
	for _, name := range sorted(plugin.ReadModels) {
		check(plugin.ReadModels[name].Function, "readModels", name)
	}
	for _, name := range sorted(plugin.Extensions) {
		check(plugin.Extensions[name].Function, "extensions", name)
	}
	for _, name := range sorted(plugin.Tasks) {
		check(plugin.Tasks[name].Function, "tasks", name)
	}
	for _, name := range sorted(plugin.Queries) {
		check(plugin.Queries[name].Function, "queries", name)
	}
	for _, name := range sorted(plugin.Slices()) {
		check(plugin.Slices()[name].Function, "dcb", "stateChangeSlices", name)
	}
	toDos := plugin.ToDos()
	for _, name := range sorted(toDos) {
		check(toDos[name].Function, "dcb", toDos[name].Kind, name)
	}
	if plugin.DCB == nil {
		return
	}
	for _, name := range sorted(plugin.DCB.StateViewSlices) {
		check(plugin.DCB.StateViewSlices[name].Function, "dcb", declaration.KindStateViewSlices, name)
	}
}

func (f *findings) override(plugin declaration.Plugin, path []string, override declaration.Function) {
	at := func(name string) string { return Path(append(slices.Clone(path), name)...) }
	if override.Memory != nil {
		f.memory(at("memory"), *override.Memory)
	}
	if override.Timeout != nil {
		f.timeout(at("timeout"), *override.Timeout)
	}
	if override.Concurrency != nil && *override.Concurrency < 1 {
		f.add(at("concurrency"), "%d at the same time are not possible; give at least 1, or leave it out for no limit", *override.Concurrency)
	}
	if override.Archive == nil {
		if override.Runtime != nil || override.Handler != nil {
			f.add(at("archive"), "`runtime` and `handler` belong to code of the function's own; name it in `archives` and here")
		}
		return
	}
	if !slices.Contains(plugin.Archives, *override.Archive) {
		f.add(at("archive"), "`archives` has no %q.%s", *override.Archive, DidYouMean(*override.Archive, plugin.Archives))
	}
	runtime, handler := plugin.Runtime, plugin.Handler
	if override.Runtime != nil {
		runtime, handler = *override.Runtime, DefaultHandler(*override.Runtime)
	}
	if override.Handler != nil {
		handler = *override.Handler
	}
	f.code(at("runtime"), at("handler"), runtime, handler)
}
