package registry

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
)

// MaxPackedFragment is the greatest length of a packed fragment in bytes. It leaves
// room for the rest of a message within the 256 KiB that every SQS queue takes, and
// of an event within DynamoDB's item of 400 KB.
const MaxPackedFragment = 240_000

// maxFragment bounds what a packed fragment may unpack to. A whole AppSync schema
// document may have 1 MB.
const maxFragment = 8 << 20

// Pack compresses a fragment for messages and events: gzip, then base64. The same
// text gives the same result.
func Pack(sdl string) (string, error) {
	text, err := compress(sdl)
	if err != nil {
		return "", fmt.Errorf("pack a schema fragment: %w", err)
	}
	if len(text) > MaxPackedFragment {
		return "", fmt.Errorf("the schema fragment takes %d bytes when compressed, at most %d are possible; split the plugin", len(text), MaxPackedFragment)
	}
	return text, nil
}

// compress gives the packed text.
func compress(text string) (string, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err = io.WriteString(w, text); err == nil {
		err = w.Close()
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), err
}

// Unpack is the inverse of [Pack].
func Unpack(packed string) (string, error) {
	sdl, err := decompress(packed)
	if err != nil {
		return "", fmt.Errorf("unpack a schema fragment: %w", err)
	}
	return sdl, nil
}

// decompress is the inverse of compress.
func decompress(packed string) (string, error) {
	zipped, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return "", err
	}
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFragment+1))
	if err == nil && len(text) > maxFragment {
		err = fmt.Errorf("it has more than %d bytes", maxFragment)
	}
	return string(text), err
}
