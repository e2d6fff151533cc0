package git

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Listing is what a working tree has, both sorted. What is ignored is no part of it.
type Listing struct {
	// Files are all files, those that git tracks also when they are deleted; New are those
	// that it does not track.
	Files, New []string
}

// Listing lists the files of the working tree.
func (r *Repository) Listing(ctx context.Context) (*Listing, error) {
	out, err := r.git(ctx, "ls-files", "-t", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", r.Root, err)
	}
	listing := &Listing{}
	for _, line := range split(out) {
		tag, file, _ := strings.Cut(line, " ")
		listing.Files = append(listing.Files, file)
		if tag == "?" {
			listing.New = append(listing.New, file)
		}
	}
	slices.Sort(listing.Files)
	slices.Sort(listing.New)
	listing.Files = slices.Compact(listing.Files) // one in a conflict is there for each side
	return listing, nil
}

// Difference is in what the working tree differs from a commit.
type Difference struct {
	// Tracked are the files that differ, and that git tracks or tracked at the commit, sorted.
	// One that was moved is there with both of its paths, a submodule as one file.
	Tracked []string

	repository *Repository
	commit     string
	// blobs are what the files were, "" for those that the commit does not have. Git finds an
	// object by its hash much faster than by a path at a commit.
	blobs map[string]string
}

// Compare compares the working tree with a commit: what was committed since, what is staged
// and what is not. New files that git does not track are not looked at.
func (r *Repository) Compare(ctx context.Context, commit string) (*Difference, error) {
	out, err := r.git(ctx, "diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-relative", "--ignore-submodules=none", commit, "--")
	if err != nil {
		return nil, fmt.Errorf("compare the working tree with %s: %w", commit, err)
	}
	difference := &Difference{repository: r, commit: commit, blobs: map[string]string{}}
	parts := split(out)
	for i := 0; i+1 < len(parts); i += 2 {
		difference.add(strings.Fields(parts[i]), parts[i+1])
	}
	slices.Sort(difference.Tracked)
	difference.Tracked = slices.Compact(difference.Tracked)
	return difference, nil
}

// add takes a line ":<mode before> <mode> <hash before> <hash> <status>" of git diff.
func (d *Difference) add(line []string, file string) {
	d.Tracked = append(d.Tracked, file)
	if len(line) != 5 || line[4] == "U" {
		return // of a conflict it says nothing
	}
	d.blobs[file] = line[2]
	if line[4] == "A" {
		d.blobs[file] = ""
	}
}

// Before are the contents that files had at the commit, by path; those that it does not have
// are left out. However many they are, git is run once.
func (d *Difference) Before(ctx context.Context, files ...string) (map[string][]byte, error) {
	var asked []string
	var questions bytes.Buffer
	for _, file := range files {
		question, differs := d.blobs[file]
		// A line feed ends a question, and ./ and ../ are for git relative to a folder.
		if !differs && !strings.Contains(file, "\n") && filepath.IsLocal(filepath.FromSlash(file)) {
			question = d.commit + ":" + file
		}
		if question != "" {
			fmt.Fprintln(&questions, question)
			asked = append(asked, file)
		}
	}
	if len(asked) == 0 {
		return map[string][]byte{}, nil
	}
	out, err := run(ctx, d.repository.Root, questions.Bytes(), "cat-file", "--batch")
	if err != nil {
		return nil, fmt.Errorf("read files at %s: %w", d.commit, err)
	}
	return answers(out, asked)
}

// answers takes apart what 'git cat-file --batch' prints: for each question a line
// "<object> <type> <size>" and the content with a line feed, or a line that ends in
// "missing".
func answers(out []byte, paths []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, path := range paths {
		line, rest, found := bytes.Cut(out, []byte("\n"))
		if !found {
			return nil, fmt.Errorf("git cat-file said nothing of %s", path)
		}
		out = rest
		fields := strings.Fields(string(line))
		if len(fields) != 3 {
			continue // missing
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			continue // missing, and its name has a space
		}
		if size >= len(out) {
			return nil, fmt.Errorf("git cat-file ended within %s", path)
		}
		if fields[1] == "blob" {
			files[path] = out[:size:size]
		}
		out = out[size+1:]
	}
	return files, nil
}
