package front

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
)

const (
	maxSettings    = 1 << 20
	defaultLogTail = 64 << 10
)

// admin serves /_localaws/: health, faults, the clock of schedules, inventory,
// metrics, logs, and where CloudFront's distributions answer.
func (f *front) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_localaws/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /_localaws/faults", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, f.Faults.Settings()) })
	mux.HandleFunc("POST /_localaws/faults", f.applyFaults)
	mux.HandleFunc("DELETE /_localaws/faults", func(w http.ResponseWriter, _ *http.Request) {
		f.Faults.Reset()
		writeJSON(w, http.StatusOK, f.Faults.Settings())
	})
	mux.HandleFunc("GET /_localaws/metrics", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, f.Metrics.Snapshot()) })
	mux.HandleFunc("POST /_localaws/metrics/reset", func(w http.ResponseWriter, _ *http.Request) {
		f.Metrics.Reset()
		writeJSON(w, http.StatusOK, f.Metrics.Snapshot())
	})
	mux.HandleFunc("GET /_localaws/clock", f.readClock)
	mux.HandleFunc("POST /_localaws/clock", f.advanceClock)
	mux.HandleFunc("GET /_localaws/inventory", f.listInventory)
	mux.HandleFunc("GET /_localaws/distributions", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, f.Sites()) })
	mux.HandleFunc("GET /_localaws/logs", f.readLogs)
	return loopbackOnly(mux)
}

// loopbackOnly refuses requests that a web page sent through a host name of its own.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(r.Host); err == nil {
			host = name
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "the local AWS is reached as 127.0.0.1 or localhost only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (f *front) applyFaults(w http.ResponseWriter, r *http.Request) {
	document, err := io.ReadAll(io.LimitReader(r.Body, maxSettings))
	if err == nil {
		_, err = f.Faults.Apply(document)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, f.Faults.Settings())
}

func (f *front) listInventory(w http.ResponseWriter, r *http.Request) {
	items, err := f.Inventory(r.Context())
	if err != nil {
		writeJSON(w, http.StatusBadGateway, map[string]string{"message": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, items)
}

// readLogs answers the end of a function's output as text; ?bytes= says how much.
func (f *front) readLogs(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.ParseInt(r.URL.Query().Get("bytes"), 10, 64)
	if err != nil || limit <= 0 {
		limit = defaultLogTail
	}
	function := r.URL.Query().Get("function")
	if function == "" {
		writeJSON(w, http.StatusBadRequest, map[string]string{"message": "name the function: /_localaws/logs?function=NAME"})
		return
	}
	text, err := f.Logs(function, limit)
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"message": err.Error()})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
