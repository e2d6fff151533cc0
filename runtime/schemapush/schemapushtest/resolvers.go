package schemapushtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appsync"
	"github.com/aws/aws-sdk-go-v2/service/appsync/types"
)

// missing is AppSync's answer for what is not there.
func missing(format string, args ...any) error {
	return &types.NotFoundException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// checkField says that a field is not in the schema.
func (a *AppSync) checkField(typeName, fieldName string) error {
	fields := a.fields()
	if fields[typeName+"."+fieldName] {
		return nil
	}
	for field := range fields {
		if strings.HasPrefix(field, typeName+".") {
			return missing("No field named %s found on type %s", fieldName, typeName)
		}
	}
	return missing("Type %s not found", typeName)
}

// GetResolver gives a resolver.
func (a *AppSync) GetResolver(_ context.Context, in *appsync.GetResolverInput, _ ...func(*appsync.Options)) (*appsync.GetResolverOutput, error) {
	out := &appsync.GetResolverOutput{}
	err := a.request("GetResolver", true, func() error {
		resolver, ok := a.resolvers[*in.TypeName+"."+*in.FieldName]
		if !ok {
			return missing("No resolver found.")
		}
		resolver.TypeName, resolver.FieldName = in.TypeName, in.FieldName
		out.Resolver = &resolver
		return nil
	})
	return out, err
}

// CreateResolver attaches a resolver.
func (a *AppSync) CreateResolver(_ context.Context, in *appsync.CreateResolverInput, _ ...func(*appsync.Options)) (*appsync.CreateResolverOutput, error) {
	field := *in.TypeName + "." + *in.FieldName
	err := a.request("CreateResolver", true, func() error {
		if a.hidden > 0 {
			a.hidden--
			return missing("No field named %s found on type %s", *in.FieldName, *in.TypeName)
		}
		if err := a.checkField(*in.TypeName, *in.FieldName); err != nil {
			return err
		}
		if !a.dataSources[*in.DataSourceName] {
			return missing("No data source found named %s", *in.DataSourceName)
		}
		if _, ok := a.resolvers[field]; ok {
			return &types.BadRequestException{Message: aws.String("Only one resolver is allowed per field.")}
		}
		a.resolvers[field] = types.Resolver{DataSourceName: in.DataSourceName, Kind: in.Kind, Code: in.Code, Runtime: in.Runtime}
		return nil
	})
	return &appsync.CreateResolverOutput{}, err
}

// UpdateResolver changes a resolver.
func (a *AppSync) UpdateResolver(_ context.Context, in *appsync.UpdateResolverInput, _ ...func(*appsync.Options)) (*appsync.UpdateResolverOutput, error) {
	field := *in.TypeName + "." + *in.FieldName
	err := a.request("UpdateResolver", true, func() error {
		if err := a.checkField(*in.TypeName, *in.FieldName); err != nil {
			return err
		}
		if _, ok := a.resolvers[field]; !ok {
			return missing("No resolver found.")
		}
		if !a.dataSources[*in.DataSourceName] {
			return missing("No data source found named %s", *in.DataSourceName)
		}
		a.resolvers[field] = types.Resolver{DataSourceName: in.DataSourceName, Kind: in.Kind, Code: in.Code, Runtime: in.Runtime}
		return nil
	})
	return &appsync.UpdateResolverOutput{}, err
}

// DeleteResolver takes a resolver away.
func (a *AppSync) DeleteResolver(_ context.Context, in *appsync.DeleteResolverInput, _ ...func(*appsync.Options)) (*appsync.DeleteResolverOutput, error) {
	field := *in.TypeName + "." + *in.FieldName
	err := a.request("DeleteResolver", true, func() error {
		if err := a.checkField(*in.TypeName, *in.FieldName); err != nil {
			return err
		}
		if _, ok := a.resolvers[field]; !ok {
			return missing("No resolver found.")
		}
		delete(a.resolvers, field)
		return nil
	})
	return &appsync.DeleteResolverOutput{}, err
}

// CreateDataSource creates a data source.
func (a *AppSync) CreateDataSource(_ context.Context, in *appsync.CreateDataSourceInput, _ ...func(*appsync.Options)) (*appsync.CreateDataSourceOutput, error) {
	err := a.request("CreateDataSource", true, func() error {
		if a.dataSources[*in.Name] {
			return &types.BadRequestException{Message: aws.String("Data source with name " + *in.Name + " already exists")}
		}
		a.dataSources[*in.Name] = true
		return nil
	})
	return &appsync.CreateDataSourceOutput{}, err
}
