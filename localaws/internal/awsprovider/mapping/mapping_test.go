package mapping

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appsync"
	"github.com/stretchr/testify/assert"

	"github.com/reventless/pulumi-reventless/localaws/internal/awsprovider/property"
)

var rename = Rename{"field": "FieldName", "type": "TypeName", "dataSource": "DataSourceName"}

func TestIntoAndFrom(t *testing.T) {
	t.Parallel()
	inputs := property.Values{"apiId": "a", "field": "f", "type": "Query", "code": "", "maxBatchSize": 3, "dataSource": "ds",
		"runtime":       property.Values{"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
		"cachingConfig": property.Values{"ttl": 60, "cachingKeys": []string{"$context.x"}}}
	var in appsync.CreateResolverInput
	Into(property.Map(inputs.Map()), &in, rename)
	assert.Equal(t, "f", *in.FieldName)
	assert.Nil(t, in.Code, "an empty text is not set")
	assert.Equal(t, types.RuntimeNameAppsyncJs, in.Runtime.Name)
	assert.Equal(t, int64(60), in.CachingConfig.Ttl)
	assert.Equal(t, int32(3), in.MaxBatchSize)

	read := From(&types.Resolver{FieldName: in.FieldName, TypeName: in.TypeName, Runtime: in.Runtime,
		CachingConfig: in.CachingConfig, MaxBatchSize: 3}, sdk.ResolverArgs{}.ElementType(), rename).Map()
	m := property.Map(read)
	assert.Equal(t, "Query", m.String("type"))
	assert.Equal(t, "1.0.0", m.Object("runtime").String("runtimeVersion"))
	assert.Equal(t, []string{"$context.x"}, m.Object("cachingConfig").Strings("cachingKeys"))
	assert.True(t, m.Get("dataSource").IsNull(), "what is not set is null")
}
