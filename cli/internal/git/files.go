package git

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// Files are the contents of files at a commit, by path; those that it does not have are left
// out. However many they are, git is run once.
func (r *Repository) Files(ctx context.Context, commit string, paths ...string) (map[string][]byte, error) {
	var asked []string
	for _, path := range paths {
		// A line feed ends a question, and ./ and ../ are for git relative to a folder.
		if !strings.Contains(path, "\n") && filepath.IsLocal(filepath.FromSlash(path)) {
			asked = append(asked, path)
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	var questions bytes.Buffer
	for _, path := range asked {
		fmt.Fprintf(&questions, "%s:%s\n", commit, path)
	}
	out, err := run(ctx, r.Root, questions.Bytes(), "cat-file", "--batch")
	if err != nil {
		return nil, fmt.Errorf("read files at %s: %w", commit, err)
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
