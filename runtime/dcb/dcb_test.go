package dcb_test

import (
	"testing"

	"github.com/reventless/pulumi-reventless/runtime/dcb"
	"github.com/reventless/pulumi-reventless/runtime/dcb/dcbtest"
	"github.com/reventless/pulumi-reventless/runtime/eventlog/eventlogtest"
)

const table = "shop-dcb"

func TestMemory(t *testing.T) {
	t.Parallel()
	dcbtest.Run(t, func(*testing.T) dcb.Store { return dcb.NewMemory() }, dcbtest.Options{})
}

func TestDynamoDB(t *testing.T) {
	t.Parallel()
	dcbtest.Run(t, func(*testing.T) dcb.Store {
		db := eventlogtest.New(eventlogtest.Table{Name: table, Log: true})
		db.PageSize = 3
		return dcb.NewDynamoDB(db, table)
	}, dcbtest.Options{Histories: 20})
}
