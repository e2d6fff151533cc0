package change

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// compare notes what changed since the base.
func (d *detection) compare(ctx context.Context) error {
	var changed, outside []string
	var found *places
	var asking errgroup.Group // git takes half of the time
	asking.Go(func() (err error) {
		changed, err = d.repository.Changed(ctx, d.base.Commit)
		return err
	})
	asking.Go(func() (err error) {
		found, outside, err = findPlaces(ctx, d.repository, d.plan)
		return err
	})
	if err := asking.Wait(); err != nil {
		return err
	}
	for _, stack := range outside {
		d.because(stack, reason{RuleOutside, "its folder is in another repository, where it is not known what changed"}, "")
	}
	for _, file := range changed {
		if found.framework(file) {
			d.all(reason{RuleFramework, "all stacks share it"}, file)
			continue
		}
		d.match(found, file)
	}
	if err := d.compareProviders(ctx, found, changed); err != nil {
		return err
	}
	return d.compareManifest(ctx, found, changed)
}

// match notes for each stack that a file changes the first rule of those that say so.
func (d *detection) match(found *places, file string) {
	first := map[string]reason{}
	found.match(file, func(stack string, why reason) {
		if before, known := first[stack]; !known || compare(why, before) < 0 {
			first[stack] = why
		}
	})
	for stack, why := range first {
		d.because(stack, why, file)
	}
}
