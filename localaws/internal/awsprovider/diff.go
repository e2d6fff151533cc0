package awsprovider

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// comparison is the difference between old and new inputs.
type comparison struct {
	changed  map[string]bool // top-level properties
	detailed map[string]plugin.PropertyDiff
}

// Diff tells what an update would change and whether it must replace.
func (p *Provider) Diff(_ context.Context, r *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	def, err := p.find(r.GetUrn())
	if err != nil {
		return nil, err
	}
	old := r.GetOldInputs()
	if old == nil {
		old = r.GetOlds()
	}
	olds, err := decode(old)
	if err != nil {
		return nil, err
	}
	news, err := decode(r.GetNews())
	if err != nil {
		return nil, err
	}
	return diffResponse(def, olds, news), nil
}

// compare looks at the inputs only. What AWS computes when it is not given
// stays as it is when it is no longer given.
func compare(def *define.Resource, olds, news resource.PropertyMap) comparison {
	before, after := def.Normalised(olds), def.Normalised(news)
	for _, name := range def.Computed {
		key := resource.PropertyKey(name)
		if _, ok := after[key]; !ok {
			delete(before, key)
		}
	}
	c := comparison{changed: map[string]bool{}}
	diff := before.Diff(after)
	if diff == nil {
		return c
	}
	for _, key := range diff.ChangedKeys() {
		c.changed[string(key)] = true
	}
	c.detailed = plugin.NewDetailedDiffFromObjectDiff(diff, true)
	return c
}

// replacements are the changed properties that need a new resource.
func replacements(def *define.Resource, c comparison, olds, news resource.PropertyMap) []string {
	var keys []string
	for _, name := range def.ForceNew {
		if c.changed[name] {
			keys = append(keys, name)
		}
	}
	if def.ReplaceIf != nil {
		keys = append(keys, def.ReplaceIf(property.Map(olds), property.Map(news), c.changed)...)
	}
	sort.Strings(keys)
	return slices.Compact(keys)
}

func diffResponse(def *define.Resource, olds, news resource.PropertyMap) *rpc.DiffResponse {
	c := compare(def, olds, news)
	if len(c.changed) == 0 {
		return &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true}
	}
	replaces := replacements(def, c, olds, news)
	return &rpc.DiffResponse{
		Changes:             rpc.DiffResponse_DIFF_SOME,
		Diffs:               keysOf(c.changed),
		Replaces:            replaces,
		DeleteBeforeReplace: len(replaces) > 0 && deletesFirst(def, news),
		DetailedDiff:        detailedDiff(c, replaces),
		HasDetailedDiff:     true,
	}
}

// deletesFirst: a name that the user chose cannot exist twice.
func deletesFirst(def *define.Resource, news resource.PropertyMap) bool {
	if def.DeleteBeforeReplace {
		return true
	}
	if def.AutoName == nil || !property.Map(news).Has(defaultsKey) {
		return false
	}
	name := def.AutoName.Property
	return property.Map(news).Has(name) && !isDefault(news, name)
}

func detailedDiff(c comparison, replaces []string) map[string]*rpc.PropertyDiff {
	out := make(map[string]*rpc.PropertyDiff, len(c.detailed))
	for path, d := range c.detailed {
		top := path
		if i := strings.IndexAny(path, ".["); i > 0 {
			top = path[:i]
		}
		out[path] = &rpc.PropertyDiff{Kind: kindOf(d.Kind, slices.Contains(replaces, top)), InputDiff: true}
	}
	return out
}

func kindOf(kind plugin.DiffKind, replace bool) rpc.PropertyDiff_Kind {
	kinds := map[plugin.DiffKind][2]rpc.PropertyDiff_Kind{
		plugin.DiffAdd:    {rpc.PropertyDiff_ADD, rpc.PropertyDiff_ADD_REPLACE},
		plugin.DiffDelete: {rpc.PropertyDiff_DELETE, rpc.PropertyDiff_DELETE_REPLACE},
		plugin.DiffUpdate: {rpc.PropertyDiff_UPDATE, rpc.PropertyDiff_UPDATE_REPLACE},
	}
	if replace {
		return kinds[kind][1]
	}
	return kinds[kind][0]
}
