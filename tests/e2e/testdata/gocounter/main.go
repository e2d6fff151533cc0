// Command gocounter is a plugin's handler in Go: the engine is a library in it.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime"
	"github.com/reventless/pulumi-reventless/runtime/turn"
)

func main() { runtime.Start(handle) }

func handle(_ context.Context, t turn.Turn) (turn.Answer, error) {
	switch t.Kind {
	case turn.Decide:
		return decide(t)
	case turn.Project:
		row, err := json.Marshal(map[string]any{"count": t.Event.Number})
		return turn.Answer{Row: row}, err
	default:
		return turn.Answer{}, fmt.Errorf("no turns of kind %s", t.Kind)
	}
}

// decide counts to three.
func decide(t turn.Turn) (turn.Answer, error) {
	if len(t.History) == 3 {
		return turn.Answer{Reject: &turn.Reject{Code: "Full", Message: "Three is enough."}}, nil
	}
	return turn.Answer{Events: []turn.Event{{Type: "Counted", Data: t.Command.Data}}}, nil
}
