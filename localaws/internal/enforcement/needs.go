package enforcement

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Call is a request of an AWS API.
type Call struct {
	// Service is the service that signs it; streams of DynamoDB are "dynamodbstreams".
	// Operation is the operation's name in the API model, "" for S3, whose operations
	// follow from the request.
	Service, Operation string
	// Request has method, path, query and headers; its body is Body.
	Request *http.Request
	Body    []byte
	// Form are the parameters in the query protocol.
	Form url.Values
}

// Needs says what a call needs: all of them.
func (e *Enforcer) Needs(c Call) []Need {
	n := needs{region: e.options.Region, account: e.options.AccountID, call: c}
	switch c.Service {
	case "dynamodb":
		return n.dynamoDB()
	case "dynamodbstreams":
		return n.streams()
	case "sqs":
		return n.sqs()
	case "sns":
		return n.sns()
	case "s3":
		return n.s3()
	case "lambda":
		return n.lambda()
	case "scheduler":
		return n.scheduler()
	case "appsync":
		return n.appSync()
	case "logs":
		return n.logs()
	}
	return n.on(c.Service, c.Operation)
}

// needs derives needs from one call.
type needs struct {
	region, account string
	call            Call
}

func (n needs) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + n.region + ":" + n.account + ":" + resource
}

// on needs the operation itself, under the service's prefix, on resources; "*" for none.
func (n needs) on(prefix, action string, resources ...string) []Need {
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	all := make([]Need, len(resources))
	for i, resource := range resources {
		all[i] = Need{Action: prefix + ":" + action, Resource: resource}
	}
	return all
}

// pass needs to hand a role to a service; nothing without a role.
func (n needs) pass(role, service string) []Need {
	if role == "" {
		return nil
	}
	return []Need{{Action: "iam:PassRole", Resource: role, Context: map[string]string{"iam:PassedToService": service}}}
}

// decode reads the body; what cannot be read is empty, and refused later by the service.
func (n needs) decode(into any) { _ = json.Unmarshal(n.call.Body, into) }

// parts are the segments of the path, decoded.
func (n needs) parts() []string {
	parts := strings.Split(strings.Trim(n.call.Request.URL.EscapedPath(), "/"), "/")
	for i, part := range parts {
		if decoded, err := url.PathUnescape(part); err == nil {
			parts[i] = decoded
		}
	}
	return parts
}

// part is a segment of the path, "" when there are fewer.
func (n needs) part(i int) string {
	if parts := n.parts(); i < len(parts) {
		return parts[i]
	}
	return ""
}

// sqs: batches need what their single operations need.
func (n needs) sqs() []Need {
	var request struct{ QueueUrl, QueueName, SourceArn string }
	if n.decode(&request); n.call.Form != nil {
		request.QueueUrl, request.QueueName = n.call.Form.Get("QueueUrl"), n.call.Form.Get("QueueName")
	}
	action := strings.TrimSuffix(n.call.Operation, "Batch")
	switch {
	case request.QueueUrl != "":
		return n.on("sqs", action, n.arn("sqs", path.Base(request.QueueUrl)))
	case request.QueueName != "":
		return n.on("sqs", action, n.arn("sqs", request.QueueName))
	case request.SourceArn != "":
		return n.on("sqs", action, request.SourceArn)
	}
	return n.on("sqs", action)
}

func (n needs) sns() []Need {
	action := strings.TrimSuffix(n.call.Operation, "Batch")
	for _, name := range []string{"TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn"} {
		if arn := n.call.Form.Get(name); arn != "" {
			return n.on("sns", action, arn)
		}
	}
	return n.on("sns", action)
}

// lambda: Invoke is lambda:InvokeFunction. Other operations are not for functions.
func (n needs) lambda() []Need {
	if n.call.Operation == "" || n.part(1) != "functions" || n.part(2) == "" {
		return n.on("lambda", n.call.Operation)
	}
	action := n.call.Operation
	if action == "Invoke" {
		action = "InvokeFunction"
	}
	function := n.part(2)
	if !strings.HasPrefix(function, "arn:") {
		function = n.arn("lambda", "function:"+function)
	}
	return n.on("lambda", action, function)
}

// scheduler: a schedule hands its role to Scheduler.
func (n needs) scheduler() []Need {
	var request struct {
		GroupName string
		Target    struct{ RoleArn string }
	}
	n.decode(&request)
	group := request.GroupName
	if group == "" {
		group = n.call.Request.URL.Query().Get("groupName")
	}
	if group == "" {
		group = "default"
	}
	switch {
	case n.part(0) == "schedules" && n.part(1) != "":
		all := n.on("scheduler", n.call.Operation, n.arn("scheduler", "schedule/"+group+"/"+n.part(1)))
		return append(all, n.pass(request.Target.RoleArn, "scheduler.amazonaws.com")...)
	case n.part(0) == "schedule-groups" && n.part(1) != "":
		return n.on("scheduler", n.call.Operation, n.arn("scheduler", "schedule-group/"+n.part(1)))
	}
	return n.on("scheduler", n.call.Operation)
}

// appSync: the control plane names what it works on by the request's path. A data source
// hands its role to AppSync, and so does an API that logs.
func (n needs) appSync() []Need {
	var request struct {
		ServiceRoleArn string
		LogConfig      struct{ CloudWatchLogsRoleArn string }
	}
	switch n.call.Operation {
	case "CreateDataSource", "UpdateDataSource", "CreateGraphqlApi", "UpdateGraphqlApi":
		n.decode(&request)
	}
	all := n.on("appsync", n.call.Operation, n.arn("appsync", n.call.Request.URL.Path))
	all = append(all, n.pass(request.ServiceRoleArn, "appsync.amazonaws.com")...)
	return append(all, n.pass(request.LogConfig.CloudWatchLogsRoleArn, "appsync.amazonaws.com")...)
}

// logs: AWS names a group by the beginning of its streams' ARNs, so a policy about it ends
// in ":*".
func (n needs) logs() []Need {
	var request struct{ LogGroupName, LogStreamName string }
	if n.decode(&request); request.LogGroupName == "" {
		return n.on("logs", n.call.Operation)
	}
	return n.on("logs", n.call.Operation, n.arn("logs", "log-group:"+request.LogGroupName+":log-stream:"+request.LogStreamName))
}

// Field needs to use a field of a root type of an API.
func (e *Enforcer) Field(apiID, rootType, field string) Need {
	n := needs{region: e.options.Region, account: e.options.AccountID}
	return Need{Action: "appsync:GraphQL", Resource: n.arn("appsync", "apis/"+apiID+"/types/"+rootType+"/fields/"+field)}
}
