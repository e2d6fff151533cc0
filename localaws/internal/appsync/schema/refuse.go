package schema

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// awsScalars are the scalars that AppSync brings; a document may declare them again.
var awsScalars = map[string]bool{
	"AWSDate": true, "AWSTime": true, "AWSDateTime": true, "AWSTimestamp": true, "AWSEmail": true,
	"AWSJSON": true, "AWSURL": true, "AWSPhone": true, "AWSIPAddress": true,
	"Int": true, "Float": true, "String": true, "Boolean": true, "ID": true,
}

// refuse is the list of what AppSync refuses although gqlparser reads it.
func refuse(document *ast.SchemaDocument) error {
	switch {
	case len(document.Directives) > 0 || len(document.DirectiveExtensions) > 0:
		return Refusal("Directive definitions are not supported.")
	case len(document.Extensions) > 0 || len(document.SchemaExtension) > 0:
		return Refusal(ParseFailure)
	case len(document.Definitions) == 0 || len(document.Schema) > 1:
		return Refusal(ParseFailure)
	}
	for _, definition := range document.Definitions {
		if refused(definition) {
			return Refusal(ParseFailure)
		}
	}
	return nil
}

func refused(definition *ast.Definition) bool {
	switch definition.Kind {
	case ast.Interface:
		return len(definition.Interfaces) > 0
	case ast.Scalar:
		return !awsScalars[definition.Name]
	case ast.Enum:
		return refusedEnum(definition)
	default:
		return len(definition.Fields) == 0 && definition.Kind != ast.Union
	}
}

// refusedEnum finds the comments that AppSync's parser takes for enum values: a
// comment of just null, true or false before a value.
func refusedEnum(definition *ast.Definition) bool {
	for _, value := range definition.EnumValues {
		for _, group := range []*ast.CommentGroup{value.BeforeDescriptionComment, value.AfterDescriptionComment} {
			if group != nil && reservedComment(group) {
				return true
			}
		}
	}
	return len(definition.EnumValues) == 0
}

func reservedComment(group *ast.CommentGroup) bool {
	for _, comment := range group.List {
		switch strings.TrimSpace(comment.Text()) {
		case "null", "true", "false":
			return true
		}
	}
	return false
}

// normalize drops what AppSync drops: descriptions, and declarations of the scalars
// that exist anyway. Comments are never printed.
func normalize(document *ast.SchemaDocument) {
	kept := document.Definitions[:0]
	for _, definition := range document.Definitions {
		if definition.Kind == ast.Scalar {
			continue
		}
		definition.Description = ""
		for _, field := range definition.Fields {
			field.Description = ""
			for _, argument := range field.Arguments {
				argument.Description = ""
			}
		}
		for _, value := range definition.EnumValues {
			value.Description = ""
		}
		kept = append(kept, definition)
	}
	document.Definitions = kept
	for _, definition := range document.Schema {
		definition.Description = ""
	}
}
