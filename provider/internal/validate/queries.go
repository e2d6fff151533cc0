package validate

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// maxIndexes is DynamoDB's limit of global secondary indexes of a table.
const maxIndexes = 20

// Key is a row field that is a key of an index. Type is S (string) or N (number).
type Key struct {
	Field, Type string
}

// Index is an index of a read model's table. Sort is nil without a sort key.
type Index struct {
	Hash Key
	Sort *Key
}

// Name is the name of the index in the table.
func (i Index) Name() string {
	if i.Sort == nil {
		return IndexName(i.Hash.Field, nil)
	}
	return IndexName(i.Hash.Field, &i.Sort.Field)
}

// IndexName is the name of the index by a row field, sorted by another one.
func IndexName(by string, sort *string) string {
	if sort == nil {
		return "by-" + by
	}
	return "by-" + by + "-" + *sort
}

// OwnerIndexName is the name of the index by an owner's row field, sorted by another one. All
// rows of one owner are the same in that field, so it sorts nothing.
func OwnerIndexName(owner string, sort *string) string {
	if text(sort) == owner {
		sort = nil
	}
	return IndexName(owner, sort)
}

// Indexes are the indexes of each read model, each once and in order of their names.
type Indexes map[string][]Index

func (x Indexes) add(model string, index Index) {
	at, exists := slices.BinarySearchFunc(x[model], index.Name(), func(other Index, name string) int {
		return strings.Compare(other.Name(), name)
	})
	if !exists {
		x[model] = slices.Insert(x[model], at, index)
	}
}

// queryKinds checks that each query is declared once and is of one kind.
func (f *findings) queryKinds(plugin declaration.Plugin) {
	fields, all := map[string]string{}, plugin.RowQueries()
	for _, name := range sorted(all) {
		for _, field := range sorted(all[name]) {
			path := queryPath(plugin, name, field)
			if other, taken := fields[field]; taken {
				f.add(path, "the query field %q belongs to %s already", field, other)
			}
			fields[field] = name
			f.kind(path, all[name][field])
		}
	}
	for _, field := range sorted(plugin.Queries) {
		if other, taken := fields[field]; taken {
			f.add(Path("queries", field), "the query field %q belongs to %s already", field, other)
		}
	}
}

// queryPath is where the query of a component is declared.
func queryPath(plugin declaration.Plugin, component string, more ...string) string {
	return rowsPath(plugin, component, append([]string{"queries"}, more...)...)
}

// rowsPath is where a component that has rows is declared.
func rowsPath(plugin declaration.Plugin, component string, more ...string) string {
	kind := []string{"readModels"}
	if toDo, exists := plugin.ToDos()[component]; exists {
		kind = []string{"dcb", toDo.Kind}
	} else if _, exists := plugin.Inbound()[component]; exists {
		kind = []string{"dcb", declaration.KindInboundTranslations}
	} else if _, exists := plugin.ReadModels[component]; !exists {
		kind = []string{"dcb", declaration.KindStateViewSlices}
	}
	return Path(append(append(kind, component), more...)...)
}

func (f *findings) kind(path string, query declaration.Query) {
	kinds := 0
	for _, given := range []bool{text(query.Get) != "", query.List != nil && *query.List, text(query.ByIndex) != ""} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		f.add(path, "give exactly one of `get: <argument>`, `list: true` and `byIndex: <row field>`")
	}
	if text(query.SortBy) != "" && text(query.ByIndex) == "" {
		f.add(path, "`sortBy` goes with `byIndex` only: a list comes in no order")
	}
}

// queries checks the queries against the fields of Query and finds the indexes that
// they need.
func (f *findings) queries(plugin declaration.Plugin, schema Schema) Indexes {
	fields, indexes, all := schema.of("Query"), Indexes{}, plugin.RowQueries()
	for _, name := range sorted(all) {
		queries := all[name]
		for _, field := range sorted(queries) {
			definition, exists := fields[field]
			if !exists {
				f.add(queryPath(plugin, name, field), "the schema has no query field %q: add it to `type Query`, or correct the name here.%s",
					field, DidYouMean(field, sorted(fields)))
				continue
			}
			f.query(name, queries[field], definition, schema, indexes)
			f.ownedQuery(plugin, name, field, definition, schema, indexes)
		}
		if len(indexes[name]) > maxIndexes {
			f.add(queryPath(plugin, name), "the queries need %d indexes; a DynamoDB table has at most %d", len(indexes[name]), maxIndexes)
		}
	}
	return indexes
}

func (f *findings) query(model string, query declaration.Query, field RootField, schema Schema, indexes Indexes) {
	switch {
	case text(query.Get) != "":
		f.get(*query.Get, field, schema)
	case text(query.ByIndex) != "":
		if row := f.page(field, schema); row != nil {
			f.byIndex(model, query, field, row, schema, indexes)
		}
	case query.List != nil && *query.List:
		f.page(field, schema)
	}
}

