package appsyncjs

import "encoding/base64"

func base64Encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func base64Decode(text string) (string, error) {
	decoded, err := base64.StdEncoding.DecodeString(text)
	return string(decoded), err
}
