package appsyncjs

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/token"
)

// importStatement and exportKeyword are blanked out before goja's parser, which knows
// no modules, reads the code. esbuild has read it before, so the statements are whole.
var (
	importStatement = regexp.MustCompile(`(?m)^[ \t]*(?:import|export)\b[^;'"(]*\bfrom\s*['"][^'"\n]*['"]|^[ \t]*import\s*['"][^'"\n]*['"]`)
	exportList      = regexp.MustCompile(`(?m)^[ \t]*export\s*\{[^}]*\}`)
	exportKeyword   = regexp.MustCompile(`(?m)^[ \t]*export\s+(?:default\s+)?`)
)

// lint finds the syntax that APPSYNC_JS does not have. It looks at the code as it was
// written: esbuild would lower some of it to other syntax.
func lint(code string) []CodeError {
	script := code
	for _, pattern := range []*regexp.Regexp{importStatement, exportList, exportKeyword} {
		script = pattern.ReplaceAllStringFunc(script, blank)
	}
	program, err := parser.ParseFile(nil, codeFile, script, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return parserErrors(err)
	}
	walker := &linter{file: program.File, seen: map[any]bool{}}
	walker.walk(reflect.ValueOf(program.Body))
	slices.SortStableFunc(walker.problems, func(a, b CodeError) int {
		return (a.Location.Line-b.Location.Line)*10_000 + a.Location.Column - b.Location.Column
	})
	return walker.problems
}

// blank keeps line breaks, so that places stay what they are.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return r
		}
		return ' '
	}, text)
}

func parserErrors(err error) []CodeError {
	list, ok := err.(parser.ErrorList)
	if !ok || len(list) == 0 {
		return []CodeError{{Type: "PARSER_ERROR", Value: err.Error()}}
	}
	first := list[0]
	return []CodeError{{Type: "PARSER_ERROR", Value: first.Message, Location: Location{Line: first.Position.Line, Column: first.Position.Column}}}
}

// linter walks a syntax tree by reflection: goja has no visitor.
type linter struct {
	file      *file.File
	seen      map[any]bool
	functions []string // names of the functions around the node
	problems  []CodeError
}

func (l *linter) walk(value reflect.Value) {
	switch value.Kind() {
	case reflect.Interface:
		l.walk(value.Elem())
	case reflect.Pointer:
		l.pointer(value)
	case reflect.Slice:
		for i := range value.Len() {
			l.walk(value.Index(i))
		}
	case reflect.Struct:
		l.fields(value)
	}
}

func (l *linter) pointer(value reflect.Value) {
	if value.IsNil() || l.seen[value.Interface()] {
		return
	}
	l.seen[value.Interface()] = true
	if _, ok := value.Interface().(*file.File); ok {
		return
	}
	if node, ok := value.Interface().(ast.Node); ok {
		if complaint := unsupported(node); complaint != "" {
			l.report(node, complaint)
		}
		l.recursion(node)
	}
	if name, ok := functionName(value.Interface()); ok {
		l.functions = append(l.functions, name)
		defer func() { l.functions = l.functions[:len(l.functions)-1] }()
	}
	l.walk(value.Elem())
}

func (l *linter) fields(value reflect.Value) {
	for i := range value.NumField() {
		if value.Type().Field(i).IsExported() {
			l.walk(value.Field(i))
		}
	}
}

func (l *linter) report(node ast.Node, complaint string) {
	start, end := int(node.Idx0()), int(node.Idx1())
	position := l.file.Position(start - 1)
	l.problems = append(l.problems, CodeError{Type: "LINT_ERROR", Value: complaint,
		Location: Location{Line: position.Line, Column: position.Column, Span: max(0, end-start)}})
}

// recursion finds calls of a function inside itself.
func (l *linter) recursion(node ast.Node) {
	call, ok := node.(*ast.CallExpression)
	if !ok {
		return
	}
	if callee, ok := call.Callee.(*ast.Identifier); ok && slices.Contains(l.functions, callee.Name.String()) {
		l.report(node, "Recursive function calls are not supported.")
	}
}

func functionName(node any) (string, bool) {
	switch node := node.(type) {
	case *ast.FunctionLiteral:
		if node.Name != nil {
			return node.Name.Name.String(), true
		}
	case *ast.Binding:
		target, ok := node.Target.(*ast.Identifier)
		if _, arrow := node.Initializer.(*ast.ArrowFunctionLiteral); ok && arrow {
			return target.Name.String(), true
		}
	}
	return "", false
}

// unsupported says why a node is refused, "" if it is not.
func unsupported(node ast.Node) string {
	switch node := node.(type) {
	case *ast.ForStatement:
		return "For statements are not supported; use for-of or for-in."
	case *ast.WhileStatement:
		return "While statements are not supported."
	case *ast.DoWhileStatement:
		return "Do-while statements are not supported."
	case *ast.BranchStatement:
		if node.Token == token.CONTINUE {
			return "Continue statements are not supported."
		}
	case *ast.LabelledStatement:
		return "Labels are not supported."
	case *ast.TryStatement:
		return "Try, catch and finally are not supported."
	case *ast.ThrowStatement:
		return "Throw statements are not supported; use util.error."
	case *ast.WithStatement:
		return "With statements are not supported."
	case *ast.ClassLiteral:
		return "Classes are not supported."
	case *ast.ThisExpression:
		return "This is not supported."
	case *ast.RegExpLiteral:
		return "Regular expression literals are not supported; use util.matches."
	case *ast.AwaitExpression, *ast.YieldExpression:
		return "Await and yield are not supported."
	case *ast.UnaryExpression:
		return unsupportedOperator(node.Operator)
	case *ast.BinaryExpression:
		if node.Operator == token.IN {
			return "The in operator is not supported."
		}
	case *ast.FunctionLiteral:
		if node.Async || node.Generator {
			return "Async functions and generators are not supported."
		}
	case *ast.ArrowFunctionLiteral:
		if node.Async {
			return "Async functions and generators are not supported."
		}
	}
	return ""
}

func unsupportedOperator(operator token.Token) string {
	switch operator {
	case token.INCREMENT, token.DECREMENT, token.BITWISE_NOT:
		return "The unary operator " + operator.String() + " is not supported."
	}
	return ""
}
