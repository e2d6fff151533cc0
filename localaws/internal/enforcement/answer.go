package enforcement

import (
	"encoding/json"
	"encoding/xml"
	"net/http"

	"github.com/google/uuid"
)

// answer is a refusal with the codes that the kinds of services have for it.
type answer struct{ json, query, s3, message string }

// write answers a request of a service.
func (a answer) write(w http.ResponseWriter, service string) {
	id := uuid.NewString()
	w.Header().Set("X-Amzn-RequestId", id)
	switch service {
	case "dynamodb", "dynamodbstreams":
		writeJSON(w, http.StatusBadRequest, "application/x-amz-json-1.0", map[string]string{"__type": "com.amazon.coral.service#" + a.json, "Message": a.message})
	case "logs":
		writeJSON(w, http.StatusBadRequest, "application/x-amz-json-1.1", map[string]string{"__type": a.json, "message": a.message})
	case "sqs":
		w.Header().Set("x-amzn-query-error", a.query+";Sender")
		writeJSON(w, http.StatusForbidden, "application/x-amz-json-1.0", map[string]string{"__type": "com.amazon.coral.service#" + a.json, "message": a.message})
	case "sns":
		writeQuery(w, "http://sns.amazonaws.com/doc/2010-03-31/", a.query, a.message, id)
	case "iam", "sts":
		writeQuery(w, "https://iam.amazonaws.com/doc/2010-05-08/", a.query, a.message, id)
	case "s3":
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		writeXML(w, struct {
			XMLName                  xml.Name `xml:"Error"`
			Code, Message, RequestID string
		}{Code: a.s3, Message: a.message, RequestID: id})
	default:
		w.Header().Set("X-Amzn-ErrorType", a.json)
		writeJSON(w, http.StatusForbidden, "application/json", map[string]string{"Message": a.message})
	}
}

func writeJSON(w http.ResponseWriter, status int, contentType string, body map[string]string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func writeQuery(w http.ResponseWriter, namespace, code, message, id string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusForbidden)
	writeXML(w, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Namespace: namespace, Type: "Sender", Code: code, Message: message, RequestID: id})
}

func writeXML(w http.ResponseWriter, content any) { _ = xml.NewEncoder(w).Encode(content) }
