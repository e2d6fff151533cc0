package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// hashLength is the number of hexadecimal characters of a content hash: 128 bits.
const hashLength = 32

// Hash is the content hash of what a plugin connects with: its version, its normalised
// fragment ([Fragment.SDL]) and the names of its extension points in any order. It is
// the first 32 hexadecimal characters of a SHA-256.
func Hash(version string, normalisedSDL string, extensionPoints []string) string {
	var text []byte
	for _, part := range append([]string{version, normalisedSDL}, slices.Sorted(slices.Values(extensionPoints))...) {
		// Each with its length before it, so that no two lists give the same text.
		text = append(text, strconv.Itoa(len(part))+":"...)
		text = append(text, part...)
	}
	return contentHash(text)
}

func contentHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:hashLength]
}
