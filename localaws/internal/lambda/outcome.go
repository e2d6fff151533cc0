package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
)

func failure(kind, message string) outcome {
	payload, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	return outcome{payload: payload, functionError: "Unhandled"}
}

// exitOutcome is that of an environment whose process ended.
func exitOutcome(id string, err error) outcome {
	reason := "Runtime exited without providing a reason"
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		reason = fmt.Sprintf("Runtime exited with error: exit status %d", exit.ExitCode())
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			reason = "Runtime exited with error: signal: " + status.Signal().String()
		}
	}
	return failure("Runtime.ExitError", "RequestId: "+id+" Error: "+reason)
}

func timeoutOutcome(id string, seconds int) outcome {
	return failure("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, float64(seconds)))
}

func responseTooLarge() outcome {
	return failure("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes).")
}

func entrypointOutcome(id string, err error) outcome {
	return failure("Runtime.InvalidEntrypoint", "RequestId: "+id+" Error: "+err.Error())
}
