package hostui

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/artifact"
	"github.com/reventless/pulumi-reventless/provider/internal/distribution"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

const (
	// maxFile is the greatest file in bytes. A site is loaded by browsers; what is greater
	// is a mistake, such as a dump that lies in the folder.
	maxFile = 50 << 20
	// maxFiles bounds the number of files, each of which is a resource of the stack.
	maxFiles = 1000
	// maxKey is S3's limit of a key in bytes.
	maxKey     = 1024
	bundlePath = "hostUi.bundle"
)

// file is a file of the site.
type file struct {
	// key is its path in the site, path where it is on this machine.
	key, path string
	// hash is the SHA-256 of its content.
	hash string
}

// litter are files that systems put into folders.
var litter = map[string]bool{".DS_Store": true, "Thumbs.db": true}

// bundle reads the files of a folder or a .zip archive.
func bundle(path string) ([]file, []validate.Problem) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refused("there is no %q; build the site first, or give its path relative to the folder of Pulumi.yaml", path)
	case err != nil:
		return nil, refused("%q cannot be read: %v", path, err)
	case info.IsDir():
		return files(path, os.DirFS(path), func(key string, _ []byte) (string, error) { return filepath.Join(path, filepath.FromSlash(key)), nil })
	case strings.EqualFold(filepath.Ext(path), ".zip"):
		archive, err := zip.OpenReader(path)
		if err != nil {
			return nil, refused("%q is no .zip archive: %v", path, err)
		}
		defer func() { _ = archive.Close() }()
		return files(path, archive, func(_ string, content []byte) (string, error) { return artifact.File(content) })
	}
	return nil, refused("%q is neither a folder nor a .zip archive", path)
}

// files lists the files of a bundle in order. place says where a file's content is.
func files(name string, bundle fs.FS, place func(key string, content []byte) (string, error)) ([]file, []validate.Problem) {
	var found []file
	var problems []validate.Problem
	err := fs.WalkDir(bundle, ".", func(key string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || litter[entry.Name()] {
			return err
		}
		f, problem, err := read(bundle, key, place)
		if problem != nil {
			problems = append(problems, problem...)
			return nil
		}
		found = append(found, f)
		if len(found) > maxFiles {
			return fmt.Errorf("it has more than %d files, each of which is a resource of the stack; leave out what the site does not need", maxFiles)
		}
		return err
	})
	switch {
	case err != nil:
		problems = append(problems, refused("%q cannot be taken: %v", name, err)...)
	case len(found) == 0 && len(problems) == 0:
		problems = refused("%q is empty; build the site first", name)
	case len(problems) == 0 && !hasIndex(found):
		problems = refused("%q has no %s at its top; give the folder that the site's build writes", name, distribution.Index)
	}
	return found, problems
}

func hasIndex(found []file) bool {
	for _, f := range found {
		if f.key == distribution.Index {
			return true
		}
	}
	return false
}

// read reads one file.
func read(bundle fs.FS, key string, place func(string, []byte) (string, error)) (file, []validate.Problem, error) {
	info, err := fs.Stat(bundle, key)
	switch {
	case err != nil:
		return file{}, refused("%q cannot be read: %v", key, err), nil
	case !info.Mode().IsRegular():
		return file{}, refused("%q is no file; put the file itself there", key), nil
	case info.Size() > maxFile:
		return file{}, refused("%q has %d MB, more than the %d MB that a file may have; put it into a bucket of its own", key, info.Size()>>20, maxFile>>20), nil
	case len(key) > maxKey:
		return file{}, refused("%q is longer than the %d bytes of an S3 key", key, maxKey), nil
	}
	opened, err := bundle.Open(key)
	if err != nil {
		return file{}, refused("%q cannot be read: %v", key, err), nil
	}
	defer func() { _ = opened.Close() }()
	content, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		return file{}, refused("%q cannot be read: %v", key, err), nil
	}
	sum := sha256.Sum256(content)
	path, err := place(key, content)
	return file{key: key, path: path, hash: hex.EncodeToString(sum[:])}, nil, err
}

func refused(format string, arguments ...any) []validate.Problem {
	return []validate.Problem{{Path: bundlePath, Reason: fmt.Sprintf(format, arguments...)}}
}
