// Package generated writes generated files so that nothing that somebody edited is lost.
//
//  1. Each file's first line is a comment with a hash of what follows it. A file whose hash is
//     not that of its content was edited, as was one without such a line: it is kept.
//  2. Files that cannot have comments, those in JSON, have their hashes in [Ledger], which
//     belongs into version control like the files themselves.
//  3. Lines that the pulumi command adds to a stack's configuration, such as the salt of its
//     secrets, are no edit, and are kept when the file is brought up to date.
//  4. [Decide] only reads; [Plan.Write] writes one file after the other, each of them
//     atomically. It may end anywhere: the next run finds files that are as wanted, or as
//     generated before, and goes on.
package generated

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file as it is wanted.
type File struct {
	// Path is relative to the root, with slashes.
	Path string
	// Content is without mark.
	Content []byte
}

// Fate is what becomes of a file.
type Fate string

// The fates.
const (
	Created   Fate = "created"
	Updated   Fate = "updated"
	Unchanged Fate = "unchanged"
	// Kept means that the file was edited and is left alone.
	Kept Fate = "kept"
)

// Change is a file with its fate.
type Change struct {
	Path string
	Fate Fate
	// Content is what is written; nil when nothing is.
	Content []byte
}

// Plan is what is to be written, in this order.
type Plan struct {
	// Root is the folder that paths are relative to.
	Root    string
	Changes []Change
}

// Decide decides on the fate of each file; nothing is written.
func Decide(root string, files []File) (*Plan, error) {
	plan := &Plan{Root: root}
	record, err := readLedger(root)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, file := range files {
		change, err := decide(root, file, record)
		problems = append(problems, err)
		plan.Changes = append(plan.Changes, change)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return plan, plan.add(record)
}

func decide(root string, file File, record *ledger) (Change, error) {
	there, err := read(root, file.Path)
	if err != nil {
		return Change{}, err
	}
	marks := marksOf(file.Path, record)
	wanted := marks.mark(file.Content)
	own, added := separate(file.Path, there)
	change := Change{Path: file.Path}
	switch {
	case there == nil:
		change.Fate, change.Content = Created, wanted
	case bytes.Equal(unified(own), wanted):
		change.Fate = Unchanged
		marks.accept(file.Content)
	case !marks.unedited(unified(own)):
		change.Fate = Kept
	default:
		change.Fate, change.Content = Updated, append(wanted, added...)
	}
	if change.Content != nil {
		marks.accept(file.Content)
	}
	return change, nil
}

// Edited adds a change of a file that is the user's own. before is nil when it was not
// there.
func (p *Plan) Edited(path string, before, after []byte) {
	change := Change{Path: path, Fate: Updated, Content: after}
	switch {
	case before == nil:
		change.Fate = Created
	case bytes.Equal(before, after):
		change.Fate, change.Content = Unchanged, nil
	}
	p.Changes = append(p.Changes, change)
}

// Known says whether a file in the folder was generated, edited or not.
func Known(root, folder string) (bool, error) {
	record, err := readLedger(root)
	if err != nil || record.below(folder) {
		return record.below(folder), err
	}
	found := false
	err = filepath.WalkDir(filepath.Join(root, filepath.FromSlash(folder)), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped[entry.Name()]:
			return fs.SkipDir
		case !entry.Type().IsRegular() || !hasComments(path):
			return nil
		}
		text, err := os.ReadFile(path)
		if found = marked(text); found {
			return fs.SkipAll
		}
		return err
	})
	return found, err
}

// skipped are folders of what others install.
var skipped = map[string]bool{"node_modules": true, "venv": true, ".venv": true, ".git": true, "dist": true}

// read is the content of a file, nil when there is none.
func read(root, path string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read, and so not be written: %w", path, err)
	case text == nil:
		return []byte{}, nil
	}
	return text, nil
}
