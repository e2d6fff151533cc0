package proxy

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// realAPI is Lambda's own Runtime API, for what the engine does not answer itself.
type realAPI struct {
	*httputil.ReverseProxy
}

// newRealAPI takes the address as Lambda gives it: host:port, optionally with a path.
func newRealAPI(address string) (*realAPI, error) {
	target, err := url.Parse("http://" + strings.TrimSuffix(address, "/"))
	if err != nil || target.Host == "" {
		return nil, fmt.Errorf("proxy: %s is %q, not the host:port of a Lambda Runtime API; the engine runs inside Lambda or local AWS, which set it",
			EnvRuntimeAPI, address)
	}
	return &realAPI{&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		// No HTTP proxy is ever used, whatever the environment says: the address is local.
		Transport:     &http.Transport{},
		FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			writeError(w, http.StatusBadGateway, "RuntimeAPIUnreachable",
				fmt.Sprintf("forwarding %s to the Lambda Runtime API: %v", r.URL.Path, err))
		},
	}}, nil
}

// forward sends a request whose body has been read on as it came, and its answer back.
func (a *realAPI) forward(w http.ResponseWriter, r *http.Request, body []byte) {
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.ContentLength = int64(len(body))
	again.TransferEncoding = nil
	a.ServeHTTP(w, again)
}
