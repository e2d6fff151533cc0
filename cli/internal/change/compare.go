package change

import (
	"context"
	"fmt"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/projectfile"
)

// Comparison is what git says of a repository and a base.
type Comparison struct {
	repository *git.Repository
	base       Base
	head       git.Commit
	// listing, since and projects are not known without a base; projects are the files of
	// Pulumi projects among those that differ, as they were.
	listing  *git.Listing
	since    *git.Difference
	projects map[string][]byte
}

// compareFolder compares the repository of a folder with the base that was asked for, or that
// [FindBase] finds.
func compareFolder(ctx context.Context, folder string, asked *string, lookup func(string) (string, bool)) (*Comparison, error) {
	repository, err := git.Open(ctx, folder)
	if err != nil {
		return nil, err
	}
	base, err := FindBase(ctx, repository, asked, lookup)
	if err != nil {
		return nil, err
	}
	return Compare(ctx, repository, base)
}

// Compare compares a repository with a base. It needs no plan, so that one may be read
// meanwhile.
func Compare(ctx context.Context, repository *git.Repository, base Base) (*Comparison, error) {
	head, exists, err := repository.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the head commit: %w", err)
	}
	c := &Comparison{repository: repository, base: base, head: head}
	if !exists || base.Commit == "" {
		return c, nil
	}
	var asking errgroup.Group
	asking.Go(func() (err error) {
		c.listing, err = repository.Listing(ctx)
		return err
	})
	asking.Go(func() (err error) {
		if c.since, err = repository.Compare(ctx, base.Commit); err != nil {
			return err
		}
		c.projects, err = c.since.Before(ctx, slices.DeleteFunc(slices.Clone(c.since.Tracked), func(file string) bool {
			return !slices.Contains(projectfile.Names, path.Base(file))
		})...)
		return err
	})
	return c, asking.Wait()
}

// compare notes what changed since the base.
func (d *detection) compare(ctx context.Context) error {
	found, outside, err := findPlaces(ctx, d.repository, d.plan, d.listing)
	if err != nil {
		return err
	}
	for _, stack := range outside {
		d.because(stack, reason{RuleOutside, "its folder is in another repository, where it is not known what changed"}, "")
	}
	changed := slices.Concat(d.listing.New, d.since.Tracked)
	slices.Sort(changed)
	changed = slices.Compact(changed)
	for _, file := range changed {
		if found.framework(file) {
			d.all(reason{RuleFramework, "all stacks share it"}, file)
			continue
		}
		d.match(found, file)
	}
	d.compareProviders(found)
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
