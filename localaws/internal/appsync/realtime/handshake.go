package realtime

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
)

// headerProtocol starts the sub-protocol that carries the headers in base64url.
const headerProtocol = "header-"

// handshake reads the headers of a connection's authorization, which browsers cannot
// send as such: a JSON object in base64, in the query parameter "header" or in a
// sub-protocol.
func handshake(r *http.Request) (http.Header, error) {
	protocols := protocols(r)
	if !slices.Contains(protocols, Protocol) {
		return nil, &execution.RequestError{Status: http.StatusBadRequest, Message: "NoProtocolError"}
	}
	encoded := r.URL.Query().Get("header")
	for _, protocol := range protocols {
		if text, ok := strings.CutPrefix(protocol, headerProtocol); ok {
			encoded = text
		}
	}
	if encoded == "" {
		return nil, missingHeaders()
	}
	text, err := decode(encoded)
	if err != nil {
		return nil, missingHeaders()
	}
	header, ok := headers(text)
	if !ok {
		return nil, missingHeaders()
	}
	return header, nil
}

func missingHeaders() error {
	return &execution.RequestError{Status: http.StatusBadRequest, Type: "UnauthorizedException", Message: "Required headers are missing."}
}

// protocols are the sub-protocols that the client offers.
func protocols(r *http.Request) []string {
	var result []string
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			result = append(result, strings.TrimSpace(name))
		}
	}
	return result
}

// decode reads base64 of either alphabet, with or without padding. A query parameter
// that was not escaped has a space where "+" was.
func decode(text string) ([]byte, error) {
	text = strings.NewReplacer(" ", "-", "+", "-", "/", "_", "=", "").Replace(text)
	return base64.RawURLEncoding.DecodeString(text)
}

// headers reads a JSON object of texts.
func headers(text []byte) (http.Header, bool) {
	var fields map[string]string
	if json.Unmarshal(text, &fields) != nil || fields == nil {
		return nil, false
	}
	header := http.Header{}
	for name, value := range fields {
		header.Set(name, value)
	}
	return header, true
}
