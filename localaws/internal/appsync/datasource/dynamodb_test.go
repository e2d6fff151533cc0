package datasource

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeDynamoDB answers every call with a body and keeps the last request.
func fakeDynamoDB(t *testing.T, status int, answer string) (DynamoDB, func() (operation, body string)) {
	t.Helper()
	var operation, body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		operation, body = r.Header.Get("X-Amz-Target"), string(text)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amzn-Requestid", "req-1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return DynamoDB{Client: NewClient("eu-central-1", server.URL), Table: "items"}, func() (string, string) {
		_, name, _ := strings.Cut(operation, ".")
		return name, body
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}

func TestRequestsToDynamoDB(t *testing.T) {
	t.Parallel()
	item := `{"id":{"S":"1"},"n":{"N":"12345678901234567890"},"b":{"B":"AQI="},"ss":{"SS":["a"]},"ns":{"NS":["1"]},"l":{"L":[{"BOOL":true},{"NULL":true}]},"m":{"M":{"x":{"S":"y"}}}}`
	plainItem := `{"id":"1","n":12345678901234567890,"b":"AQI=","ss":["a"],"ns":[1],"l":[true,null],"m":{"x":"y"}}`
	tests := map[string]struct{ request, operation, sent, answer, result string }{
		"get": {`{"operation":"GetItem","key":{"id":{"S":"1"}},"consistentRead":true,"projection":{"expression":"#n","expressionNames":{"#n":"n"}}}`,
			"GetItem", `{"TableName":"items","Key":{"id":{"S":"1"}},"ConsistentRead":true,"ProjectionExpression":"#n","ExpressionAttributeNames":{"#n":"n"}}`,
			`{"Item":` + item + `}`, plainItem},
		"get nothing": {`{"operation":"GetItem","key":{"id":{"S":"1"}}}`, "GetItem", `{"TableName":"items","Key":{"id":{"S":"1"}}}`, `{}`, `null`},
		"put": {`{"operation":"PutItem","key":{"id":{"S":"1"}},"attributeValues":{"a":{"N":1}},"condition":{"expression":"attribute_not_exists(id)"}}`,
			"PutItem", `{"TableName":"items","Item":{"id":{"S":"1"},"a":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, `{}`, `{"id":"1","a":1}`},
		"update": {`{"operation":"UpdateItem","key":{"id":{"S":"1"}},"update":{"expression":"SET #a = :a","expressionNames":{"#a":"a"},"expressionValues":{":a":{"N":"1"}}},"condition":{"expression":"#v = :v","expressionNames":{"#v":"v"},"expressionValues":{":v":{"N":"2"}}}}`,
			"UpdateItem", `{"TableName":"items","Key":{"id":{"S":"1"}},"UpdateExpression":"SET #a = :a","ConditionExpression":"#v = :v","ExpressionAttributeNames":{"#a":"a","#v":"v"},"ExpressionAttributeValues":{":a":{"N":"1"},":v":{"N":"2"}},"ReturnValues":"ALL_NEW","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			`{"Attributes":{"a":{"N":"1"}}}`, `{"a":1}`},
		"delete": {`{"operation":"DeleteItem","key":{"id":{"S":"1"}}}`, "DeleteItem",
			`{"TableName":"items","Key":{"id":{"S":"1"}},"ReturnValues":"ALL_OLD","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, `{}`, `null`},
		"query": {`{"operation":"Query","index":"byName","query":{"expression":"#n = :n","expressionNames":{"#n":"name"},"expressionValues":{":n":{"S":"x"}}},"filter":{"expression":"attribute_not_exists(#d)","expressionNames":{"#d":"_deleted"}},"limit":5,"scanIndexForward":false,"select":"ALL_ATTRIBUTES","nextToken":null}`,
			"Query", `{"TableName":"items","IndexName":"byName","KeyConditionExpression":"#n = :n","FilterExpression":"attribute_not_exists(#d)","ExpressionAttributeNames":{"#n":"name","#d":"_deleted"},"ExpressionAttributeValues":{":n":{"S":"x"}},"Limit":5,"ScanIndexForward":false,"Select":"ALL_ATTRIBUTES"}`,
			`{"Items":[` + item + `],"Count":1,"ScannedCount":3}`, `{"items":[` + plainItem + `],"nextToken":null,"scannedCount":3}`},
		"scan with text filter": {`{"operation":"Scan","filter":"{\"expression\":\"a = :a\",\"expressionValues\":{\":a\":{\"S\":\"x\"}}}","limit":2}`,
			"Scan", `{"TableName":"items","FilterExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":"x"}},"Limit":2}`, `{"Items":[],"ScannedCount":0}`, `{"items":[],"nextToken":null,"scannedCount":0}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, last := fakeDynamoDB(t, http.StatusOK, test.answer)
			result, failure := source.Call(t.Context(), decode(t, test.request))
			require.Nil(t, failure)
			operation, sent := last()
			assert.Equal(t, test.operation, operation)
			assert.JSONEq(t, test.sent, sent)
			text, err := json.Marshal(result)
			require.NoError(t, err)
			assert.JSONEq(t, test.result, string(text))
			if name == "get" {
				assert.Contains(t, string(text), "12345678901234567890", "numbers keep their digits")
			}
		})
	}
}

