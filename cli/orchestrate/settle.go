package orchestrate

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/reventless/pulumi-reventless/cli/internal/pulumi"
	"github.com/reventless/pulumi-reventless/cli/internal/report"
)

// Whether outputs changed is known in the run that changed them alone. If that run ends before
// what reads them was deployed, a later run would find them unchanged and deploy it never. So
// a mark is made before anything is deployed, and taken away when all was; as long as it is
// there, --changed deploys everything.

// mark is the path of the mark, and whether it is there.
func (r *run) mark() (path string, exists bool) {
	path = filepath.Join(r.folder, report.Folder, "runs", "unsettled-"+url.PathEscape(r.plan.Environment))
	_, err := os.Stat(path)
	return path, err == nil
}

// unsettle makes the mark. What an earlier run owes, this one does.
func (r *run) unsettle() error {
	if r.options.Operation != pulumi.Up {
		return nil
	}
	var path string
	if path, r.owed = r.mark(); r.owed {
		return nil
	}
	if err := report.MakeFolder(r.folder, "runs"); err != nil {
		return err
	}
	return os.WriteFile(path, nil, 0o600)
}

// settle takes the mark away when nothing is owed: everything went well, and nothing that is
// deployed and was left out reads outputs that changed.
func (r *run) settle() error {
	if r.options.Operation != pulumi.Up || r.report.Result != report.ResultSucceeded || r.owed && len(r.options.Only) > 0 {
		return nil
	}
	for _, target := range r.plan.Targets {
		if slices.Contains(r.chosen, target.Name) || target.Skip != "" || !r.deployed(target) {
			continue
		}
		if slices.ContainsFunc(target.After, func(before string) bool { return r.entry(before).OutputsChanged }) {
			return nil
		}
	}
	path, _ := r.mark()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
