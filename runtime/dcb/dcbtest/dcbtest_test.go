package dcbtest

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
)

// broken is a store that forgets something.
type broken struct {
	dcb.Store
	forget func(t *dcb.Transaction)
}

func (b broken) Append(ctx context.Context, t dcb.Transaction) error {
	b.forget(&t)
	return b.Store.Append(ctx, t)
}

// TestHistoriesFindBrokenStores tests the test.
func TestHistoriesFindBrokenStores(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(t *dcb.Transaction){
		"no checks":        func(t *dcb.Transaction) { t.Checks = nil },
		"no guard":         func(t *dcb.Transaction) { t.Guard.Key += t.Puts[0].ID + t.Guard.Time + string(rune(t.Puts[0].Seq)) },
		"no further tags":  func(t *dcb.Transaction) { t.Puts = t.Puts[:1] },
		"first check only": func(t *dcb.Transaction) { t.Checks = t.Checks[:min(1, len(t.Checks))] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); ; seed++ {
				require.Less(t, seed, uint64(300), "nothing was found")
				store := broken{dcb.NewMemory(), forget}
				h, err := runHistory(t, store, seed, false)
				if err == nil {
					err = check(t.Context(), store, h)
				}
				if err != nil {
					t.Logf("seed %d: %.200s", seed, err)
					return
				}
			}
		})
	}
}

// TestSeedsDecideAll runs one history twice.
func TestSeedsDecideAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		first, err := runHistory(t, dcb.NewMemory(), seed, false)
		require.NoError(t, err)
		second, err := runHistory(t, dcb.NewMemory(), seed, false)
		require.NoError(t, err)
		assert.True(t, reflect.DeepEqual(first, second), "seed %d", seed)
	}
}
