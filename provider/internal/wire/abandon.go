package wire

import (
	"context"
	"errors"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/reventless/pulumi-reventless/provider/internal/cause"
)

// construct lets the provider construct the component, unless the engine gives the
// deployment up meanwhile.
//
// When a resource fails, the engine reports that, and then tells the provider to cancel.
// What fails then because of that is no news to the user, but the engine would show it as
// a second error beside the one that counts. So it is answered at once and without an
// error; of a deployment that it has given up, it looks at no answer.
func (w *wrapper) construct(ctx context.Context, request *rpc.ConstructRequest, monitor *monitor) (*rpc.ConstructResponse, error) {
	if !w.begin() {
		return abandoned(request), nil
	}
	defer w.running.Done()
	type outcome struct {
		response *rpc.ConstructResponse
		err      error
	}
	done := make(chan outcome, 1)
	go func() {
		response, err := w.ResourceProviderServer.Construct(ctx, request)
		monitor.stop()
		done <- outcome{response, err}
	}()
	select {
	case <-w.cancelled:
	case result := <-done:
		if !w.isCancelled() {
			return result.response, plainly(result.err)
		}
	}
	return abandoned(request), nil
}

// plainly is the error without what the SDK puts around an error from within a component,
// such as the refusal of a connection. One with details has nothing around it.
func plainly(err error) error {
	if err == nil || len(status.Convert(err).Details()) > 0 {
		return err
	}
	text := status.Convert(err).Message()
	if plain := cause.Text(errors.New(text)); plain != text {
		return status.Error(status.Code(err), plain)
	}
	return err
}

// abandoned is the answer that nobody looks at.
func abandoned(request *rpc.ConstructRequest) *rpc.ConstructResponse {
	return &rpc.ConstructResponse{Urn: string(aliasURN(request, &rpc.Alias_Spec{}))}
}

// begin counts a component that is being constructed, false when it is too late for that.
func (w *wrapper) begin() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.isCancelled() {
		return false
	}
	w.running.Add(1)
	return true
}

// Cancel ends what is under way: first the answers to the engine, then the work.
func (w *wrapper) Cancel(ctx context.Context, request *emptypb.Empty) (*emptypb.Empty, error) {
	w.mutex.Lock()
	if !w.isCancelled() {
		close(w.cancelled)
	}
	w.mutex.Unlock()
	w.running.Wait()
	return w.ResourceProviderServer.Cancel(ctx, request)
}

func (w *wrapper) isCancelled() bool {
	select {
	case <-w.cancelled:
		return true
	default:
		return false
	}
}
