package usertoken

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

// maxDocument is how many bytes an issuer's documents may have.
const maxDocument = 1 << 20

// key is an issuer's key, read anew when it is not known.
func (v *Verifier) key(issuer Issuer, id string) (any, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if key, ok := find(v.keys[issuer.name()], id); ok {
		return key, nil
	}
	set, err := v.read(issuer)
	if err != nil {
		return nil, err
	}
	v.keys[issuer.name()] = set
	if key, ok := find(set, id); ok {
		return key, nil
	}
	return nil, ErrRefused
}

// find gives the public key of a set with this id.
func find(set jose.JSONWebKeySet, id string) (any, bool) {
	for _, key := range set.Key(id) {
		if key.IsPublic() && key.Valid() {
			return key.Key, true
		}
	}
	return nil, false
}

func (v *Verifier) read(issuer Issuer) (set jose.JSONWebKeySet, err error) {
	address, err := issuer.keySet(v)
	if err != nil {
		return set, err
	}
	if err := v.get(address, &set); err != nil {
		return set, fmt.Errorf("the keys of %s: %w", issuer.name(), err)
	}
	return set, nil
}

// get reads a JSON document.
func (v *Verifier) get(address string, document any) error {
	answer, err := v.client.Get(address)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, answer.Status)
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxDocument)).Decode(document); err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return nil
}
