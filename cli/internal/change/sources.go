package change

import (
	"context"
	"path/filepath"

	"github.com/reventless/pulumi-reventless/cli/internal/git"
	"github.com/reventless/pulumi-reventless/cli/internal/project"
)

// Sources are the files and folders that each stack of a plan is made of beside its own
// folder, by the rules of [Comparison.Detect], as absolute paths.
func Sources(ctx context.Context, repository *git.Repository, plan *project.Plan) (map[string][]string, error) {
	listing, err := repository.Listing(ctx)
	if err != nil {
		return nil, err
	}
	found, _, err := findPlaces(ctx, repository, plan, listing)
	if err != nil {
		return nil, err
	}
	sources := map[string][]string{}
	for _, at := range found.sorted {
		for _, place := range found.all[at] {
			sources[place.stack] = append(sources[place.stack], filepath.Join(repository.Root, filepath.FromSlash(at)))
		}
	}
	return sources, nil
}
