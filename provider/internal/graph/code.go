package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// The code of resolvers runs in AppSync's JavaScript (APPSYNC_JS 1.0.0), which knows no
// while, try, throw or "++". It is part of the state once per field, so it is short.
const (
	importUtil = "import { util } from '@aws-appsync/utils';\n"

	fail = "  if (ctx.error) util.error(ctx.error.message, ctx.error.type);\n"

	// defaultPage and maxPage are the numbers of rows of a page.
	defaultPage = 100
	maxPage     = 1000
)

// InvokeCode sends a field to a function and returns its answer. A failure is a part of
// the answer (protocol.FieldFailure), for ctx.error has the same type whatever went wrong
// in a function. A value of null is an answer too.
func InvokeCode() string {
	return importUtil + `export function request(ctx) {
  return { operation: 'Invoke', payload: { field: ctx.info.fieldName, arguments: ctx.arguments, identity: ctx.identity } };
}
export function response(ctx) {
` + fail + `  if (ctx.result && ctx.result.__error) util.error(ctx.result.__error.message, ctx.result.__error.type);
  return ctx.result;
}
`
}

// FeedCode answers a mutation that triggers a subscription with the value of its argument,
// an AWSJSON, which AppSync has parsed.
func FeedCode(argument string) string {
	return fmt.Sprintf(`export function request(ctx) {
  return { payload: ctx.arguments.%s };
}
export function response(ctx) {
  return ctx.result;
}
`, argument)
}

// GetCode reads one row by its key, which the argument holds. Deleted rows stay in the
// table as tombstones and are none.
func GetCode(argument string) string {
	return importUtil + fmt.Sprintf(`export function request(ctx) {
  return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.arguments.%s }) };
}
export function response(ctx) {
`, argument) + fail + `  return ctx.result && !ctx.result._deleted ? ctx.result : null;
}
`
}

// ListCode reads a page of all rows.
func ListCode() string {
	return page("    operation: 'Scan',\n")
}

// IndexCode reads a page of the rows with one value in a row field, which the argument
// of the same name holds.
func IndexCode(by string, sortBy *string) string {
	return page(strings.Join([]string{
		"    operation: 'Query',",
		"    index: " + strconv.Quote(validate.IndexName(by, sortBy)) + ",",
		"    query: {",
		"      expression: '#key = :key',",
		"      expressionNames: { '#key': " + strconv.Quote(by) + " },",
		"      expressionValues: util.dynamodb.toMapValues({ ':key': ctx.arguments." + by + " }),",
		"    },",
		"",
	}, "\n"))
}

func page(operation string) string {
	return importUtil + fmt.Sprintf(`export function request(ctx) {
  const limit = ctx.arguments.limit ?? %d;
  return {
%s    filter: { expression: 'attribute_not_exists(#deleted)', expressionNames: { '#deleted': '_deleted' } },
    limit: limit > %d ? %[3]d : limit,
    nextToken: ctx.arguments.nextToken,
  };
}
export function response(ctx) {
`, defaultPage, operation, maxPage) + fail + `  return { items: ctx.result.items, nextToken: ctx.result.nextToken };
}
`
}
