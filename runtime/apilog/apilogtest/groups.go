// Package apilogtest is CloudWatch Logs as far as package apilog uses it, for tests.
package apilogtest

import (
	"context"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// Groups are the log groups of an account. It is an apilog.Client.
type Groups struct {
	// Before and After are called around each operation; their error is its answer.
	Before, After func(operation string) error

	mutex  sync.Mutex
	groups map[string]int
	calls  []string
}

// New returns no groups.
func New() *Groups { return &Groups{groups: map[string]int{}} }

// Put makes a group, or gives one another retention, behind everybody's back: in days, 0
// for ever.
func (g *Groups) Put(name string, days int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.groups[name] = days
}

// Remove takes a group away behind everybody's back.
func (g *Groups) Remove(name string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	delete(g.groups, name)
}

// All are the groups with their retention in days, 0 for ever.
func (g *Groups) All() map[string]int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return maps.Clone(g.groups)
}

// Calls are the operations so far, in order.
func (g *Groups) Calls() []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return append([]string{}, g.calls...)
}

// do does one operation between the hooks.
func (g *Groups) do(operation string, change func() error) error {
	g.mutex.Lock()
	g.calls = append(g.calls, operation)
	g.mutex.Unlock()
	if g.Before != nil {
		if err := g.Before(operation); err != nil {
			return err
		}
	}
	g.mutex.Lock()
	err := change()
	g.mutex.Unlock()
	if err == nil && g.After != nil {
		err = g.After(operation)
	}
	return err
}

// existing changes a group that must be there.
func (g *Groups) existing(operation string, name *string, change func(name string)) error {
	return g.do(operation, func() error {
		if _, ok := g.groups[aws.ToString(name)]; !ok {
			return &types.ResourceNotFoundException{Message: aws.String("The specified log group does not exist.")}
		}
		change(*name)
		return nil
	})
}

// CreateLogGroup is the client's.
func (g *Groups) CreateLogGroup(_ context.Context, in *cloudwatchlogs.CreateLogGroupInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogGroupOutput, error) {
	return &cloudwatchlogs.CreateLogGroupOutput{}, g.do("CreateLogGroup", func() error {
		if _, ok := g.groups[*in.LogGroupName]; ok {
			return &types.ResourceAlreadyExistsException{Message: aws.String("The specified log group already exists")}
		}
		g.groups[*in.LogGroupName] = 0
		return nil
	})
}

// PutRetentionPolicy is the client's.
func (g *Groups) PutRetentionPolicy(_ context.Context, in *cloudwatchlogs.PutRetentionPolicyInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error) {
	return &cloudwatchlogs.PutRetentionPolicyOutput{}, g.existing("PutRetentionPolicy", in.LogGroupName, func(name string) { g.groups[name] = int(*in.RetentionInDays) })
}

// DeleteRetentionPolicy is the client's.
func (g *Groups) DeleteRetentionPolicy(_ context.Context, in *cloudwatchlogs.DeleteRetentionPolicyInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteRetentionPolicyOutput, error) {
	return &cloudwatchlogs.DeleteRetentionPolicyOutput{}, g.existing("DeleteRetentionPolicy", in.LogGroupName, func(name string) { g.groups[name] = 0 })
}

// DeleteLogGroup is the client's.
func (g *Groups) DeleteLogGroup(_ context.Context, in *cloudwatchlogs.DeleteLogGroupInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error) {
	return &cloudwatchlogs.DeleteLogGroupOutput{}, g.existing("DeleteLogGroup", in.LogGroupName, func(name string) { delete(g.groups, name) })
}
