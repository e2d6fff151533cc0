package scheduler

import "encoding/json"

// settings are the properties of a schedule that create and update take and get
// answers. Update replaces all of them: what it does not give gets its default.
type settings struct {
	ActionAfterCompletion      string          `json:"ActionAfterCompletion,omitempty"`
	Description                string          `json:"Description,omitempty"`
	EndDate                    *float64        `json:"EndDate,omitempty"`
	FlexibleTimeWindow         *flexibleWindow `json:"FlexibleTimeWindow"`
	GroupName                  string          `json:"GroupName"`
	KMSKeyARN                  string          `json:"KmsKeyArn,omitempty"`
	ScheduleExpression         string          `json:"ScheduleExpression"`
	ScheduleExpressionTimezone string          `json:"ScheduleExpressionTimezone"`
	StartDate                  *float64        `json:"StartDate,omitempty"`
	State                      string          `json:"State"`
	Target                     *target         `json:"Target"`
}

type flexibleWindow struct {
	Mode                   string `json:"Mode"`
	MaximumWindowInMinutes *int   `json:"MaximumWindowInMinutes,omitempty"`
}

type target struct {
	Arn              string            `json:"Arn"`
	DeadLetterConfig *deadLetterConfig `json:"DeadLetterConfig,omitempty"`
	Input            *string           `json:"Input,omitempty"`
	RetryPolicy      *retryPolicy      `json:"RetryPolicy,omitempty"`
	RoleArn          string            `json:"RoleArn"`
	SqsParameters    *sqsParameters    `json:"SqsParameters,omitempty"`

	// Parameters of targets that are not played.
	EcsParameters               json.RawMessage `json:"EcsParameters,omitempty"`
	EventBridgeParameters       json.RawMessage `json:"EventBridgeParameters,omitempty"`
	KinesisParameters           json.RawMessage `json:"KinesisParameters,omitempty"`
	SageMakerPipelineParameters json.RawMessage `json:"SageMakerPipelineParameters,omitempty"`
}

type deadLetterConfig struct {
	Arn string `json:"Arn,omitempty"`
}

type retryPolicy struct {
	MaximumEventAgeInSeconds *int `json:"MaximumEventAgeInSeconds,omitempty"`
	MaximumRetryAttempts     *int `json:"MaximumRetryAttempts,omitempty"`
}

type sqsParameters struct {
	MessageGroupID string `json:"MessageGroupId,omitempty"`
}

// scheduleAnswer is what GetSchedule answers.
type scheduleAnswer struct {
	settings
	Arn                  string  `json:"Arn"`
	CreationDate         float64 `json:"CreationDate"`
	LastModificationDate float64 `json:"LastModificationDate"`
	Name                 string  `json:"Name"`
}

// scheduleSummary is an entry of what ListSchedules answers.
type scheduleSummary struct {
	Arn                  string            `json:"Arn"`
	CreationDate         float64           `json:"CreationDate"`
	GroupName            string            `json:"GroupName"`
	LastModificationDate float64           `json:"LastModificationDate"`
	Name                 string            `json:"Name"`
	State                string            `json:"State"`
	Target               map[string]string `json:"Target"`
}

type groupAnswer struct {
	Arn                  string  `json:"Arn"`
	CreationDate         float64 `json:"CreationDate"`
	LastModificationDate float64 `json:"LastModificationDate"`
	Name                 string  `json:"Name"`
	State                string  `json:"State"`
}

type tag struct{ Key, Value string }
