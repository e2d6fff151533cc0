package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLines is how many bytes of lines a turn has at most, and with it the greatest
// length of one line.
const maxLines = 1 << 20

// lineReader reads the lines of an object, one ahead, so that it knows which one is the
// last. Where a chunk ends depends on nothing but the object and the limits: an object
// that is read again leads to the same turns.
type lineReader struct {
	source *bufio.Reader
	// number is the number of the line ahead, begin its offset, end that of what is after.
	number     int
	begin, end int64
	ahead      string
	// err is why there is no line ahead: [io.EOF] or a failure.
	err error
}

// linesFrom reads lines from an offset on, where a line with a number begins.
func (o *object) linesFrom(offset int64, number int) *lineReader {
	r := &lineReader{source: bufio.NewReaderSize(o.from(offset), maxLines+len("\r\n")), number: number - 1, end: offset}
	r.read()
	return r
}

// offset is where the line ahead begins.
func (r *lineReader) offset() int64 { return r.begin }

// done says that there are no more lines.
func (r *lineReader) done() bool { return errors.Is(r.err, io.EOF) }

// header takes the first line, empty if there is none.
func (r *lineReader) header() (string, error) {
	header := r.ahead
	if r.err != nil && !r.done() {
		return "", r.err
	}
	r.read()
	return header, nil
}

// chunk takes up to so many lines, and no more bytes than a turn has. It fails as a
// whole when one of the lines cannot be read.
func (r *lineReader) chunk(limit int) ([]string, error) {
	lines, size := []string{}, 0
	for len(lines) < limit && r.err == nil && size+len(r.ahead) <= maxLines {
		lines = append(lines, r.ahead)
		size += len(r.ahead) + 1
		r.read()
	}
	if full := len(lines) == limit || r.err == nil; !full && !r.done() {
		return nil, r.err
	}
	return lines, nil
}

// read reads the line ahead.
func (r *lineReader) read() {
	r.begin, r.ahead = r.end, ""
	r.number++
	if r.err != nil {
		return
	}
	raw, err := r.source.ReadSlice('\n')
	r.end += int64(len(raw))
	switch {
	case errors.Is(err, io.EOF) && len(raw) > 0: // the last line has no end
	case errors.Is(err, bufio.ErrBufferFull):
		err = fmt.Errorf("line %d has more than %d bytes", r.number, maxLines)
		fallthrough
	case err != nil:
		r.err = err
		return
	}
	r.ahead, r.err = r.text(raw)
}

// text is a line without its end.
func (r *lineReader) text(raw []byte) (string, error) {
	line := bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if len(line) > maxLines {
		return "", fmt.Errorf("line %d has more than %d bytes", r.number, maxLines)
	}
	if !utf8.Valid(line) {
		return "", fmt.Errorf("line %d is no text in UTF-8; write the object in UTF-8", r.number)
	}
	if r.number == 1 {
		return strings.TrimPrefix(string(line), byteOrderMark), nil
	}
	return string(line), nil
}
