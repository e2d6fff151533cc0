package datasource

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// dynamoRequest is a request of a DynamoDB resolver; fields that were not given are
// nil or empty.
type dynamoRequest struct {
	key, values, startKey                        map[string]types.AttributeValue
	condition, update, query, filter, projection expression
	index                                        *string
	limit, segments, segment                     *int32
	consistentRead, forward                      *bool
	selected                                     types.Select
	err                                          error
}

// expression is an expression with its names and values.
type expression struct {
	text   *string
	names  map[string]string
	values map[string]types.AttributeValue
}

func parseDynamo(fields map[string]any) *dynamoRequest {
	r := &dynamoRequest{}
	r.key = r.attributes(fields, "key")
	r.values = r.attributes(fields, "attributeValues")
	for name, target := range map[string]*expression{"condition": &r.condition, "update": &r.update, "query": &r.query, "filter": &r.filter, "projection": &r.projection} {
		*target = r.expression(fields[name], name)
	}
	r.index = optional[string](r, fields, "index")
	r.consistentRead = optional[bool](r, fields, "consistentRead")
	r.forward = optional[bool](r, fields, "scanIndexForward")
	r.limit, r.segments, r.segment = r.number(fields, "limit"), r.number(fields, "totalSegments"), r.number(fields, "segment")
	if selected := optional[string](r, fields, "select"); selected != nil {
		r.selected = types.Select(*selected)
	}
	if token := optional[string](r, fields, "nextToken"); token != nil {
		r.startKey = r.token(*token)
	}
	return r
}

func (r *dynamoRequest) fail(err error) { r.err = errors.Join(r.err, err) }

func (r *dynamoRequest) attributes(fields map[string]any, name string) map[string]types.AttributeValue {
	result, err := attributes(fields[name], "$["+name+"]")
	r.fail(err)
	return result
}

// expression reads {expression, expressionNames, expressionValues}. The text form that
// util.transform answers with is taken too.
func (r *dynamoRequest) expression(value any, name string) expression {
	if text, ok := value.(string); ok {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			r.fail(fmt.Errorf("Value for field '$[%s]' is no expression: %w", name, err))
		}
	}
	fields, ok := value.(map[string]any)
	if !ok {
		if value != nil {
			r.fail(fmt.Errorf("Value for field '$[%s]' is no object", name))
		}
		return expression{}
	}
	result := expression{text: optional[string](r, fields, "expression")}
	names, _ := fields["expressionNames"].(map[string]any)
	for placeholder, attribute := range names {
		if result.names == nil {
			result.names = map[string]string{}
		}
		result.names[placeholder], _ = attribute.(string)
	}
	values, err := attributes(fields["expressionValues"], "$["+name+"].expressionValues")
	r.fail(err)
	if len(values) > 0 {
		result.values = values
	}
	return result
}

// optional reads a field that may be missing or null.
func optional[T any](r *dynamoRequest, fields map[string]any, name string) *T {
	value, ok := fields[name]
	if !ok || value == nil {
		return nil
	}
	typed, ok := value.(T)
	if !ok {
		r.fail(fmt.Errorf("Value for field '$[%s]' is %v, not of type %T", name, value, typed))
		return nil
	}
	return &typed
}

func (r *dynamoRequest) number(fields map[string]any, name string) *int32 {
	number := optional[json.Number](r, fields, name)
	if number == nil {
		return nil
	}
	n, err := number.Int64()
	if err != nil || n < 0 || n > 1<<31-1 {
		r.fail(fmt.Errorf("Value for field '$[%s]' is %s, no whole number", name, *number))
		return nil
	}
	small := int32(n)
	return &small
}

// join puts the names and values of expressions together; nil when there are none, as
// DynamoDB refuses empty maps.
func (r *dynamoRequest) join(expressions ...expression) (names map[string]string, values map[string]types.AttributeValue) {
	for _, expression := range expressions {
		if names == nil {
			names = maps.Clone(expression.names)
		} else {
			maps.Copy(names, expression.names)
		}
		if values == nil {
			values = maps.Clone(expression.values)
		} else {
			maps.Copy(values, expression.values)
		}
	}
	return names, values
}

// encodeToken makes the opaque nextToken of a key; nil after the last page.
func encodeToken(key map[string]types.AttributeValue) (any, error) {
	if len(key) == 0 {
		return nil, nil
	}
	fields := map[string]any{}
	for name, value := range key {
		switch value := value.(type) {
		case *types.AttributeValueMemberS:
			fields[name] = map[string]any{"S": value.Value}
		case *types.AttributeValueMemberN:
			fields[name] = map[string]any{"N": value.Value}
		case *types.AttributeValueMemberB:
			fields[name] = map[string]any{"B": base64.StdEncoding.EncodeToString(value.Value)}
		}
	}
	text, err := json.Marshal(map[string]any{"version": 1, "startKey": fields})
	return base64.StdEncoding.EncodeToString(text), err
}

func (r *dynamoRequest) token(token string) map[string]types.AttributeValue {
	var content struct {
		StartKey any `json:"startKey"`
	}
	text, err := base64.StdEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, &content)
	}
	key, keyErr := attributes(content.StartKey, "$[nextToken]")
	if err != nil || keyErr != nil || len(key) == 0 {
		r.fail(errors.New("Invalid pagination token given."))
	}
	return key
}
