package appsync

import (
	"context"
	"errors"

	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/datasource"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsync/execution"
	"github.com/reventless/pulumi-reventless/localaws/internal/appsyncjs"
)

// resolverRun is one call of a resolver.
type resolverRun struct {
	host     *host
	resolver *resolver
	call     execution.Call
	// stash is kept between the handlers, failures are those of util.appendError.
	stash    any
	failures []execution.Failure
}

// resolve runs the request handler, the data source and the response handler.
func (r *resolverRun) resolve(ctx context.Context) execution.Outcome {
	r.stash = map[string]any{}
	source, failure := r.source()
	if failure != nil {
		return r.outcome(nil, failure)
	}
	if r.resolver.program == nil {
		return r.direct(ctx, source)
	}
	request, done := r.evaluate(ctx, appsyncjs.Request, r.context())
	if done != nil {
		return *done
	}
	result, failed := source.Call(ctx, request)
	input := r.context()
	input["result"], input["prev"] = result, map[string]any{"result": result}
	if failed != nil {
		input["error"] = map[string]any{"message": failed.Message, "type": failed.Type}
	}
	value, done := r.evaluate(ctx, appsyncjs.Response, input)
	if done != nil {
		return *done
	}
	return r.outcome(value, nil)
}

// evaluate runs a handler. A non-nil outcome ends the resolver: an error or an early
// return.
func (r *resolverRun) evaluate(ctx context.Context, handler appsyncjs.Handler, input map[string]any) (any, *execution.Outcome) {
	evaluation, err := r.resolver.program.Evaluate(ctx, handler, input)
	for _, appended := range evaluation.Errors {
		r.failures = append(r.failures, failureOf(&appended))
	}
	if err != nil {
		failure := execution.Failure{Type: "Code", Message: err.Error()}
		var thrown *appsyncjs.Thrown
		if errors.As(err, &thrown) {
			failure = failureOf(thrown)
		}
		outcome := r.outcome(nil, &failure)
		return nil, &outcome
	}
	r.stash = evaluation.Stash
	if failure := r.host.extensions.add(r.call.TypeName, handler, evaluation.Extensions); failure != nil {
		outcome := r.outcome(nil, failure)
		return nil, &outcome
	}
	if evaluation.Early {
		outcome := r.outcome(evaluation.Result, nil)
		return nil, &outcome
	}
	return evaluation.Result, nil
}

func failureOf(thrown *appsyncjs.Thrown) execution.Failure {
	return execution.Failure{Message: thrown.Message, Type: thrown.Type, Data: thrown.Data, Info: thrown.Info}
}

func (r *resolverRun) outcome(value any, failure *execution.Failure) execution.Outcome {
	failures := r.failures
	if failure != nil {
		failures = append(failures, *failure)
	}
	return execution.Outcome{Value: value, Errors: failures}
}

// direct calls a function with the whole context, as a resolver without code does.
func (r *resolverRun) direct(ctx context.Context, source datasource.Source) execution.Outcome {
	function, ok := source.(datasource.Lambda)
	if !ok {
		return r.outcome(nil, &execution.Failure{Type: "MappingTemplate", Message: "A resolver without code needs a data source of type AWS_LAMBDA."})
	}
	payload := r.context()
	delete(payload, "args")
	delete(payload, "env")
	result, failed := function.Invoke(ctx, payload)
	if failed != nil {
		return r.outcome(nil, &execution.Failure{Type: failed.Type, Message: failed.Message})
	}
	return r.outcome(result, nil)
}

// source is the resolver's data source.
func (r *resolverRun) source() (datasource.Source, *execution.Failure) {
	name := r.resolver.document.text("dataSourceName")
	stored, ok := r.host.view.sources[name]
	if !ok {
		return nil, &execution.Failure{Type: "BadRequestException", Message: errDataSource(name).message}
	}
	service := r.host.service
	permit := r.host.permit(stored.text("serviceRoleArn"))
	switch stored.text("type") {
	case "AWS_LAMBDA":
		if service.options.Lambda == nil {
			return nil, &execution.Failure{Type: "Lambda:AWSLambdaException", Message: "This AppSync was started without Lambda."}
		}
		return datasource.Lambda{Permit: permit, Invoker: service.options.Lambda, FunctionARN: stored.object("lambdaConfig").text("lambdaFunctionArn")}, nil
	case "AMAZON_DYNAMODB":
		return datasource.DynamoDB{Permit: permit, Client: service.dynamo, Table: stored.object("dynamodbConfig").text("tableName"),
			ARN: "arn:aws:dynamodb:" + service.options.Region + ":" + service.options.AccountID + ":table/" + stored.object("dynamodbConfig").text("tableName")}, nil
	default:
		return datasource.None{}, nil
	}
}

// permit says what AppSync may do with a data source's role, if it may take it on.
func (h *host) permit(role string) datasource.Permit {
	return func(ctx context.Context, action, resource string) error {
		enforcer := h.service.options.Enforcer
		if err := enforcer.Assume(ctx, role, "appsync.amazonaws.com", h.service.arn(h.view.id)); err != nil {
			return err
		}
		return enforcer.CheckRole(ctx, role, "APPSYNC_ASSUME_ROLE", action, resource)
	}
}

// context is the resolver context that handlers and direct functions get.
func (r *resolverRun) context() map[string]any {
	var identity any
	if r.host.caller.identity != nil {
		identity = r.host.caller.identity
	}
	return map[string]any{
		"arguments": r.call.Arguments, "args": r.call.Arguments, "source": r.call.Source, "identity": identity,
		"request": map[string]any{"headers": r.host.headers, "domainName": nil},
		"info": map[string]any{
			"fieldName": r.call.FieldName, "parentTypeName": r.call.TypeName, "variables": r.call.Variables,
			"selectionSetList": r.call.Selections, "selectionSetGraphQL": r.call.SelectionSet,
		},
		"stash": r.stash, "prev": nil, "env": map[string]any{},
	}
}
