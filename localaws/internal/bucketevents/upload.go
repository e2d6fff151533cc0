package bucketevents

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// uploaded lets moto take the form of a web page, whose object is named by one of the
// form's fields.
func (s *Service) uploaded(w http.ResponseWriter, r *http.Request, next http.Handler, bucket string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		writeError(w, err)
		return
	}
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := watch(w, r, next)
	if key := formKey(r.Header.Get("Content-Type"), body); key != "" {
		s.created(answer, eventPost, bucket, key)
	}
}

// formKey is the key that a form names; ${filename} stands for the file's name.
func formKey(contentType string, body []byte) string {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	key, file := "", ""
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			return strings.ReplaceAll(key, "${filename}", file)
		}
		switch part.FormName() {
		case "key":
			text, _ := io.ReadAll(part)
			key = string(text)
		case "file":
			file = part.FileName()
		}
	}
}