// get checks a query of one row by its key.
func (f *findings) get(argumentName string, field RootField, schema Schema) {
	argument := field.Definition.Arguments.ForName(argumentName)
	switch {
	case argument == nil:
		f.add(field.path(), "the query %s has no argument %q, which `get` names as the row's key.%s",
			field.Name, argumentName, DidYouMean(argumentName, argumentNames(field.Definition)))
	case !isText(argument.Type) || !argument.Type.NonNull:
		f.add(field.path(), "the argument %s of the query %s is of type %s; a row's key is ID! or String!",
			argumentName, field.Name, argument.Type.String())
	}
	row := schema.object(field.Definition.Type)
	switch {
	case row == nil:
		f.add(field.path(), "the query %s returns %s; `get` returns one object type", field.Name, field.Definition.Type.String())
	case field.Definition.Type.NonNull:
		f.add(field.path(), "the query %s returns %s; there may be no such row, so leave out the \"!\"", field.Name, field.Definition.Type.String())
	default:
		f.rowFields(row)
	}
}

// page checks a query that answers page by page and returns the type of its rows.
func (f *findings) page(field RootField, schema Schema) *ast.Definition {
	for _, needed := range []struct{ name, of string }{{"limit", "Int"}, {"nextToken", "String"}} {
		argument := field.Definition.Arguments.ForName(needed.name)
		if argument == nil || argument.Type.String() != needed.of {
			f.add(field.path(), "the query %s answers page by page and needs the argument `%s: %s`", field.Name, needed.name, needed.of)
		}
	}
	row := schema.items(field.Definition.Type)
	if row == nil {
		f.add(field.path(), "the query %s returns %s; a query of many rows returns a page, an object type such as "+
			"`type ProductConnection { items: [Product!]! nextToken: String }`: a plain list would be cut silently",
			field.Name, field.Definition.Type.String())
		return nil
	}
	f.rowFields(row)
	return row
}

// readable are the engine's own attributes of rows that a schema may have: those of to-do
// rows.
var readable = []string{"_status", "_attempt", "_error", "_result", "_updatedAt"}

// rowFields refuses row fields that the engine keeps for itself.
func (f *findings) rowFields(row *ast.Definition) {
	for _, field := range row.Fields {
		if strings.HasPrefix(field.Name, "_") && !strings.HasPrefix(field.Name, "__") && !slices.Contains(readable, field.Name) {
			problem := Problem{
				Path:   SchemaPath(field.Position.Line, field.Position.Column),
				Reason: "the row field " + row.Name + "." + field.Name + " begins with \"_\", which is kept for the engine's own attributes; rename it",
			}
			if !slices.Contains(*f, problem) {
				*f = append(*f, problem)
			}
		}
	}
}

// byIndex checks a query by a row field and adds the index that it needs.
func (f *findings) byIndex(model string, query declaration.Query, field RootField, row *ast.Definition, schema Schema, indexes Indexes) {
	hash, ok := f.key(field, row, *query.ByIndex, "byIndex", schema)
	if !ok {
		return
	}
	argument := field.Definition.Arguments.ForName(hash.Field)
	if argument == nil || argument.Type.Elem != nil || !argument.Type.NonNull ||
		argument.Type.NamedType != row.Fields.ForName(hash.Field).Type.NamedType {
		f.add(field.path(), "the query %s needs the argument `%s: %s!`, the value that `byIndex` looks for",
			field.Name, hash.Field, row.Fields.ForName(hash.Field).Type.NamedType)
	}
	needed := Index{Hash: hash}
	if text(query.SortBy) != "" {
		sort, ok := f.key(field, row, *query.SortBy, "sortBy", schema)
		if !ok {
			return
		}
		if sort.Field == hash.Field {
			f.add(field.path(), "the query %s looks for and sorts by the same row field %s; leave out `sortBy`", field.Name, sort.Field)
			return
		}
		needed.Sort = &sort
	}
	indexes.add(model, needed)
}

// key checks that a row field can be a key of an index.
func (f *findings) key(field RootField, row *ast.Definition, name, what string, schema Schema) (Key, bool) {
	definition := row.Fields.ForName(name)
	if definition == nil {
		f.add(field.path(), "`%s` of the query %s names the row field %q, which the type %s does not have.%s",
			what, field.Name, name, row.Name, DidYouMean(name, fieldNames(row)))
		return Key{}, false
	}
	attribute, ok := schema.keyType(definition)
	if !ok || name == "id" && what == "byIndex" {
		f.add(field.path(), "`%s` of the query %s names %s.%s of type %s, which cannot be a key of an index; "+
			"use another field of a scalar type (ID, String, Int, Float, a date) or an enum",
			what, field.Name, row.Name, name, definition.Type.String())
		return Key{}, false
	}
	return Key{Field: name, Type: attribute}, true
}

// text is the text behind a pointer, "" for none.
func text(pointer *string) string {
	if pointer == nil {
		return ""
	}
	return *pointer
}
