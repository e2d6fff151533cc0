package bucketevents

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func filtered(events []string, prefix, suffix string) target {
	return target{ID: prefix + suffix, Queue: "q", Events: events, Rules: []rule{{"Prefix", prefix}, {"suffix", suffix}}}
}

func TestTargetMatches(t *testing.T) {
	t.Parallel()
	created := []string{"s3:ObjectCreated:*"}
	cases := map[string]struct {
		target     target
		event, key string
		want       bool
	}{
		"group":        {filtered(created, "", ""), eventCopy, "k", true},
		"another":      {filtered(created, "", ""), eventDelete, "k", false},
		"exact":        {filtered([]string{eventMarker}, "", ""), eventMarker, "k", true},
		"other marker": {filtered([]string{eventMarker}, "", ""), eventDelete, "k", false},
		"both":         {filtered(created, "in/", ".csv"), eventPut, "in/x.csv", true},
		"prefix only":  {filtered(created, "in/", ".csv"), eventPut, "in/x.txt", false},
		"suffix only":  {filtered(created, "in/", ".csv"), eventPut, "x.csv", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, c.target.matches(c.event, c.key))
		})
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	created, put, removed := []string{"s3:ObjectCreated:*"}, []string{eventPut}, []string{"s3:ObjectRemoved:*"}
	cases := map[string]struct {
		a, b target
		want bool
	}{
		"same prefix":     {filtered(created, "in/", ""), filtered(put, "in/a", ""), true},
		"other prefix":    {filtered(created, "in/", ""), filtered(put, "out/", ""), false},
		"other suffix":    {filtered(created, "in/", ".csv"), filtered(put, "in/", ".txt"), false},
		"suffix within":   {filtered(created, "in/", ".csv"), filtered(put, "in/", "a.csv"), true},
		"other events":    {filtered(created, "", ""), filtered(removed, "", ""), false},
		"nothing to tell": {filtered(put, "", ""), filtered(created, "", ""), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, c.a.overlaps(c.b))
			assert.Equal(t, c.want, c.b.overlaps(c.a))
		})
	}
}

func TestResourceAndKeys(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][2]string{
		"http://127.0.0.1:1/b":          {"b", ""},
		"http://127.0.0.1:1/b/":         {"b", ""},
		"http://127.0.0.1:1/b/in/a%20b": {"b", "in/a b"},
		"http://b.localhost:1/in//a":    {"b", "in//a"},
		"http://localhost:1/":           {"", ""},
	} {
		bucket, key := Resource(httptest.NewRequest("GET", url, nil))
		assert.Equal(t, want, [2]string{bucket, key}, url)
	}
	assert.Equal(t, "a+b/%C3%A4%2B.txt", encodedKey("a b/ä+.txt"))
}

func TestFormKey(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("key", "in/${filename}"))
	_, err := form.CreateFormFile("file", "a.txt")
	require.NoError(t, err)
	require.NoError(t, form.Close())
	assert.Equal(t, "in/a.txt", formKey(form.FormDataContentType(), body.Bytes()))
	assert.Empty(t, formKey("text/plain", body.Bytes()))
}
