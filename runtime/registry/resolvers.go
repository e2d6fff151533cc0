package registry

import (
	"encoding/json"
	"fmt"

	"github.com/reventless/pulumi-reventless/runtime/schemapush"
)

// MaxPackedResolvers is the greatest length of packed resolvers in bytes. With an event's
// other members it stays below DynamoDB's 400 KB for an item.
const MaxPackedResolvers = 350_000

// PackResolvers compresses resolvers for an event. Their code is much alike, so hundreds
// take a few KB.
func PackResolvers(resolvers []schemapush.Resolver) (string, error) {
	text, err := json.Marshal(resolvers)
	if err != nil {
		return "", fmt.Errorf("pack resolvers: %w", err)
	}
	packed, err := compress(string(text))
	if err != nil {
		return "", fmt.Errorf("pack resolvers: %w", err)
	}
	if len(text) > maxFragment || len(packed) > MaxPackedResolvers {
		return "", fmt.Errorf("the plugin's %d resolvers take %d bytes when compressed, at most %d can be recorded; split the plugin",
			len(resolvers), len(packed), MaxPackedResolvers)
	}
	return packed, nil
}

// UnpackResolvers is the inverse of [PackResolvers].
func UnpackResolvers(packed string) ([]schemapush.Resolver, error) {
	text, err := decompress(packed)
	if err != nil {
		return nil, fmt.Errorf("unpack resolvers: %w", err)
	}
	var resolvers []schemapush.Resolver
	if err := json.Unmarshal([]byte(text), &resolvers); err != nil {
		return nil, fmt.Errorf("unpack resolvers: %w", err)
	}
	return resolvers, nil
}
