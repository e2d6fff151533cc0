package admin

import (
	"context"
	"slices"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
	"github.com/reventless/pulumi-reventless/runtime/registry"
)

// lookAfterLog makes the log group of the API when the platform itself is connected, and
// deletes it when it is disconnected. That is before anybody is told: AppSync may log only
// after a connection, and after a disconnection nobody is left to do it. It is after the
// event is in the log: a watch does not make again then what is deleted here. It fails no
// request. What cannot be made now is made by the watch.
func (b *batch) lookAfterLog(ctx context.Context, platform registry.State) {
	registered := platform.Registered()
	asked := func(r registry.Request) bool {
		return r.Plugin() == protocol.PlatformPlugin && (r.Connect != nil && registered || r.Disconnect != nil && !registered)
	}
	switch {
	case !slices.ContainsFunc(b.requests, asked):
	case registered:
		b.keepLog(ctx)
	default:
		if err := b.Log.Delete(ctx); err != nil {
			b.Logger.Error("the log group of the API is left over; delete it yourself", "error", err)
		}
	}
}

// watchLog looks after the log group of a platform that is connected.
func (a *Admin) watchLog(ctx context.Context, snapshot *registry.Snapshot) {
	if entry := snapshot.Entries[protocol.PlatformPlugin]; entry != nil && entry.State.Registered() {
		a.keepLog(ctx)
	}
}

func (a *Admin) keepLog(ctx context.Context) {
	if err := a.Log.Keep(ctx, a.Clock.Now()); err != nil {
		a.Logger.Warn("the log group of the API is not as it should be; this is tried again within a minute", "error", err)
	}
}
