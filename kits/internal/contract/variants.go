package contract

import (
	"maps"
	"slices"
)

// variants are the forms of an object whose properties exclude each other.
func variants(s *schema) []Variant {
	alternatives := alternatives(s)
	if len(alternatives) == 0 {
		return nil
	}
	var varying []string
	for _, required := range alternatives {
		varying = append(varying, required...)
	}
	if s.Not != nil {
		varying = append(varying, s.Not.Required...)
	}
	varying = append(varying, slices.Sorted(maps.Keys(s.DependentRequired))...)
	var found []Variant
	for _, required := range alternatives {
		found = append(found, Variant{required, optional(s, required, varying, alternatives)})
	}
	return found
}

// alternatives are what must be there, for each form: what oneOf says; or each of the
// properties that exclude each other, with what depends on it, and none of them.
func alternatives(s *schema) [][]string {
	var found [][]string
	for _, alternative := range s.OneOf {
		found = append(found, alternative.Required)
	}
	if len(found) > 0 || s.Not == nil {
		return found
	}
	for _, name := range s.Not.Required {
		found = append(found, append([]string{name}, s.DependentRequired[name]...))
	}
	return append(found, nil)
}

// optional are the varying properties that may be there in the form that requires some:
// none that is required in another form, none that lacks what it depends on, none that
// must not be there together with a required one.
func optional(s *schema, required, varying []string, alternatives [][]string) []string {
	var found []string
	for _, name := range varying {
		elsewhere := slices.ContainsFunc(alternatives, func(other []string) bool { return slices.Contains(other, name) })
		if elsewhere || slices.Contains(found, name) || lacks(s, required, name) || excluded(s, required, name) {
			continue
		}
		found = append(found, name)
	}
	return found
}

// lacks says whether something is not there that the property depends on.
func lacks(s *schema, required []string, name string) bool {
	return slices.ContainsFunc(s.DependentRequired[name], func(needed string) bool { return !slices.Contains(required, needed) })
}

// excluded says whether the property must not be there together with a required one.
func excluded(s *schema, required []string, name string) bool {
	return s.Not != nil && slices.Contains(s.Not.Required, name) &&
		slices.ContainsFunc(s.Not.Required, func(other string) bool { return other != name && slices.Contains(required, other) })
}
