// Package deadletters counts the messages in dead-letter queues.
//
//  1. A plugin's function counts those of its own queues with each heartbeat, the connect
//     function those of the platform when it is asked; see protocol.DeadLetterReport.
//  2. [Count] asks SQS for all queues at once. A queue that cannot be counted does not keep
//     the others from being counted.
//  3. [Messages] counts one, for the command line too.
package deadletters

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/reventless/pulumi-reventless/runtime/eventlog"
	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// atOnce is how many queues are asked for at the same time.
const atOnce = 8

// SQS is the part of the SQS client that is needed.
type SQS interface {
	GetQueueAttributes(ctx context.Context, in *sqs.GetQueueAttributesInput, opts ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Messages says how many messages of a queue are there, and how many somebody is looking
// at. SQS keeps its numbers only approximately.
func Messages(ctx context.Context, client SQS, url string) (there, hidden int, err error) {
	visible, invisible := types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{visible, invisible}})
	if err != nil {
		return 0, 0, err
	}
	there, wrong := strconv.Atoi(out.Attributes[string(visible)])
	hidden, alsoWrong := strconv.Atoi(out.Attributes[string(invisible)])
	return there, hidden, errors.Join(wrong, alsoWrong)
}

// Count counts the messages of queues, given by their URLs by part, those that somebody is
// looking at included. The error says which could not be counted; they are in the report
// without a number. It takes no longer than the time given.
func Count(ctx context.Context, client SQS, urls map[string]string, within time.Duration, now time.Time) (*protocol.DeadLetterReport, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	report := &protocol.DeadLetterReport{CountedAt: eventlog.FormatTime(now), Messages: make(map[string]*int, len(urls))}
	var problems []error
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, part := range slices.Sorted(maps.Keys(urls)) {
		group.Go(func() error {
			there, hidden, err := Messages(ctx, client, urls[part])
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				report.Messages[part] = nil
				problems = append(problems, fmt.Errorf("count the dead letters of %s: %w", part, err))
				return nil
			}
			sum := there + hidden
			report.Messages[part] = &sum
			return nil
		})
	}
	_ = group.Wait() // problems has the errors
	return report, errors.Join(problems...)
}

// URLs are the URLs of queues, given by their names by part, in the account and region of
// a function, given by its ARN.
func URLs(functionARN string, names map[string]string) (map[string]string, error) {
	elements := strings.Split(functionARN, ":")
	if len(elements) < 6 || elements[0] != "arn" {
		return nil, fmt.Errorf("%q is no ARN of a function", functionARN)
	}
	domain := "amazonaws.com"
	if elements[1] == "aws-cn" {
		domain += ".cn"
	}
	urls := make(map[string]string, len(names))
	for part, name := range names {
		urls[part] = fmt.Sprintf("https://sqs.%s.%s/%s/%s", elements[3], domain, elements[4], name)
	}
	return urls, nil
}