func TestPagesFollowEachOther(t *testing.T) {
	t.Parallel()
	source, last := fakeDynamoDB(t, http.StatusOK, `{"Items":[],"ScannedCount":1,"LastEvaluatedKey":{"id":{"S":"9"},"at":{"N":"5"}}}`)
	result, failure := source.Call(t.Context(), decode(t, `{"operation":"Scan"}`))
	require.Nil(t, failure)
	token, ok := result.(map[string]any)["nextToken"].(string)
	require.True(t, ok)
	assert.NotContains(t, token, "startKey", "opaque")
	_, failure = source.Call(t.Context(), map[string]any{"operation": "Scan", "nextToken": token})
	require.Nil(t, failure)
	_, sent := last()
	assert.JSONEq(t, `{"TableName":"items","ExclusiveStartKey":{"id":{"S":"9"},"at":{"N":"5"}}}`, sent)
	_, failure = source.Call(t.Context(), map[string]any{"operation": "Scan", "nextToken": "nonsense"})
	require.NotNil(t, failure)
	assert.Contains(t, failure.Message, "Invalid pagination token given.")
}

func TestFailuresOfDynamoDB(t *testing.T) {
	t.Parallel()
	source, _ := fakeDynamoDB(t, http.StatusBadRequest, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":{"id":{"S":"1"}}}`)
	result, failure := source.Call(t.Context(), decode(t, `{"operation":"PutItem","key":{"id":{"S":"1"}},"condition":{"expression":"attribute_not_exists(id)"}}`))
	require.NotNil(t, failure)
	assert.Equal(t, Failure{Type: "DynamoDB:ConditionalCheckFailedException", Message: "The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: req-1)"}, *failure)
	assert.Equal(t, map[string]any{"id": "1"}, result, "the item that is there")
	tests := map[string]struct{ request, message string }{
		"no operation":      {`{"key":{}}`, "Value for field '$[operation]' not found."},
		"unknown operation": {`{"operation":"Sync"}`, "Unsupported operation 'Sync'."},
		"no object":         {`"x"`, "Expected JSON object"},
		"plain key":         {`{"operation":"GetItem","key":{"id":"1"}}`, "Value for field '$[key].id' is no DynamoDB value"},
		"wrong value":       {`{"operation":"GetItem","key":{"id":{"S":1.5e3,"N":"1"}}}`, "Value for field '$[key].id' is no DynamoDB value"},
		"wrong limit":       {`{"operation":"Scan","limit":"5"}`, "Value for field '$[limit]'"},
		"fraction":          {`{"operation":"Scan","limit":1.5}`, "no whole number"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failure := source.Call(t.Context(), decode(t, test.request))
			require.NotNil(t, failure)
			assert.Equal(t, "MappingTemplate", failure.Type)
			assert.Contains(t, failure.Message, test.message)
		})
	}
}
