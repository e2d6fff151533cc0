package lambda

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reader answers with the file of its layer, and fails the first asynchronous event.
const reader = `
const fs = require('fs');
exports.handler = async ({ file }) => {
	if (file) {
		fs.appendFileSync(file, 'x');
		if (fs.readFileSync(file, 'utf8').length === 1) throw new Error('the first time');
	}
	return fs.readFileSync(process.env.LAYER_FILE, 'utf8');
};`

// TestImage begins with the functions of another service: with their code and layers, also a
// version that was deleted while it is used, and with an invocation that waits for its retry.
func TestImage(t *testing.T) {
	t.Parallel()
	first := newBed(t, func(o *Options) { o.AsyncRetryDelays = []time.Duration{time.Hour} })
	used := first.layer(t, "texts", files{"text": "used"})
	first.create(t, "reader", types.RuntimeNodejs22x, files{"index.js": reader}, func(i *sdk.CreateFunctionInput) {
		i.Layers = []string{used}
		i.Environment = &types.Environment{Variables: map[string]string{"LAYER_FILE": "/opt/text"}}
	})
	_, err := first.DeleteLayerVersion(t.Context(), &sdk.DeleteLayerVersionInput{LayerName: aws.String("texts"), VersionNumber: aws.Int64(1)})
	require.NoError(t, err)
	called := filepath.Join(t.TempDir(), "called")
	times := func() string { text, _ := os.ReadFile(called); return string(text) }
	require.NoError(t, first.service.InvokeLater("reader", []byte(`{"file": "`+called+`"}`)))
	waiting := func() int {
		first.service.mutex.Lock()
		defer first.service.mutex.Unlock()
		count := 0
		for a := range first.service.waiting {
			count += int(a.attempts.Load())
		}
		return count
	}
	eventually(t, "it failed once", func() bool { return waiting() == 1 })

	folder := t.TempDir()
	saved, err := first.service.Save(folder)
	require.NoError(t, err)
	text, err := json.Marshal(saved)
	require.NoError(t, err)
	var image Image
	require.NoError(t, json.Unmarshal(text, &image))
	second := newBed(t, nil)
	require.NoError(t, second.service.Restore(folder, image))
	assert.Equal(t, `"used"`, second.call(t, "reader", "{}"))
	assert.Equal(t, "x", times(), "nothing is invoked before everything is there")
	second.service.Resume(image)
	eventually(t, "the retry", func() bool { return times() == "xx" })
	published := second.layer(t, "texts", files{"text": "new"})
	assert.True(t, strings.HasSuffix(published, ":2"), "no number is given twice: %s", published)
	_, err = second.GetLayerVersion(t.Context(), &sdk.GetLayerVersionInput{LayerName: aws.String("texts"), VersionNumber: aws.Int64(1)})
	assert.Error(t, err, "deleted is deleted")
}
