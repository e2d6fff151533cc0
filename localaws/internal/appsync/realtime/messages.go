package realtime

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

// Types of messages, from clients and to them.
const (
	connectionInit  = "connection_init"
	connectionAck   = "connection_ack"
	connectionError = "connection_error"
	keepAlive       = "ka"
	start           = "start"
	startAck        = "start_ack"
	data            = "data"
	failed          = "error"
	stop            = "stop"
	complete        = "complete"
)

// incoming is a client's message.
type incoming struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// startPayload is the payload of start.
type startPayload struct {
	// Data is a GraphQL request as JSON.
	Data       string `json:"data"`
	Extensions struct {
		Authorization json.RawMessage `json:"authorization"`
	} `json:"extensions"`
}

// outgoing is a message to a client.
type outgoing struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Payload any    `json:"payload,omitempty"`
}

func (m outgoing) encode() []byte {
	text, _ := json.Marshal(m) // payloads are JSON already or of plain types
	return text
}

// problem is an entry of the errors of a payload.
type problem struct {
	Type    string `json:"errorType,omitempty"`
	Message string `json:"message"`
	Code    int    `json:"errorCode,omitempty"`
}

func problems(list ...problem) any { return map[string][]problem{"errors": list} }

// refusal is the payload that tells about an error.
func refusal(err error) any {
	var refused *execution.RequestError
	if !errors.As(err, &refused) {
		refused = &execution.RequestError{Status: http.StatusInternalServerError, Type: "InternalFailure", Message: err.Error()}
	}
	return problems(problem{Type: refused.Type, Message: refused.Message, Code: refused.Status})
}

// refusals is the payload that tells about errors of GraphQL.
func refusals(list []execution.Error) any {
	var result []problem
	for _, one := range list {
		next := problem{Message: one.Message, Code: http.StatusBadRequest}
		if one.Failure != nil && one.Failure.Type != "" {
			next.Type, next.Code = one.Failure.Type, 0
		}
		result = append(result, next)
	}
	return problems(result...)
}

func unsupported(what string) error {
	return &execution.RequestError{Status: http.StatusBadRequest, Type: "UnsupportedOperation", Message: what + " not supported through the realtime channel"}
}
