package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Selection gives the selection set of a type with everything that can be selected
// without knowing arguments, such as "{ id price { amount currency } }": subscribers get
// only what the mutation that feeds them selected. depth is how many objects may be
// nested in one another below the type; 0 selects scalars and enums only. Fields with
// required arguments, fields that lead back to a type around them and objects of which
// nothing would be left are left out. Below interfaces and unions each possible type is
// selected, with __typename. The type is the fragment's or the platform's; for one that
// has no fields, or is neither, the text is empty.
func (f *Fragment) Selection(typeName string, depth int) string {
	s := &selector{types: f.types, implementations: implementations(f.types)}
	if def := s.known(typeName); def == nil || !def.IsCompositeType() {
		return ""
	}
	if set := s.set(typeName, depth); set != "" {
		return set
	}
	return "{ __typename }"
}

// selector writes selection sets.
type selector struct {
	types           map[string]*ast.Definition
	implementations map[string][]string
	// around are the names of the types around the place that is written.
	around []string
}

func (s *selector) known(name string) *ast.Definition {
	if def := s.types[name]; def != nil {
		return def
	}
	if def := platformTypes()[name]; def != nil {
		return def
	}
	return scalars[name]
}

// set writes the selection set of a composite type, empty if nothing is in it.
func (s *selector) set(name string, depth int) string {
	if slices.Contains(s.around, name) {
		return ""
	}
	s.around = append(s.around, name)
	defer func() { s.around = s.around[:len(s.around)-1] }()
	def := s.known(name)
	parts := s.fields(def, depth)
	if def.IsAbstractType() {
		parts = s.possible(def, depth)
	}
	if len(parts) == 0 {
		return ""
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

func (s *selector) fields(def *ast.Definition, depth int) []string {
	var parts []string
	for _, field := range def.Fields {
		if part := s.field(field, depth); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func (s *selector) field(field *ast.FieldDefinition, depth int) string {
	target := s.known(field.Type.Name())
	switch {
	case slices.ContainsFunc(field.Arguments, required):
		return ""
	case target.IsLeafType():
		return field.Name
	case depth == 0:
		return ""
	}
	if below := s.set(target.Name, depth-1); below != "" {
		return field.Name + " " + below
	}
	return ""
}

func required(argument *ast.ArgumentDefinition) bool {
	return argument.Type.NonNull && argument.DefaultValue == nil
}

// possible writes the fields of all types behind an abstract one. Of fields with one
// name but different types the first wins: GraphQL would refuse to merge them.
func (s *selector) possible(def *ast.Definition, depth int) []string {
	names := def.Types
	if def.Kind == ast.Interface {
		names = s.implementations[def.Name]
	}
	parts := []string{"__typename"}
	taken := map[string]string{}
	for _, name := range slices.Sorted(slices.Values(names)) {
		if slices.Contains(s.around, name) {
			continue
		}
		var fields []string
		s.around = append(s.around, name)
		for _, field := range s.known(name).Fields {
			part := s.field(field, depth)
			if known, ok := taken[field.Name]; part == "" || ok && known != field.Type.String() {
				continue
			}
			taken[field.Name] = field.Type.String()
			fields = append(fields, part)
		}
		s.around = s.around[:len(s.around)-1]
		if len(fields) > 0 {
			parts = append(parts, "... on "+name+" { "+strings.Join(fields, " ")+" }")
		}
	}
	return parts
}
