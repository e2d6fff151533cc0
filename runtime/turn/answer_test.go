package turn

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnswersRoundTrip(t *testing.T) {
	t.Parallel()
	data := json.RawMessage(`{"amount":100000000000000000001,"price":1.10}`)
	for name, c := range map[string]struct {
		kind   Kind
		answer Answer
		json   string
	}{
		"decide, events":     {Decide, Answer{Events: []Event{{Type: "A", Data: data}}}, `{"events":[{"type":"A","data":` + string(data) + `}]}`},
		"decide, nothing":    {Decide, Answer{Events: []Event{}}, `{"events":[]}`},
		"decide, reject":     {Decide, Answer{Reject: &Reject{Code: "No", Message: "no", Details: data}}, `{"reject":{"code":"No","message":"no","details":` + string(data) + `}}`},
		"project, row":       {Project, Answer{Row: data}, `{"row":` + string(data) + `}`},
		"project, delete":    {Project, Answer{Row: json.RawMessage("null")}, `{"row":null}`},
		"publish, messages":  {Publish, Answer{Messages: []Message{{Type: "A", Data: data, Key: "k"}}}, `{"messages":[{"type":"A","data":` + string(data) + `,"key":"k"}]}`},
		"publish, nothing":   {Publish, Answer{Messages: []Message{}}, `{"messages":[]}`},
		"react, commands":    {React, Answer{Commands: []CommandTo{{To: "Order", ID: "o1", Type: "A", Data: data}}}, `{"commands":[{"to":"Order","id":"o1","type":"A","data":` + string(data) + `}]}`},
		"react, no commands": {React, Answer{Commands: []CommandTo{}}, `{"commands":[]}`},
		"decide, snapshot":   {Decide, Answer{Events: []Event{{Type: "A", Data: data}}, Snapshot: data}, `{"events":[{"type":"A","data":` + string(data) + `}],"snapshot":` + string(data) + `}`},
		"react, schedules": {
			React, Answer{
				Commands: []CommandTo{{To: "Rate", Type: "A", Data: data}},
				Schedule: []ScheduleTo{
					{Schedule: "Reminder", Key: "o1", At: "2026-03-01T10:00:00Z", ID: "o1", Data: data},
					{Schedule: "Sweep", Key: "all", Every: "15 minutes", Data: data},
					{Schedule: "Daily", Key: "all", Cron: "0 8 * * ? *", TimeZone: "Europe/Vienna", Data: data},
				},
				Unschedule: []ScheduleKey{{Schedule: "Reminder", Key: "o2"}},
			},
			`{"commands":[{"to":"Rate","type":"A","data":` + string(data) + `}],"schedule":[` +
				`{"schedule":"Reminder","key":"o1","at":"2026-03-01T10:00:00Z","id":"o1","data":` + string(data) + `},` +
				`{"schedule":"Sweep","key":"all","every":"15 minutes","data":` + string(data) + `},` +
				`{"schedule":"Daily","key":"all","cron":"0 8 * * ? *","timeZone":"Europe/Vienna","data":` + string(data) + `}],` +
				`"unschedule":[{"schedule":"Reminder","key":"o2"}]}`,
		},
		"call, result":      {Call, Answer{Result: data}, `{"result":` + string(data) + `}`},
		"call, commands":    {Call, Answer{Result: data, Commands: []CommandTo{{To: "Order", ID: "o1", Type: "A", Data: data}}}, `{"commands":[{"to":"Order","id":"o1","type":"A","data":` + string(data) + `}],"result":` + string(data) + `}`},
		"call, give up":     {Call, Answer{GiveUp: &Reject{Code: "No", Message: "no", Details: data}}, `{"giveUp":{"code":"No","message":"no","details":` + string(data) + `}}`},
		"translate":         {Translate, Answer{Commands: []CommandTo{{To: "Order", ID: "o1", Type: "A", Data: data}}}, `{"commands":[{"to":"Order","id":"o1","type":"A","data":` + string(data) + `}]}`},
		"translate, reject": {Translate, Answer{Reject: &Reject{Code: "No", Message: "no"}}, `{"reject":{"code":"No","message":"no"}}`},
		"task": {
			RunTask, Answer{
				Commands:   []CommandTo{{To: "Order", ID: "o1", Type: "A", Data: data}},
				Objects:    []ObjectToWrite{{Key: "out/a b.csv", ContentType: "text/csv", Text: ""}, {Key: "out/c", Text: "x\n"}},
				Schedule:   []ScheduleTo{{Schedule: "Sweep", Key: "all", Every: "1 day", Data: data}},
				Unschedule: []ScheduleKey{{Schedule: "Sweep", Key: "one"}},
			},
			`{"commands":[{"to":"Order","id":"o1","type":"A","data":` + string(data) + `}],` +
				`"objects":[{"key":"out/a b.csv","contentType":"text/csv","text":""},{"key":"out/c","text":"x\n"}],` +
				`"schedule":[{"schedule":"Sweep","key":"all","every":"1 day","data":` + string(data) + `}],"unschedule":[{"schedule":"Sweep","key":"one"}]}`,
		},
		"task, nothing": {RunTask, Answer{Commands: []CommandTo{}}, `{"commands":[]}`},
		"query":         {AnswerQuery, Answer{Data: data}, `{"data":` + string(data) + `}`},
		"query, list":   {AnswerQuery, Answer{Data: json.RawMessage(`[1.50,null]`)}, `{"data":[1.50,null]}`},
		"query, null":   {AnswerQuery, Answer{Data: json.RawMessage(`null`)}, `{"data":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := ParseAnswer(c.kind, []byte(c.json))
			require.NoError(t, err)
			assert.Equal(t, c.answer, parsed)
			encoded, err := MarshalAnswer(c.kind, parsed)
			require.NoError(t, err)
			assert.Equal(t, c.json, string(encoded))
		})
	}
}

func TestMarshalAnswerFillsWhatTheKindRequires(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   Kind
		answer Answer
		want   string
	}{
		"decide":           {Decide, Answer{}, `{"events":[]}`},
		"decide, rejected": {Decide, Answer{Reject: &Reject{Code: "No"}}, `{"reject":{"code":"No","message":""}}`},
		"decide, no data":  {Decide, Answer{Events: []Event{{Type: "A"}}}, `{"events":[{"type":"A","data":{}}]}`},
		"project":          {Project, Answer{}, `{"row":null}`},
		"publish":          {Publish, Answer{}, `{"messages":[]}`},
		"react":            {React, Answer{}, `{"commands":[]}`},
		"react, no data":   {React, Answer{Schedule: []ScheduleTo{{Schedule: "A", Key: "k", Every: "1 day"}}}, `{"commands":[],"schedule":[{"schedule":"A","key":"k","every":"1 day","data":{}}]}`},
		"call":             {Call, Answer{}, `{"result":{}}`},
		"call, given up":   {Call, Answer{GiveUp: &Reject{Code: "No"}}, `{"giveUp":{"code":"No","message":""}}`},
		"translate":        {Translate, Answer{}, `{"commands":[]}`},
		"translate, no":    {Translate, Answer{Reject: &Reject{Code: "No"}}, `{"reject":{"code":"No","message":""}}`},
		"task":             {RunTask, Answer{}, `{"commands":[]}`},
		"query":            {AnswerQuery, Answer{}, `{"data":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := MarshalAnswer(c.kind, c.answer)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(encoded))
			_, err = ParseAnswer(c.kind, encoded)
			assert.NoError(t, err)
		})
	}
	foreign, err := MarshalAnswer(Decide, Answer{Messages: []Message{{Type: "A"}}})
	require.NoError(t, err)
	_, err = ParseAnswer(Decide, foreign)
	assert.ErrorContains(t, err, `"messages"`)
	_, err = MarshalAnswer(Project, Answer{Row: json.RawMessage(`{`)})
	assert.Error(t, err)
}

