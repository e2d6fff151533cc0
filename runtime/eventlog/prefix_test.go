package eventlog_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func TestPrefixesKeepFamiliesApart(t *testing.T) {
	t.Parallel()
	db := newDB()
	products, orders := newLog(db, eventlog.WithPrefix("productId=")), newLog(db, eventlog.WithPrefix("orderId="))
	for i, log := range []*eventlog.Log{products, orders, products} {
		commit, err := log.Append(t.Context(), "1", int64(i/2), eventlog.Origin{CommandID: "c"}, []turn.Event{event(i)})
		require.NoError(t, err)
		assert.Equal(t, "1", commit.ID)
	}
	stream, err := products.Read(t.Context(), "1", 0)
	require.NoError(t, err)
	assert.Equal(t, int64(2), stream.Version)
	assert.Equal(t, "1", stream.Commits[1].ID, "without the prefix")
	page, more, err := orders.ReadPage(t.Context(), "1", 0)
	require.NoError(t, err)
	assert.False(t, more)
	assert.Len(t, page.Events, 1)
	images := db.Records(table)
	commit, err := eventlog.DecodeImage(images[1].Change.NewImage)
	require.NoError(t, err)
	assert.Equal(t, "orderId=1", commit.ID, "an image has the whole key")
}

func TestPrefixesCountForTheLengthOfAnID(t *testing.T) {
	t.Parallel()
	log := newLog(newDB(), eventlog.WithPrefix("productId="))
	long := strings.Repeat("x", eventlog.MaxIDLength-len("productId="))
	for id, want := range map[string]string{long + "x": "2049 bytes", "": "the id is empty"} {
		_, err := log.Append(t.Context(), id, 0, eventlog.Origin{CommandID: "c"}, []turn.Event{event(1)})
		assert.ErrorContains(t, err, want)
		_, err = log.Execute(t.Context(), id, eventlog.Origin{CommandID: "c"}, record)
		assert.ErrorContains(t, err, want)
	}
	_, err := log.Execute(t.Context(), long, eventlog.Origin{CommandID: "c"}, record)
	assert.NoError(t, err)
}
