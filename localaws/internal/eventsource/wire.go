package eventsource

import (
	"fmt"
	"strings"
)

// configuration is the API's EventSourceMappingConfiguration.
type configuration struct {
	UUID                           string             `json:"UUID"`
	EventSourceMappingArn          string             `json:"EventSourceMappingArn"`
	EventSourceArn                 string             `json:"EventSourceArn"`
	FunctionArn                    string             `json:"FunctionArn"`
	BatchSize                      int                `json:"BatchSize"`
	MaximumBatchingWindowInSeconds int                `json:"MaximumBatchingWindowInSeconds"`
	FilterCriteria                 *filterCriteria    `json:"FilterCriteria,omitempty"`
	FunctionResponseTypes          []string           `json:"FunctionResponseTypes"`
	ScalingConfig                  *scalingConfig     `json:"ScalingConfig,omitempty"`
	StartingPosition               string             `json:"StartingPosition,omitempty"`
	ParallelizationFactor          *int               `json:"ParallelizationFactor,omitempty"`
	BisectBatchOnFunctionError     *bool              `json:"BisectBatchOnFunctionError,omitempty"`
	MaximumRecordAgeInSeconds      *int               `json:"MaximumRecordAgeInSeconds,omitempty"`
	MaximumRetryAttempts           *int               `json:"MaximumRetryAttempts,omitempty"`
	TumblingWindowInSeconds        *int               `json:"TumblingWindowInSeconds,omitempty"`
	DestinationConfig              *destinationConfig `json:"DestinationConfig,omitempty"`
	LastModified                   float64            `json:"LastModified"`
	LastProcessingResult           string             `json:"LastProcessingResult,omitempty"`
	State                          string             `json:"State"`
	StateTransitionReason          string             `json:"StateTransitionReason"`
}

type filterCriteria struct {
	Filters []filterText `json:"Filters"`
}

type filterText struct {
	Pattern string `json:"Pattern"`
}

type scalingConfig struct {
	MaximumConcurrency int `json:"MaximumConcurrency,omitempty"`
}

type destinationConfig struct {
	OnFailure *failureTarget `json:"OnFailure,omitempty"`
}

type failureTarget struct {
	Destination string `json:"Destination,omitempty"`
}

// request is that of create and update. Nil means: not given.
type request struct {
	BatchSize                      *int
	BisectBatchOnFunctionError     *bool
	DestinationConfig              *destinationConfig
	Enabled                        *bool
	EventSourceArn                 string
	FilterCriteria                 *filterCriteria
	FunctionName                   *string
	FunctionResponseTypes          *[]string
	MaximumBatchingWindowInSeconds *int
	MaximumRecordAgeInSeconds      *int
	MaximumRetryAttempts           *int
	ParallelizationFactor          *int
	ScalingConfig                  *scalingConfig
	StartingPosition               string
	Tags                           map[string]string
	TumblingWindowInSeconds        *int
}

// source is what a mapping polls.
type source struct {
	kind string
	// name is the queue's or table's name.
	name string
	fifo bool
}

// parseSource takes an ARN apart: arn:aws:sqs:REGION:ACCOUNT:QUEUE or
// arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/LABEL.
func parseSource(arn string) (source, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[2] == "sqs" {
		return source{kind: KindQueue, name: parts[5], fifo: strings.HasSuffix(parts[5], ".fifo")}, nil
	}
	if len(parts) == 6 && parts[2] == "dynamodb" {
		if names := strings.Split(parts[5], "/"); len(names) == 4 && names[0] == "table" && names[2] == "stream" {
			return source{kind: KindTable, name: names[1]}, nil
		}
	}
	return source{}, fmt.Errorf("Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported source arn %s", arn) //nolint:staticcheck // AWS's text
}
