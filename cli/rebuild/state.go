package rebuild

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// The phases of a rebuild, in their order.
const (
	phaseFold = "fold"
	// phaseSwitch is about the rows of the fresh table, phaseSweep about those that are in
	// the read model only.
	phaseSwitch = "switch"
	phaseSweep  = "sweep"
	// phaseDone is a rebuild at its end, whose table was kept.
	phaseDone = "done"
)

// The attributes of the state's item.
const (
	attrID       = "id"
	attrRun      = "run"
	attrBy       = "by"
	attrStarted  = "started"
	attrVersion  = "version"
	attrPhase    = "phase"
	attrSegments = "segments"
)

// item is an item of DynamoDB.
type item = map[string]types.AttributeValue

// state is how far a rebuild has come. It is an item of the fresh table, which also has for
// each phase, table and segment the key after which the scan goes on; an empty one at the
// end.
type state struct {
	// run is the run that may go on; another one took over when it is another one.
	run, by, started string
	// version is what the function was when the first row was folded.
	version, phase string
	segments       int
	// places are the places of the scans when the run began, by their attributes.
	places item
}

// stateKey is the key of the state's item.
var stateKey = item{attrID: text(protocol.RebuildStateID)}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func textOf(value types.AttributeValue) string {
	s, _ := value.(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// newState is the state of a rebuild that begins.
func (r *run) newState(version string) state {
	return state{
		run: uuid.NewString(), by: r.By, started: eventlog.FormatTime(r.Now()), version: version,
		phase: phaseFold, segments: r.Concurrency, places: item{},
	}
}

// readState reads the state from the fresh table; its phase is "" when there is none.
func (r *run) readState(ctx context.Context) (found state, err error) {
	var out *dynamodb.GetItemOutput
	err = r.patiently(ctx, func() error {
		out, err = r.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{TableName: &r.described.Fresh, Key: stateKey, ConsistentRead: aws.Bool(true)})
		return err
	})
	if err != nil {
		return found, fmt.Errorf("read the state of the rebuild from table %s: %w", r.described.Fresh, err)
	}
	found = state{
		run: textOf(out.Item[attrRun]), by: textOf(out.Item[attrBy]), started: textOf(out.Item[attrStarted]),
		version: textOf(out.Item[attrVersion]), phase: textOf(out.Item[attrPhase]), places: out.Item,
	}
	found.segments, _ = strconv.Atoi(textOf(out.Item[attrSegments]))
	return found, nil
}

// writeState writes the state of a rebuild that begins.
func (r *run) writeState(ctx context.Context) error {
	s := r.state
	in := &dynamodb.PutItemInput{TableName: &r.described.Fresh, Item: item{
		attrID: stateKey[attrID], attrRun: text(s.run), attrBy: text(s.by), attrStarted: text(s.started),
		attrVersion: text(s.version), attrPhase: text(s.phase), attrSegments: text(strconv.Itoa(s.segments)),
	}}
	return r.patiently(ctx, func() error {
		_, err := r.DynamoDB.PutItem(ctx, in)
		return r.stateError(err)
	})
}

// takeOver makes this run the one that goes on with a rebuild that was found.
func (r *run) takeOver(ctx context.Context, found state) error {
	r.state = found
	err := r.set(ctx, item{attrRun: text(uuid.NewString()), attrBy: text(r.By)})
	return err
}

// enter begins a phase.
func (r *run) enter(ctx context.Context, phase string) error {
	if r.state.phase == phase {
		return nil
	}
	err := r.set(ctx, item{attrPhase: text(phase)})
	if err == nil {
		r.state.phase = phase
	}
	return err
}

// set sets attributes of the state, on condition that no other run took over.
func (r *run) set(ctx context.Context, attributes item) error {
	in := &dynamodb.UpdateItemInput{
		TableName: &r.described.Fresh, Key: stateKey, ConditionExpression: aws.String("#run = :run"),
		ExpressionAttributeNames: map[string]string{"#run": attrRun}, ExpressionAttributeValues: item{":run": text(r.state.run)},
	}
	expression, separator := "SET ", ""
	for name, value := range attributes {
		n := strconv.Itoa(len(in.ExpressionAttributeNames))
		in.ExpressionAttributeNames["#a"+n], in.ExpressionAttributeValues[":a"+n] = name, value
		expression, separator = expression+separator+"#a"+n+" = :a"+n, ", "
	}
	in.UpdateExpression = &expression
	err := r.patiently(ctx, func() error {
		_, err := r.DynamoDB.UpdateItem(ctx, in)
		return r.stateError(err)
	})
	if next, ok := attributes[attrRun]; ok && err == nil {
		r.state.run = textOf(next)
	}
	return err
}

// errTakenOver says that somebody else goes on with the rebuild.
var errTakenOver = errors.New("another run took over this rebuild; this one ends")

// stateError is the error of a write of the state.
func (r *run) stateError(err error) error {
	var lost *types.ConditionalCheckFailedException
	if errors.As(err, &lost) {
		return errTakenOver
	}
	if err != nil {
		return fmt.Errorf("write the state of the rebuild to table %s: %w", r.described.Fresh, err)
	}
	return nil
}
