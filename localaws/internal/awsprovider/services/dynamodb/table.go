// Package dynamodb declares the DynamoDB types of the stand-in provider: Table.
package dynamodb

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/define"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/inputcheck"
	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

// unsupported inputs need other services (S3 imports, restores, replicas in
// other regions); they are refused rather than ignored.
var unsupported = []string{"importTable", "replicas", "restoreDateTime", "restoreSourceName",
	"restoreSourceTableArn", "restoreToLatestTime"}

// Resources lists the types of this package.
func Resources() []*define.Resource {
	return []*define.Resource{{
		Token:    "aws:dynamodb/table:Table",
		Noun:     "DynamoDB Table",
		Args:     define.ArgsOf(sdk.TableArgs{}),
		Result:   reflect.TypeFor[sdk.Table](),
		AutoName: &define.AutoName{Property: "name", Max: 255},
		Required: []string{"hashKey", "attributes"},
		Defaults: map[string]any{"billingMode": "PROVISIONED", "tableClass": "STANDARD"},
		Enums: map[string][]string{"billingMode": {"PROVISIONED", "PAY_PER_REQUEST"},
			"streamViewType": {"", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"},
			"tableClass":     {"STANDARD", "STANDARD_INFREQUENT_ACCESS"}},
		Kinds: map[string]define.Kind{"attributes": define.Set, "globalSecondaryIndexes": define.Set,
			"localSecondaryIndexes": define.Set, "globalSecondaryIndexes.nonKeyAttributes": define.Set},
		Validate: validate,
		ForceNew: []string{"name", "hashKey", "rangeKey", "localSecondaryIndexes", "importTable"},
		Computed: []string{"arn", "streamArn", "streamLabel", "streamViewType", "readCapacity", "writeCapacity",
			"pointInTimeRecovery", "serverSideEncryption"},
		Volatile:      volatile,
		NotFoundCodes: []string{"ResourceNotFoundException", "TableNotFoundException"},
		Create:        create,
		Read:          read,
		Update:        update,
		Delete:        remove,
	}}
}

// volatile: switching the stream gives it a new ARN.
func volatile(changed map[string]bool, _ property.Map) []string {
	if changed["streamEnabled"] || changed["streamViewType"] {
		return []string{"streamArn", "streamLabel"}
	}
	return nil
}

func validate(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for _, name := range unsupported {
		if inputs.Has(name) {
			failures = append(failures, define.Failed(name, "the local stand-in for the aws provider does not support %q", name)...)
		}
	}
	if inputs.Bool("streamEnabled") && !inputs.Has("streamViewType") {
		failures = append(failures, define.Failed("streamViewType", "stream_view_type is required when stream_enabled = true")...)
	}
	failures = append(failures, validateBilling(inputs)...)
	failures = append(failures, validateProjections(inputs)...)
	return append(failures, validateAttributes(inputs)...)
}

func validateBilling(inputs property.Map) []inputcheck.Failure {
	if inputs.String("billingMode") != "PROVISIONED" {
		return nil
	}
	var failures []inputcheck.Failure
	for _, name := range []string{"readCapacity", "writeCapacity"} {
		if !inputs.Has(name) {
			failures = append(failures, define.Failed(name, "%q must be at least 1 when billingMode is %q", name, "PROVISIONED")...)
		}
	}
	return failures
}

func validateProjections(inputs property.Map) []inputcheck.Failure {
	var failures []inputcheck.Failure
	for i, index := range inputs.Objects("globalSecondaryIndexes") {
		kind := index.String("projectionType")
		path := fmt.Sprintf("globalSecondaryIndexes[%d].nonKeyAttributes", i)
		if kind == "INCLUDE" && len(index.Strings("nonKeyAttributes")) == 0 {
			failures = append(failures, define.Failed(path, "nonKeyAttributes are required for projection type INCLUDE")...)
		}
		if kind != "INCLUDE" && kind != "" && len(index.Strings("nonKeyAttributes")) > 0 {
			failures = append(failures, define.Failed(path, "nonKeyAttributes are not allowed for projection type %s", kind)...)
		}
	}
	return failures
}

// validateAttributes: AWS wants exactly the attributes that are keys.
func validateAttributes(inputs property.Map) []inputcheck.Failure {
	m := inputs.Get("attributes")
	if m.ContainsUnknowns() || inputs.Get("globalSecondaryIndexes").ContainsUnknowns() ||
		inputs.Get("localSecondaryIndexes").ContainsUnknowns() || !inputs.Known("hashKey") {
		return nil
	}
	declared, used := map[string]bool{}, keyNames(inputs)
	for _, a := range inputs.Objects("attributes") {
		declared[a.String("name")] = true
	}
	var failures []inputcheck.Failure
	if unused := missingFrom(used, declared); len(unused) > 0 {
		failures = define.Failed("attributes", "all attributes must be indexed. Unused attributes: %q", unused)
	}
	if undeclared := missingFrom(declared, used); len(undeclared) > 0 {
		failures = append(failures, define.Failed("attributes", "all indexes must match a defined attribute. Unmatched indexes: %q", undeclared)...)
	}
	return failures
}

func keyNames(inputs property.Map) map[string]bool {
	used := map[string]bool{}
	indexes := slices.Concat([]property.Map{inputs}, inputs.Objects("globalSecondaryIndexes"), inputs.Objects("localSecondaryIndexes"))
	for _, keys := range indexes {
		used[keys.String("hashKey")] = true
		used[keys.String("rangeKey")] = true
	}
	delete(used, "")
	return used
}

// missingFrom returns what wanted has and have lacks, sorted.
func missingFrom(have, wanted map[string]bool) []string {
	var list []string
	for name := range wanted {
		if !have[name] {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	return list
}

// isUnsupported tells whether an emulator does not know an operation at all.
func isUnsupported(err error) bool {
	return define.HasCode(err, "UnknownOperationException", "NotImplemented") ||
		err != nil && strings.Contains(err.Error(), "UnknownOperationException")
}

func remove(ctx context.Context, c *define.Clients, r define.Request) error {
	if err := deleteTable(ctx, c, r.ID); err != nil {
		return err
	}
	return waitGone(ctx, c, r.ID)
}
