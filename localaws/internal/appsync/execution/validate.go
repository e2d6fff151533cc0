package execution

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// wording turns an error of one of gqlparser's rules into graphql-java's words.
// Values are the names in double quotes in gqlparser's message, in order.
type wording struct {
	kind string
	text func(message string, values []string) string
}

// wordings has every rule of gqlparser whose words are known. ValuesOfCorrectType
// is replaced by a check of our own (literals.go).
var wordings = map[string]wording{
	"FieldsOnCorrectType":          {"FieldUndefined", named("Field '%s' in type '%s' is undefined")},
	"FragmentsOnCompositeTypes":    {"FragmentTypeConditionInvalid", fixed("Fragment type condition is invalid, must be on Object/Interface/Union")},
	"KnownArgumentNames":           {"UnknownArgument", named("Unknown field argument %s")},
	"KnownFragmentNames":           {"UndefinedFragment", named("Undefined fragment %s")},
	"KnownTypeNames":               {"UnknownType", named("Unknown type %s")},
	"LoneAnonymousOperation":       {"LoneAnonymousOperationViolation", fixed("Anonymous operation with other operations.")},
	"NoFragmentCycles":             {"FragmentCycle", fixed("Fragment cycles not allowed")},
	"NoUndefinedVariables":         {"UndefinedVariable", named("Undefined variable %s")},
	"NoUnusedFragments":            {"UnusedFragment", named("Unused fragment %s")},
	"NoUnusedVariables":            {"UnusedVariable", named("Unused variable %s")},
	"PossibleFragmentSpreads":      {"InvalidFragmentType", spread},
	"ProvidedRequiredArguments":    {"MissingFieldArgument", missingArgument},
	"ScalarLeafs":                  {"SubSelectionRequired", leafs},
	"UniqueArgumentNames":          {"DuplicateArgumentNames", named("There can be only one argument named '%s'")},
	"UniqueFragmentNames":          {"DuplicateFragmentName", named("There can be only one fragment named '%s'")},
	"UniqueOperationNames":         {"DuplicateOperationName", named("There can be only one operation named '%s'")},
	"UniqueVariableNames":          {"DuplicateVariableName", named("There can be only one variable named '%s'")},
	"VariablesAreInputTypes":       {"NonInputTypeOnVariable", named("Input variable %s type %s is not an input type")},
	"VariablesInAllowedPosition":   {"VariableTypeMismatch", fixed("Variable type doesn't match")},
	"OverlappingFieldsCanBeMerged": {"FieldsConflict", asIs},
	"KnownDirectives":              {"UnknownDirective", directive},
}

var quoted = regexp.MustCompile(`"([^"]*)"`)

func fixed(text string) func(string, []string) string {
	return func(string, []string) string { return text }
}

func asIs(message string, _ []string) string { return message }

func named(format string) func(string, []string) string {
	want := strings.Count(format, "%s")
	return func(message string, values []string) string {
		if len(values) < want {
			return message
		}
		arguments := make([]any, want)
		for i := range arguments {
			arguments[i] = strings.TrimLeft(values[i], "$@")
		}
		return fmt.Sprintf(format, arguments...)
	}
}

func spread(message string, values []string) string {
	types := values[max(0, len(values)-2):] // a named fragment's name comes first
	if len(types) < 2 {
		return message
	}
	return fmt.Sprintf("Fragment cannot be spread here as objects of type %s can never be of type %s", types[0], types[1])
}

func missingArgument(message string, values []string) string {
	if len(values) < 2 {
		return message
	}
	return "Missing field argument " + values[1]
}

func directive(message string, values []string) string {
	if strings.Contains(message, "may not be used") && len(values) > 0 {
		return fmt.Sprintf("Directive %s not allowed here", strings.TrimLeft(values[0], "@"))
	}
	return named("Unknown directive %s")(message, values)
}

// leafs is worded further in [worded], as the two directions have two kinds.
func leafs(message string, values []string) string {
	if len(values) < 2 {
		return message
	}
	format := "Sub selection required for type %s of field %s"
	if strings.Contains(message, "must not have") {
		format = "Sub selection not allowed on leaf type %s of field %s"
	}
	return fmt.Sprintf(format, values[1], values[0])
}

// worded is a rule's error in graphql-java's words, without the path.
func worded(err *gqlerror.Error) string {
	wording, ok := wordings[err.Rule]
	if !ok {
		return fmt.Sprintf("Validation error of type %s: %s", err.Rule, err.Message)
	}
	var values []string
	for _, match := range quoted.FindAllStringSubmatch(err.Message, -1) {
		values = append(values, match[1])
	}
	kind, text := wording.kind, wording.text(err.Message, values)
	switch {
	case strings.HasPrefix(text, "Sub selection not"):
		kind = "SubSelectionNotAllowed"
	case kind == "UnknownDirective" && strings.HasPrefix(text, "Directive "):
		kind = "MisplacedDirective"
	case kind == "FragmentTypeConditionInvalid" && !strings.HasPrefix(err.Message, "Fragment \""):
		kind, text = "InlineFragmentTypeConditionInvalid", "Inline fragment type condition is invalid, must be on Object/Interface/Union"
	}
	return fmt.Sprintf("Validation error of type %s: %s", kind, text)
}

// validate is every problem of a document, in the order of their places.
func validate(types *ast.Schema, document *ast.QueryDocument) []Error {
	set := rules.NewDefaultRules()
	set.RemoveRule("ValuesOfCorrectType")
	set.RemoveRule("MaxIntrospectionDepth")
	set.AddRule(literalRule, checkLiterals)
	found := validator.ValidateWithRules(types, document, set)
	if len(found) == 0 {
		return nil
	}
	paths := queryPaths(document)
	var result []Error
	seen := map[string]bool{} // gqlparser visits a fragment once for each spread
	for _, err := range found {
		next := problem(err, paths)
		key := fmt.Sprint(next.Locations, next.Message)
		if !seen[key] {
			seen[key] = true
			result = append(result, next)
		}
	}
	slices.SortStableFunc(result, func(a, b Error) int { return comparePlaces(a.Locations, b.Locations) })
	return result
}

func problem(err *gqlerror.Error, paths map[Location]string) Error {
	result := Error{Message: worded(err)}
	for _, location := range err.Locations {
		result.Locations = append(result.Locations, Location{Line: location.Line, Column: location.Column})
	}
	if len(result.Locations) > 0 {
		if path := paths[result.Locations[0]]; path != "" {
			result.Message += " @ '" + path + "'"
		}
	}
	return result
}

func comparePlaces(a, b []Location) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Or(cmp.Compare(a[0].Line, b[0].Line), cmp.Compare(a[0].Column, b[0].Column))
}