func TestInvalidAnswersNameThePath(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   Kind
		answer string
		want   []string
	}{
		"nothing":              {Decide, ` `, []string{`$: expected a JSON object, got nothing`}},
		"null":                 {Decide, `null`, []string{`$: expected object, got null`}},
		"no JSON":              {React, `<html>`, []string{`$: expected a JSON object, got text that is no JSON`}},
		"more after it":        {React, `{"commands":[]} {}`, []string{`no JSON`}},
		"neither":              {Decide, `{}`, []string{`$: expected exactly one of "events", "reject", got none of them`}},
		"both":                 {Decide, `{"events":[],"reject":{"code":"A","message":"b"}}`, []string{`got "events", "reject"`}},
		"events no list":       {Decide, `{"events":{}}`, []string{`$.events: expected array, got object`}},
		"data no object":       {Decide, `{"events":[{"type":"A","data":{}},{"type":"B","data":"secret"}]}`, []string{`$.events[1].data: expected object, got string`}},
		"data missing":         {Decide, `{"events":[{"type":"A"}]}`, []string{`$.events[0]: expected the properties "data", which are missing`}},
		"all problems at once": {Decide, `{"events":[{"type":"","data":[]}],"extra":1}`, []string{`$.events[0].type: expected a text that is not empty`, `$.events[0].data: expected object, got array`, `$: got the properties "extra", which are unknown here`}},
		"code empty":           {Decide, `{"reject":{"code":"","message":"x"}}`, []string{`$.reject.code: expected a text that is not empty, got ""`}},
		"details no object":    {Decide, `{"reject":{"code":"A","message":"x","details":1}}`, []string{`$.reject.details: expected object, got number`}},
		"wrong case":           {Decide, `{"Events":[]}`, []string{`"Events"`}},
		"row missing":          {Project, `{}`, []string{`$: expected the properties "row"`}},
		"row a list":           {Project, `{"row":[]}`, []string{`$.row: expected`, `got array`}},
		"row of the engine":    {Project, `{"row":{"_position":1}}`, []string{`$.row: got the property "_position"`}},
		"key empty":            {Publish, `{"messages":[{"type":"A","data":{},"key":""}]}`, []string{`$.messages[0].key`}},
		"foreign publisher":    {Publish, `{"messages":[{"type":"A","data":{},"plugin":"x"}]}`, []string{`"plugin"`}},
		"command, id empty":    {React, `{"commands":[{"to":"A","id":"","type":"B","data":{}}]}`, []string{`$.commands[0].id: expected a text that is not empty`}},
		"reject and snapshot":  {Decide, `{"reject":{"code":"A","message":"b"},"snapshot":{}}`, []string{`$: expected at most one of "reject", "snapshot"`}},
		"result and giveUp":    {Call, `{"result":{},"giveUp":{"code":"A","message":"b"}}`, []string{`$: expected exactly one of "result", "giveUp", got "result", "giveUp"`}},
		"call, nothing":        {Call, `{}`, []string{`$: expected exactly one of "result", "giveUp", got none of them`}},
		"call, schedule":       {Call, `{"result":{},"schedule":[]}`, []string{`"schedule"`}},
		"translate, both":      {Translate, `{"commands":[],"reject":{"code":"A","message":"b"}}`, []string{`"commands", "reject", got "commands", "reject"`}},
		"two times":            {React, `{"commands":[],"schedule":[{"schedule":"A","key":"k","at":"x","cron":"y","data":{}}]}`, []string{`$.schedule[0]: expected exactly one of "at", "every", "cron", got "at", "cron"`}},
		"no time":              {RunTask, `{"commands":[],"schedule":[{"schedule":"A","key":"k","data":{}}]}`, []string{`$.schedule[0]: expected exactly one of "at", "every", "cron", got none`}},
		"zone of a period":     {RunTask, `{"commands":[],"schedule":[{"schedule":"A","key":"k","every":"1 day","timeZone":"UTC","data":{}}]}`, []string{`$.schedule[0]: expected the properties "cron" beside "timeZone"`}},
		"schedule no object":   {RunTask, `{"commands":[],"schedule":["x"]}`, []string{`$.schedule[0]: expected object, got string`}},
		"object without text":  {RunTask, `{"commands":[],"objects":[{"key":"a"}]}`, []string{`$.objects[0]: expected the properties "text"`}},
		"query without data":   {AnswerQuery, `{}`, []string{`$: expected the properties "data"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseAnswer(c.kind, []byte(c.answer))
			var failed *HandlerError
			require.True(t, errors.As(err, &failed), "%v", err)
			assert.Equal(t, InvalidAnswer, failed.Kind)
			for _, want := range c.want {
				assert.Contains(t, failed.Message, want)
			}
			assert.NotContains(t, failed.Message, "secret")
		})
	}
	_, err := ParseAnswer("unknown", []byte(`{}`))
	assert.ErrorContains(t, err, `"unknown"`)
}

// FuzzParseAnswer looks for texts that make ParseAnswer panic, and for accepted
// answers that do not survive a round trip.
func FuzzParseAnswer(f *testing.F) {
	for _, seed := range []string{`{"events":[{"type":"A","data":{"n":1e5}}]}`, `{"reject":{"code":"A","message":"b"}}`, `{"row":{"a":null}}`, `{"messages":[]}`, `{"commands":[{"to":"A","id":"1","type":"B","data":{}}]}`, `{"result":{"a":1}}`, `{"giveUp":{"code":"A","message":"b"}}`, `{"data":[1]}`, `{"commands":[],"objects":[{"key":"a","text":""}],"schedule":[{"schedule":"A","key":"k","at":"t","data":{}}],"unschedule":[{"schedule":"A","key":"k"}]}`} {
		for kind := range Kinds() {
			f.Add(kind, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, index int, text []byte) {
		if index < 0 || index >= len(Kinds()) {
			return
		}
		kind := Kinds()[index]
		answer, err := ParseAnswer(kind, text)
		if err != nil {
			return
		}
		encoded, err := MarshalAnswer(kind, answer)
		if err != nil {
			t.Fatalf("an accepted answer cannot be written: %v", err)
		}
		if _, err := ParseAnswer(kind, encoded); err != nil {
			t.Fatalf("an accepted answer is refused after a round trip: %v\n%s\n%s", err, text, encoded)
		}
	})
}
