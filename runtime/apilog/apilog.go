// Package apilog looks after the log group that AppSync writes an API's own log to.
//
// The group has a name that AppSync chooses, and AppSync makes it itself, without
// retention, when it first logs. A stack that declared it too would race with that, and
// could fail for ever. So it is made or adopted while the platform runs:
//
//  1. [Log.Keep] sets the retention, and makes the group first where there is none. Both
//     are repeatable, and it does not matter who made the group. A success is remembered
//     for an hour, a failure is tried again with the next call.
//  2. [Log.Delete] deletes the group with all that is in it, when the platform goes.
package apilog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

const (
	// patience is how long one call may take: whoever asks for it has better things to do.
	patience = 10 * time.Second
	// lookEvery is how long a group is believed to be as it should be. Somebody may delete
	// it, and AppSync then makes another one without retention.
	lookEvery = time.Hour
)

// Client is the part of the CloudWatch Logs client that this package needs.
type Client interface {
	CreateLogGroup(ctx context.Context, in *cloudwatchlogs.CreateLogGroupInput, opts ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogGroupOutput, error)
	PutRetentionPolicy(ctx context.Context, in *cloudwatchlogs.PutRetentionPolicyInput, opts ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error)
	DeleteRetentionPolicy(ctx context.Context, in *cloudwatchlogs.DeleteRetentionPolicyInput, opts ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteRetentionPolicyOutput, error)
	DeleteLogGroup(ctx context.Context, in *cloudwatchlogs.DeleteLogGroupInput, opts ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error)
}

// Group is the name of the group of an API's log, as AppSync chooses it.
func Group(api string) string { return "/aws/appsync/apis/" + api }

// Config says what the log should be.
type Config struct {
	Client Client
	// API is the id of the API.
	API string
	// RetentionDays is how long entries are kept, 0 for ever.
	RetentionDays int
	// Off says that the API does not log. The group is not made then; one of before gets
	// its retention all the same.
	Off bool
}

// Log is the log of an API. A nil one is nobody's business: its methods do nothing.
type Log struct {
	config Config
	group  string
	// kept is when the group was last as it should be.
	kept time.Time
}

// New returns the log of an API.
func New(config Config) *Log { return &Log{config: config, group: Group(config.API)} }

// Keep makes the group what it should be.
func (l *Log) Keep(ctx context.Context, now time.Time) error {
	if l == nil || !l.kept.IsZero() && now.Sub(l.kept) < lookEvery {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := l.retain(ctx)
	switch {
	case missing(err) && l.config.Off:
		err = nil
	case missing(err):
		err = l.create(ctx)
	}
	if err == nil {
		l.kept = now
	}
	return err
}

// Delete deletes the group. One that is gone already is no error.
func (l *Log) Delete(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.kept = time.Time{}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := l.config.Client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &l.group})
	if err != nil && !missing(err) {
		return fmt.Errorf("delete the log group %s: %w", l.group, err)
	}
	return nil
}

// create makes the group, unless somebody just did, and sets its retention.
func (l *Log) create(ctx context.Context) error {
	_, err := l.config.Client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &l.group})
	var exists *types.ResourceAlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("make the log group %s: %w", l.group, err)
	}
	return l.retain(ctx)
}

// retain sets for how long the group keeps entries.
func (l *Log) retain(ctx context.Context) (err error) {
	if days := l.config.RetentionDays; days > 0 {
		_, err = l.config.Client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &l.group, RetentionInDays: aws.Int32(int32(days))})
	} else {
		_, err = l.config.Client.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: &l.group})
	}
	if err != nil {
		return fmt.Errorf("set the retention of the log group %s: %w", l.group, err)
	}
	return nil
}

// missing says that there is no such group.
func missing(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}
