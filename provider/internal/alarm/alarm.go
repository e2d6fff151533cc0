// Package alarm makes CloudWatch alarms, few of them: one looks at the sum or the maximum of
// the metrics of all queues or functions of a component.
//
//  1. An alarm takes at most ten metrics and expressions, so more of them make a second alarm. A search
//     expression would take any number, but CloudWatch allows none in alarms.
//  2. A metric without values is one where all is well: SQS stops to send those of a queue
//     that nobody uses, Lambda sends none without invocations.
//  3. [NewTopic] makes the topic that tells people; without one an alarm is only shown.
package alarm

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/reventless/pulumi-reventless/provider/internal/component"
	"github.com/reventless/pulumi-reventless/provider/internal/naming"
)

// Alarms of a component and the metrics that they look at.
const (
	// maxMetrics is how many metrics an alarm can have.
	maxMetrics = 9 // and the expression over them
	// period is in seconds.
	period = 300
	// maxLag is how old, in milliseconds, the next record of a stream may be.
	maxLag = 5 * 60 * 1000
)

// Watched is what the alarms of a component look at, by names.
type Watched struct {
	// DeadLetters are queues that should be empty.
	DeadLetters []string
	// Functions are all functions, StreamReaders those that read streams.
	Functions, StreamReaders []string
}

// kind is one kind of alarm.
type kind struct {
	part, description                  string
	namespace, dimension, metric, stat string
	function                           string
	threshold                          float64
	periods, breaching                 int
	names                              []string
}

// New makes the alarms of a component. The topic is told when one goes off and when it ends;
// nil is nobody.
func New(ctx *pulumi.Context, owner component.Owner, watched Watched, topic pulumi.StringInput) error {
	for _, k := range kinds(watched) {
		slices.Sort(k.names)
		number := 0
		for names := range slices.Chunk(k.names, maxMetrics) {
			number++
			part := k.part
			if number > 1 {
				part = fmt.Sprintf("%s-%d", part, number)
			}
			if err := k.alarm(ctx, owner, part, names, topic); err != nil {
				return err
			}
		}
	}
	return nil
}

func kinds(watched Watched) []kind {
	return []kind{{
		part: "dead-letters", description: "Something could not be processed and is in a dead-letter queue. `reventless dlq list` says where.",
		namespace: "AWS/SQS", dimension: "QueueName", metric: "ApproximateNumberOfMessagesVisible", stat: "Maximum",
		function: "SUM", threshold: 0, periods: 1, breaching: 1, names: watched.DeadLetters,
	}, {
		part: "errors", description: "Invocations of functions fail again and again. Their logs are in /reventless/<function>.",
		namespace: "AWS/Lambda", dimension: "FunctionName", metric: "Errors", stat: "Sum",
		function: "SUM", threshold: 0, periods: 5, breaching: 3, names: watched.Functions,
	}, {
		part: "throttles", description: "Functions may not run as often as they should. Raise the account's limit of concurrent executions, or `concurrency`.",
		namespace: "AWS/Lambda", dimension: "FunctionName", metric: "Throttles", stat: "Sum",
		function: "SUM", threshold: 0, periods: 5, breaching: 3, names: watched.Functions,
	}, {
		part: "lag", description: "Functions are more than 5 minutes behind a table's stream: rows, messages and automations are late. Streams keep records for 24 hours.",
		namespace: "AWS/Lambda", dimension: "FunctionName", metric: "IteratorAge", stat: "Maximum",
		function: "MAX", threshold: maxLag, periods: 2, breaching: 2, names: watched.StreamReaders,
	}}
}

func (k kind) alarm(ctx *pulumi.Context, owner component.Owner, part string, names []string, topic pulumi.StringInput) error {
	var actions pulumi.Array
	if topic != nil {
		actions = pulumi.Array{topic}
	}
	_, err := cloudwatch.NewMetricAlarm(ctx, owner.Logical(part), &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(owner.Physical(naming.Alarm, part)),
		AlarmDescription:   pulumi.String(k.description),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(k.threshold),
		EvaluationPeriods:  pulumi.Int(k.periods),
		DatapointsToAlarm:  pulumi.Int(k.breaching),
		TreatMissingData:   pulumi.String("notBreaching"),
		MetricQueries:      k.queries(names),
		AlarmActions:       actions,
		OkActions:          actions,
		Tags:               owner.TagsOf(part),
	}, owner.Child())
	if err != nil {
		return fmt.Errorf("the alarm %s: %w", part, err)
	}
	return nil
}

// queries are the metrics, and the expression over all of them. SUM and MAX of METRICS()
// pass over a metric that has no value.
func (k kind) queries(names []string) cloudwatch.MetricAlarmMetricQueryArray {
	queries := cloudwatch.MetricAlarmMetricQueryArray{cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("all"), Expression: pulumi.String(k.function + "(METRICS())"),
		Label: pulumi.String(k.metric), ReturnData: pulumi.Bool(true),
	}}
	for i, name := range names {
		queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(fmt.Sprintf("m%d", i+1)),
			Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(k.namespace), MetricName: pulumi.String(k.metric), Stat: pulumi.String(k.stat),
				Period: pulumi.Int(period), Dimensions: pulumi.StringMap{k.dimension: pulumi.String(name)},
			},
		})
	}
	return queries
}
