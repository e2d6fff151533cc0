package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
	"github.com/reventless/pulumi-reventless/provider/internal/validate"
)

// The code of resolvers runs in AppSync's JavaScript (APPSYNC_JS 1.0.0), which knows no
// while, try, throw or "++". It is part of the state once per field, so it is short.
const (
	importUtil  = "import { util } from '@aws-appsync/utils';\n"
	importOwned = "import { runtime, util } from '@aws-appsync/utils';\n"

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
// table as tombstones and are none, nor is another owner's row to who is not elevated.
func GetCode(argument string, owner *declaration.Owner) string {
	before, mine := importUtil, ""
	if owner != nil {
		before += viewerCode(*owner)
		mine = fmt.Sprintf("  if (!who.all && !(who.id && ctx.result && ctx.result[%s] === who.id)) return null;\n", strconv.Quote(owner.Field))
		mine = "  const who = viewer(ctx.identity);\n" + mine
	}
	return before + fmt.Sprintf(`export function request(ctx) {
  return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.arguments.%s }) };
}
export function response(ctx) {
`, argument) + fail + mine + `  return ctx.result && !ctx.result._deleted ? ctx.result : null;
}
`
}

// ListCode reads a page of all rows, or of an owner's, which are found by their index.
func ListCode(owner *declaration.Owner) string {
	const scan = "operation: 'Scan'"
	if owner == nil {
		return page{request: "    " + scan + ",\n"}.code()
	}
	return page{
		owner:   owner,
		before:  "  const rows = who.all ? { " + scan + " } : " + ownRows(*owner, nil) + ";\n",
		request: "    ...rows,\n",
	}.code()
}

// ownRows is the part of a request that selects the rows of the owner that the caller is.
func ownRows(owner declaration.Owner, sortBy *string) string {
	index := ""
	if owner.Field != rowKey {
		index = "index: " + strconv.Quote(validate.OwnerIndexName(owner.Field, sortBy)) + ", "
	}
	return fmt.Sprintf(`{ operation: 'Query', %squery: { expression: '#owner = :owner',
    expressionNames: { '#owner': %s }, expressionValues: util.dynamodb.toMapValues({ ':owner': who.id }) } }`,
		index, strconv.Quote(owner.Field))
}

// IndexCode reads a page of the rows with one value in a row field, which the argument
// of the same name holds. An owner's are read by the index of the owner's rows: with that of
// the field, pages that others' rows were left out of would tell how many there are.
func IndexCode(by string, sortBy *string, owner *declaration.Owner) string {
	p := page{owner: owner, request: strings.Join([]string{
		"    operation: 'Query',",
		"    index: " + strconv.Quote(validate.IndexName(by, sortBy)) + ",",
		"    query: {",
		"      expression: '#key = :key',",
		"      expressionNames: { '#key': " + strconv.Quote(by) + " },",
		"      expressionValues: util.dynamodb.toMapValues({ ':key': ctx.arguments." + by + " }),",
		"    },",
		"",
	}, "\n")}
	switch {
	case owner == nil:
	case owner.Field == by:
		p.before = "  if (!who.all && ctx.arguments." + by + " !== who.id) runtime.earlyReturn({ items: [] });\n"
	default:
		p.by = by
		p.before = "  const rows = who.all ? {\n" + p.request + "  } : " + ownRows(*owner, sortBy) + ";\n"
		p.request = "    ...rows,\n"
	}
	return p.code()
}

// rowKey is the field that is the key of all tables of rows.
const rowKey = "id"

// page is the code that reads a page of rows.
type page struct {
	// owner is nil where rows have none.
	owner *declaration.Owner
	// before are statements before the request is returned, request is its part that
	// selects rows.
	before, request string
	// by is the row field by which an owner's rows are picked when they have been read, empty
	// where they are all shown.
	by string
}

// filter leaves out tombstones, filterMine those of an owner's rows too that are not asked for.
const (
	filter     = `{ expression: 'attribute_not_exists(#deleted)', expressionNames: { '#deleted': '_deleted' } }`
	filterMine = `who.all ? %s : {
      expression: 'attribute_not_exists(#deleted) AND #key = :key', expressionNames: { '#deleted': '_deleted', '#key': %s },
      expressionValues: util.dynamodb.toMapValues({ ':key': ctx.arguments.%s }) }`
)

func (p page) code() string {
	begin, shown := importUtil, filter
	if p.owner != nil {
		begin = importOwned + viewerCode(*p.owner)
		p.before = "  const who = viewer(ctx.identity);\n  if (!who.all && !who.id) runtime.earlyReturn({ items: [] });\n" + p.before
	}
	if p.by != "" {
		shown = fmt.Sprintf(filterMine, filter, strconv.Quote(p.by), p.by)
	}
	return begin + fmt.Sprintf(`export function request(ctx) {
%s  const limit = ctx.arguments.limit ?? %d;
  return {
%s    filter: %s,
    limit: limit > %d ? %[5]d : limit,
    nextToken: ctx.arguments.nextToken,
  };
}
export function response(ctx) {
`, p.before, defaultPage, p.request, shown, maxPage) + fail + `  return { items: ctx.result.items, nextToken: ctx.result.nextToken };
}
`
}
