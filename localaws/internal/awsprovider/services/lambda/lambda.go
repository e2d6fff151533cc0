// Package lambda declares the Lambda types of the stand-in provider:
// Function, FunctionEventInvokeConfig, LayerVersion, EventSourceMapping, Invocation and
// Permission, and the function getInvocation.
package lambda

import (
	"context"
	"slices"
	"time"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/archive"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/retry"
)

// Limits of the real provider.
const (
	propagationTimeout = 5 * time.Minute // of roles and permissions
	changeTimeout      = 10 * time.Minute
)

var notFound = []string{"ResourceNotFoundException"}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{function(), layerVersion(), eventInvokeConfig(), eventSourceMapping(), invocation(), permission()}
}

// Functions lists the functions of this package.
func Functions() []*define.Function { return []*define.Function{getInvocation()} }

// propagating tells whether Lambda does not see the role or its permissions
// yet, or is still busy with an earlier change.
func propagating(err error) bool {
	for _, text := range []string{
		"The role defined for the function cannot be assumed by Lambda",
		"cannot be assumed by Lambda",
		"execution role does not have permissions",
		"ensure the role can perform",
		"Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant",
	} {
		if define.HasText(err, "InvalidParameterValueException", text) {
			return true
		}
	}
	return define.HasCode(err, "ResourceConflictException") &&
		!define.HasText(err, "ResourceConflictException", "already exist")
}

func patiently(ctx context.Context, f func() error) error {
	return retry.While(ctx, propagationTimeout, propagating, f)
}

// zipOf reads the code archive; nil when there is none.
func zipOf(inputs property.Map) ([]byte, error) {
	code := inputs.Get("code")
	if !code.IsArchive() {
		return nil, nil
	}
	return archive.Zip(code.ArchiveValue())
}

// codeSource checks that exactly one place of the code is given.
func codeSource(inputs property.Map, places ...string) []inputcheck.Failure {
	var given []string
	for _, place := range places {
		if inputs.Has(place) {
			given = append(given, place)
		}
	}
	if len(given) != 1 {
		return define.Failed(places[0], "one of %q must be specified, got %q", places, given)
	}
	if inputs.Has("s3Bucket") && !inputs.Has("s3Key") {
		return define.Failed("s3Key", "s3Key is required with s3Bucket")
	}
	return nil
}

// sourceHash keeps a given sourceCodeHash, else AWS's hash.
func sourceHash(inputs property.Map, sha string) string {
	if given := inputs.String("sourceCodeHash"); given != "" {
		return given
	}
	return sha
}

func anyOf(changed map[string]bool, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return changed[n] })
}
