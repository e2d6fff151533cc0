// Package archive turns a Pulumi archive into the zip file that Lambda takes.
//
//  1. An archive that is a path to a .zip file is used byte for byte.
//  2. Everything else (folder, AssetArchive, tar) is zipped entry by entry in
//     sorted order with one fixed modification time: same contents, same bytes.
//  3. Entries of a folder that are executable on disk are marked 0755; other
//     entries carry no mode, as with the real provider, and an extractor gives
//     them its default.
package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumiarchive "github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
)

// modified is the time the real provider stamps on zip entries: zip cannot
// store times before 1980 and some readers refuse the zero time.
var modified = time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC)

type entry struct {
	name string
	data []byte
	mode fs.FileMode
}

// Zip returns the archive's zip file. Errors name the path that cannot be read.
func Zip(a *resource.Archive) ([]byte, error) {
	format, source, err := a.ReadSourceArchive()
	if err != nil {
		return nil, fmt.Errorf("reading archive: %w", err)
	}
	if source != nil {
		defer source.Close()
		if format == pulumiarchive.ZIPArchive {
			return io.ReadAll(source)
		}
	}
	entries, err := readEntries(a)
	if err != nil {
		return nil, fmt.Errorf("reading archive: %w", err)
	}
	return write(entries)
}

// SHA256 returns Lambda's CodeSha256 of a zip file: base64 of its SHA-256.
func SHA256(zipped []byte) string {
	sum := sha256.Sum256(zipped)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func readEntries(a *resource.Archive) ([]entry, error) {
	reader, err := a.Open()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	seen := map[string]bool{}
	var entries []entry
	for {
		name, blob, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(blob)
		_ = blob.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !seen[name] {
			seen[name] = true
			entries = append(entries, entry{name, data, modeOf(a, name)})
		}
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].name < entries[j].name })
	return entries, nil
}

// modeOf is 0755 for an executable file of a folder archive, else 0.
func modeOf(a *resource.Archive, name string) fs.FileMode {
	root, ok := a.GetPath()
	if !ok {
		return 0
	}
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil || info.Mode()&0o111 == 0 {
		return 0
	}
	return 0o755
}

func write(entries []entry) ([]byte, error) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, e := range entries {
		header := &zip.FileHeader{Name: filepath.ToSlash(e.name), Method: zip.Deflate, Modified: modified}
		if e.mode != 0 {
			header.SetMode(e.mode)
		}
		f, err := w.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("zip entry %s: %w", e.name, err)
		}
		if _, err := f.Write(e.data); err != nil {
			return nil, fmt.Errorf("zip entry %s: %w", e.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
