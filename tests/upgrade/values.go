package upgrade

import (
	_ "embed" // idle
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// signature is the key by which secrets and assets are told from other objects.
const signature = sig.Key

// idle is a program that answers every invocation of a function, and does nothing.
//
//go:embed idle.py
var idle string

// placeholder is the archive that functions and layers have in a restored deployment, until
// the upgrade exchanges it. It has the program where a function of its own runtime starts,
// and where the runtime layer has the engine.
var placeholder = map[string]any{signature: sig.ArchiveSig, resource.ArchiveAssetsProperty: map[string]any{
	"bootstrap":         map[string]any{signature: sig.AssetSig, resource.AssetTextProperty: idle},
	"reventless/engine": map[string]any{signature: sig.AssetSig, resource.AssetTextProperty: idle},
}}

// plain is a value without the marks of secrets.
func plain(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, each := range v {
			list[i] = plain(each)
		}
		return list
	case map[string]any:
		if v[signature] == sig.Secret {
			return revealed(v)
		}
		object := make(map[string]any, len(v))
		for key, each := range v {
			object[key] = plain(each)
		}
		return object
	default:
		return value
	}
}

// revealed is the value of a secret: states have it as JSON, and providers as it is.
func revealed(secret map[string]any) any {
	text, ok := secret["plaintext"].(string)
	if !ok {
		return plain(secret["value"])
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return text
	}
	return plain(value)
}

// withoutCode is a value with a placeholder for each archive.
func withoutCode(value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if object[signature] == sig.ArchiveSig {
		return placeholder
	}
	changed := make(map[string]any, len(object))
	for key, each := range object {
		changed[key] = withoutCode(each)
	}
	return changed
}
