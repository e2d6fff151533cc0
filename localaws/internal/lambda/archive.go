package lambda

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/reventless/pulumi-reventless/localaws/internal/restjson"
)

// Values of the upper byte of a zip entry's CreatorVersion: the entry has Unix
// permissions.
const (
	creatorUnix  = 3
	creatorMacOS = 19
)

// unpack lays out a revision of a function: <folder>/task from the given code or,
// when there is none, from the code it already has; <folder>/opt from its layers.
// It returns the path of the archive that the revision is from.
func (s *Service) unpack(config *Configuration, folder, zipPath string, given *code) (string, error) {
	content, err := s.archive(zipPath, given)
	if err != nil {
		return "", err
	}
	optSize, err := s.linkLayers(config.Layers, filepath.Join(folder, "opt"))
	if err != nil {
		return "", err
	}
	if _, err := unzip(content, filepath.Join(folder, "task"), maxUnzippedBytes-optSize); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(folder, "tmp"), 0o700); err != nil {
		return "", err
	}
	config.CodeSha256, config.CodeSize = hash(content), int64(len(content))
	path := filepath.Join(folder, "code.zip")
	return path, os.WriteFile(path, content, 0o600)
}

func (s *Service) archive(zipPath string, given *code) ([]byte, error) {
	if given == nil {
		return os.ReadFile(zipPath)
	}
	return s.fetch(*given)
}

// fetch is the archive that a request gives: in itself or as an S3 object.
func (s *Service) fetch(given code) ([]byte, error) {
	switch {
	case given.ImageURI != "":
		return nil, restjson.Invalid("the local AWS runs functions from zip archives only, not from container images")
	case len(given.ZipFile) > maxZipBytes:
		return nil, &restjson.Error{Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLargeException",
			Message: "Request must be smaller than 69905067 bytes for the CreateFunction operation"}
	case len(given.ZipFile) > 0:
		return given.ZipFile, nil
	case given.S3Bucket != "" && given.S3Key != "":
		return s.fetchObject(given.S3Bucket, given.S3Key)
	}
	return nil, restjson.Invalid("Please provide a source for function code.")
}

func (s *Service) fetchObject(bucket, key string) ([]byte, error) {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.options.Endpoint+"/"+bucket+"/"+key, nil)
	if err != nil {
		return nil, restjson.Invalid("Error occurred while GetObject. %v", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("get the code from S3: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, restjson.Invalid("Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist: s3://%s/%s", bucket, key)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxUnzippedBytes))
}

// unzip unpacks an archive into a new folder and returns the size of its files.
func unzip(content []byte, folder string, limit int64) (int64, error) {
	reader, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return 0, restjson.Invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	var size int64
	for _, entry := range reader.File {
		size += int64(entry.UncompressedSize64)
		if size > limit {
			return 0, restjson.Invalid("Unzipped size must be smaller than %d bytes", maxUnzippedBytes)
		}
		if err := unzipEntry(entry, folder); err != nil {
			return 0, err
		}
	}
	return size, nil
}

func unzipEntry(entry *zip.File, folder string) error {
	name := filepath.FromSlash(entry.Name)
	if !filepath.IsLocal(name) {
		return restjson.Invalid("Could not unzip uploaded file: the entry %q leaves its folder.", entry.Name)
	}
	path := filepath.Join(folder, name)
	if strings.HasSuffix(entry.Name, "/") {
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if entry.Mode()&fs.ModeSymlink != 0 {
		return unzipLink(entry, folder, path)
	}
	return writeEntry(entry, path)
}

// unzipLink makes a symbolic link, unless it leaves the folder.
func unzipLink(entry *zip.File, folder, path string) error {
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	target, err := io.ReadAll(io.LimitReader(content, 4096))
	if err != nil {
		return err
	}
	inside, err := filepath.Rel(folder, filepath.Join(filepath.Dir(path), string(target)))
	if err != nil || filepath.IsAbs(string(target)) || !filepath.IsLocal(inside) {
		return restjson.Invalid("Could not unzip uploaded file: the link %q leaves its folder.", entry.Name)
	}
	return os.Symlink(string(target), path)
}

// writeEntry writes a file while no process can be forked: a child that inherited
// the open file would make its execution fail as "text file busy".
func writeEntry(entry *zip.File, path string) error {
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, permissions(entry))
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// permissions are those of the entry; an entry that has none is executable.
func permissions(entry *zip.File) fs.FileMode {
	switch entry.CreatorVersion >> 8 {
	case creatorUnix, creatorMacOS:
		if mode := entry.Mode().Perm(); mode != 0 {
			return mode | 0o400
		}
	}
	return 0o755
}

// linkLayers lays layers over each other: of equal names the later layer's wins.
// Files are linked, not copied, since a runtime layer is large and shared.
func (s *Service) linkLayers(layers []LayerReference, folder string) (int64, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, err
	}
	var size int64
	for _, reference := range layers {
		version := s.anyLayerVersion(nameAfter(reference.Arn, "layer"))
		if version == nil {
			return 0, restjson.Invalid("Layer version %s does not exist.", reference.Arn)
		}
		size += version.unzipped
		if err := linkTree(filepath.Join(version.folder, "opt"), folder); err != nil {
			return 0, fmt.Errorf("unpack layer %s: %w", reference.Arn, err)
		}
	}
	return size, nil
}

func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.Link(path, target)
	})
}
