package protocol

import (
	"fmt"
	"net"
	"net/url"
)

// maxUIBundleURL bounds the address in bytes.
const maxUIBundleURL = 2048

// CheckUIBundleURL says what is wrong with the address of a plugin's part of the host UI,
// "" if nothing is; an empty address is none. Browsers load code from it, so it is HTTPS,
// unless the host is the machine itself.
func CheckUIBundleURL(address string) string {
	if address == "" {
		return ""
	}
	parsed, err := url.Parse(address)
	switch {
	case len(address) > maxUIBundleURL:
		return fmt.Sprintf("has %d bytes, at most %d are possible", len(address), maxUIBundleURL)
	case err != nil || parsed.Host == "" || parsed.Hostname() == "":
		return "is no URL; write it as https://ui.example.com/catalog/remoteEntry.js"
	case parsed.User != nil:
		return "has a user or password in it, which everybody who sees the plugins would see; leave it out"
	case parsed.Scheme == "https", parsed.Scheme == "http" && loopback(parsed.Hostname()):
		return ""
	}
	return "must begin with https://; http:// is for 127.0.0.1 and localhost only"
}

func loopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
