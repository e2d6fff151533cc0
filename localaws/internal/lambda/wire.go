package lambda

import (
	"encoding/json"
)

// Configuration is the API's FunctionConfiguration.
type Configuration struct {
	Architectures        []string              `json:"Architectures"`
	CodeSha256           string                `json:"CodeSha256"`
	CodeSize             int64                 `json:"CodeSize"`
	DeadLetterConfig     json.RawMessage       `json:"DeadLetterConfig,omitempty"`
	Description          string                `json:"Description"`
	Environment          *Environment          `json:"Environment,omitempty"`
	EphemeralStorage     *EphemeralStorage     `json:"EphemeralStorage,omitempty"`
	FunctionArn          string                `json:"FunctionArn"`
	FunctionName         string                `json:"FunctionName"`
	Handler              string                `json:"Handler,omitempty"`
	KMSKeyArn            string                `json:"KMSKeyArn,omitempty"`
	LastModified         string                `json:"LastModified"`
	LastUpdateStatus     string                `json:"LastUpdateStatus"`
	Layers               []LayerReference      `json:"Layers,omitempty"`
	LoggingConfig        LoggingConfig         `json:"LoggingConfig"`
	MemorySize           int                   `json:"MemorySize"`
	PackageType          string                `json:"PackageType"`
	RevisionID           string                `json:"RevisionId"`
	Role                 string                `json:"Role"`
	Runtime              string                `json:"Runtime,omitempty"`
	RuntimeVersionConfig *RuntimeVersionConfig `json:"RuntimeVersionConfig,omitempty"`
	SnapStart            SnapStart             `json:"SnapStart"`
	State                string                `json:"State"`
	StateReason          string                `json:"StateReason,omitempty"`
	StateReasonCode      string                `json:"StateReasonCode,omitempty"`
	Timeout              int                   `json:"Timeout"`
	TracingConfig        TracingConfig         `json:"TracingConfig"`
	Version              string                `json:"Version"`
	VpcConfig            json.RawMessage       `json:"VpcConfig,omitempty"`
}

// Environment holds a function's environment variables.
type Environment struct {
	Variables map[string]string `json:"Variables,omitempty"`
}

// EphemeralStorage is the size of /tmp in MB.
type EphemeralStorage struct {
	Size int `json:"Size"`
}

// LayerReference is a layer of a function.
type LayerReference struct {
	Arn      string `json:"Arn"`
	CodeSize int64  `json:"CodeSize"`
}

// LoggingConfig says where and how a function logs.
type LoggingConfig struct {
	ApplicationLogLevel string `json:"ApplicationLogLevel,omitempty"`
	LogFormat           string `json:"LogFormat,omitempty"`
	LogGroup            string `json:"LogGroup,omitempty"`
	SystemLogLevel      string `json:"SystemLogLevel,omitempty"`
}

// RuntimeVersionConfig names the runtime's version.
type RuntimeVersionConfig struct {
	RuntimeVersionArn string `json:"RuntimeVersionArn"`
}

// SnapStart says whether snapshots are made; never here.
type SnapStart struct {
	ApplyOn            string `json:"ApplyOn"`
	OptimizationStatus string `json:"OptimizationStatus"`
}

// TracingConfig is the tracing mode.
type TracingConfig struct {
	Mode string `json:"Mode"`
}

// code is the API's FunctionCode.
type code struct {
	ZipFile         []byte
	S3Bucket, S3Key string
	ImageURI        string `json:"ImageUri"`
}

// settings are the properties of a function that create and update share. Nil
// means: not given.
type settings struct {
	DeadLetterConfig json.RawMessage
	Description      *string
	Environment      *Environment
	EphemeralStorage *EphemeralStorage
	Handler          *string
	KMSKeyArn        *string
	Layers           *[]string
	LoggingConfig    *LoggingConfig
	MemorySize       *int
	Role             *string
	Runtime          *string
	Timeout          *int
	TracingConfig    *TracingConfig
	VpcConfig        json.RawMessage
	RevisionID       string `json:"RevisionId"`

	// architectures are given with the code only.
	architectures []string
}

type createRequest struct {
	settings
	Architectures []string
	Code          code
	FunctionName  string
	PackageType   string
	Publish       bool
	Tags          map[string]string
}

type updateCodeRequest struct {
	code
	Architectures []string
	DryRun        bool
	Publish       bool
	RevisionID    string `json:"RevisionId"`
}

type functionAnswer struct {
	Code          *codeLocation     `json:"Code"`
	Concurrency   *concurrency      `json:"Concurrency,omitempty"`
	Configuration Configuration     `json:"Configuration"`
	Tags          map[string]string `json:"Tags,omitempty"`
}

type codeLocation struct {
	Location       string `json:"Location"`
	RepositoryType string `json:"RepositoryType"`
}

type concurrency struct {
	ReservedConcurrentExecutions *int `json:"ReservedConcurrentExecutions,omitempty"`
}
