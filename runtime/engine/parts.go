package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Objects are read in parts, so that no connection is open while the handler works. A
// part that breaks off is read again, up to partAttempts times in all.
const (
	partSize     = 2 << 20
	partTime     = 20 * time.Second
	partAttempts = 3
)

// objectReader reads an object from an offset on.
type objectReader struct {
	*object
	next int64
	part []byte
}

// from reads the object from an offset on.
func (o *object) from(offset int64) *objectReader { return &objectReader{object: o, next: offset} }

// Read gives what was fetched, and fetches the next part when all was given.
func (r *objectReader) Read(p []byte) (int, error) {
	if len(r.part) == 0 {
		if r.next >= r.size {
			return 0, io.EOF
		}
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.part)
	r.part = r.part[n:]
	return n, nil
}

// fetch reads the next part.
func (r *objectReader) fetch() (err error) {
	end := min(r.next+partSize, r.size)
	for range partAttempts {
		var part []byte
		if part, err = r.get(r.next, end); err == nil {
			r.part, r.next = part, end
			return nil
		}
		if r.aws.Err() != nil {
			break
		}
	}
	return fmt.Errorf("read the bytes from %d to %d: %w", r.next, end, err)
}

// get reads the bytes from a first one to before an end.
func (r *objectReader) get(first, end int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(r.aws, partTime)
	defer cancel()
	out, err := r.S3.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &r.Bucket, Key: &r.Key, VersionId: &r.VersionID, Range: aws.String(fmt.Sprintf("bytes=%d-%d", first, end-1)),
	}, func(options *s3.Options) {
		options.DisableLogOutputChecksumValidationSkipped = true // S3 has no checksums of parts
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Body.Close() }()
	part := make([]byte, end-first)
	_, err = io.ReadFull(out.Body, part)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // the part has no bytes, but it is not the end of the object
	}
	return part, err
}
