package execution

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

var errWrongKind = errors.New("wrong kind of value")

// parseScalar turns an input value (of a variable or a literal) into what resolvers
// get. Values of AWSJSON are parsed: a resolver gets the document, not its text.
func parseScalar(name string, value any) (any, error) {
	switch name {
	case "Int":
		return parseInt(value, math.MinInt32, math.MaxInt32)
	case "AWSTimestamp":
		return parseInt(value, math.MinInt64, math.MaxInt64)
	case "Float":
		return parseFloat(value)
	case "Boolean":
		if value, ok := value.(bool); ok {
			return value, nil
		}
		return nil, errWrongKind
	case "ID":
		if number, ok := value.(json.Number); ok && !strings.ContainsAny(number.String(), ".eE") {
			return number.String(), nil
		}
	}
	text, ok := value.(string)
	if !ok {
		return nil, errWrongKind
	}
	if name == "AWSJSON" {
		return parseJSON(text)
	}
	return text, checkText(name, text)
}

func parseInt(value any, low, high int64) (any, error) {
	number, ok := value.(json.Number)
	if !ok {
		return nil, errWrongKind
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || n < low || n > high {
		return nil, fmt.Errorf("%s is no whole number in range", number)
	}
	return number, nil
}

func parseFloat(value any) (any, error) {
	number, ok := value.(json.Number)
	if !ok {
		return nil, errWrongKind
	}
	f, err := number.Float64()
	if err != nil || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%s is no number in range", number)
	}
	return number, nil
}

func parseJSON(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("more than one JSON value")
	}
	return value, nil
}

var (
	datePattern  = regexp.MustCompile(`^-?\d{4,}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2}(:\d{2})?)?$`)
	timePattern  = regexp.MustCompile(`^\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}(:\d{2})?)?$`)
	zonePattern  = regexp.MustCompile(`(Z|[+-]\d{2}:\d{2}(:\d{2})?)$`)
	phonePattern = regexp.MustCompile(`^\+?[0-9][0-9 \-.()]{2,}$`)
)

// checkText checks the text of AppSync's textual scalars. Other scalars take any text.
func checkText(name, text string) error {
	switch name {
	case "AWSDate":
		return checkDate(text)
	case "AWSTime":
		return checkTime(text)
	case "AWSDateTime":
		return checkDateTime(text)
	case "AWSEmail":
		address, err := mail.ParseAddress(text)
		if err != nil || address.Address != text {
			return fmt.Errorf("%q is no email address", text)
		}
	case "AWSURL":
		parsed, err := url.Parse(text)
		if err != nil || parsed.Scheme == "" || parsed.Host == "" && parsed.Opaque == "" && parsed.Path == "" {
			return fmt.Errorf("%q is no URL", text)
		}
	case "AWSPhone":
		if !phonePattern.MatchString(text) {
			return fmt.Errorf("%q is no phone number", text)
		}
	case "AWSIPAddress":
		return checkAddress(text)
	}
	return nil
}

func checkDate(text string) error {
	if !datePattern.MatchString(text) {
		return fmt.Errorf("%q is no date", text)
	}
	_, err := time.Parse(time.DateOnly, strings.TrimLeft(zonePattern.ReplaceAllString(text, ""), "-"))
	return err
}

func checkTime(text string) error {
	if !timePattern.MatchString(text) {
		return fmt.Errorf("%q is no time", text)
	}
	bare := zonePattern.ReplaceAllString(text, "")
	if strings.Count(bare, ":") == 1 {
		bare += ":00"
	}
	_, err := time.Parse(time.TimeOnly, bare)
	return err
}

func checkDateTime(text string) error {
	date, clock, ok := strings.Cut(text, "T")
	if !ok || !zonePattern.MatchString(clock) {
		return fmt.Errorf("%q is no time with an offset from UTC", text)
	}
	if err := checkDate(date); err != nil {
		return err
	}
	return checkTime(clock)
}

func checkAddress(text string) error {
	if _, err := netip.ParseAddr(text); err == nil {
		return nil
	}
	_, err := netip.ParsePrefix(text)
	return err
}

// literalOf is the JSON value of a literal without variables.
func literalOf(value *ast.Value) (any, error) {
	switch value.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(value.Raw), nil
	default:
		return value.Value(nil)
	}
}

// serialize turns a resolver's value into a scalar's JSON. The error's text is the
// end of AppSync's message.
func serialize(name string, value any) (any, error) {
	switch name {
	case "Int", "AWSTimestamp":
		return serializeInt(name, value)
	case "Float":
		return serializeFloat(value)
	case "Boolean":
		return serializeBoolean(value)
	case "AWSJSON":
		return serializeJSON(value)
	case "ID", "String":
		return javaText(value), nil
	}
	text, ok := value.(string)
	if !ok || checkText(name, text) != nil {
		return nil, fmt.Errorf("Unable to serialize `%s` as a valid %s Object.", javaText(value), strings.TrimPrefix(name, "AWS"))
	}
	return text, nil
}

func serializeInt(name string, value any) (any, error) {
	number, ok := numeric(value)
	low, high := int64(math.MinInt32), int64(math.MaxInt32)
	if name == "AWSTimestamp" {
		low, high = math.MinInt64, math.MaxInt64
	}
	if f, err := number.Float64(); ok && err == nil && f == math.Trunc(f) && f >= float64(low) && f <= float64(high) {
		return json.Number(strconv.FormatFloat(f, 'f', 0, 64)), nil
	}
	return nil, fmt.Errorf("Expected type '%s' but was '%s'.", name, javaType(value))
}

func serializeFloat(value any) (any, error) {
	if number, ok := numeric(value); ok {
		return number, nil
	}
	return nil, fmt.Errorf("Expected type 'Float' but was '%s'.", javaType(value))
}

// numeric is the number that a value stands for: graphql-java takes texts too.
func numeric(value any) (json.Number, bool) {
	switch value := value.(type) {
	case json.Number:
		return value, true
	case string:
		_, err := strconv.ParseFloat(value, 64)
		return json.Number(value), err == nil && json.Valid([]byte(value))
	}
	return "0", false
}

func serializeBoolean(value any) (any, error) {
	switch value := value.(type) {
	case bool:
		return value, nil
	case string:
		return strings.EqualFold(value, "true"), nil
	case json.Number:
		f, err := value.Float64()
		return f != 0, err
	}
	return nil, fmt.Errorf("Expected type 'Boolean' but was '%s'.", javaType(value))
}

// serializeJSON answers the JSON text of a value. A text that is JSON already, such
// as a function's stringified document, stays what it is.
func serializeJSON(value any) (any, error) {
	if text, ok := value.(string); ok && json.Valid([]byte(text)) {
		return text, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// javaText is how Java prints a value: maps as {a=1, b=2}. That is what a String
// field shows when a resolver returns a document for it.
func javaText(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return value
	case []any:
		parts := make([]string, len(value))
		for i, element := range value {
			parts[i] = javaText(element)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, key := range sortedKeys(value) {
			parts = append(parts, key+"="+javaText(value[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return fmt.Sprint(value)
	}
}

func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func javaType(value any) string {
	switch value := value.(type) {
	case string:
		return "String"
	case bool:
		return "Boolean"
	case json.Number:
		if strings.ContainsAny(value.String(), ".eE") {
			return "Double"
		}
		return "Long"
	case []any:
		return "ArrayList"
	default:
		return "LinkedHashMap"
	}
}
