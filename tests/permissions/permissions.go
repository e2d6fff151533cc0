// Package permissions compares what stacks may do with a table of what they need.
//
//  1. A [Resource] is one of a stack, as the expansion of the components registers it or as
//     the state of a deployed stack has it.
//  2. [Checker.Check] goes through roles, their policies and trust policies, the policies of
//     queues and buckets, and the permissions to invoke functions, and says what is there too much and what is missing, compared
//     with testdata/permissions.yaml: actions, resources, conditions, principals.
//  3. [Checker.Unused] says what the table allows and nothing needed.
package permissions

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Resource is a resource of a stack.
type Resource struct {
	// Type is the type's token, Name the logical name.
	Type, Name string
	Inputs     map[string]any
}

// Checker compares with the table. It remembers what it has seen.
type Checker struct {
	table *table
	seen  map[string]bool
}

// New makes a checker.
func New() (*Checker, error) {
	t, err := load()
	return &Checker{table: t, seen: map[string]bool{}}, err
}

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Effect           string
	Principal        map[string]string
	Action, Resource []string
	Condition        conditions
}

func parse(text any) (document, error) {
	var d document
	content, ok := text.(string)
	if !ok {
		return d, fmt.Errorf("the policy is %T, not a text", text)
	}
	decoder := json.NewDecoder(strings.NewReader(content))
	decoder.DisallowUnknownFields()
	return d, decoder.Decode(&d)
}

// Check lists the differences, in order.
func (c *Checker) Check(resources []Resource) []string {
	var problems []string
	purposes := map[string]string{}
	for _, r := range resources {
		if r.Type == "aws:iam/rolePolicy:RolePolicy" {
			purposes[r.Name], _ = r.Inputs["name"].(string)
		}
	}
	for _, r := range resources {
		for _, problem := range c.check(r, purposes) {
			problems = append(problems, r.Type[strings.LastIndexByte(r.Type, ':')+1:]+" "+r.Name+": "+problem)
		}
	}
	slices.Sort(problems)
	return problems
}

func (c *Checker) check(r Resource, purposes map[string]string) []string {
	var policy string
	switch r.Type {
	case "aws:iam/role:Role":
		policy = "assumeRolePolicy"
	case "aws:iam/rolePolicy:RolePolicy", "aws:sqs/queuePolicy:QueuePolicy", "aws:s3/bucketPolicy:BucketPolicy":
		policy = "policy"
	case "aws:lambda/permission:Permission":
		return c.checkPermission(r)
	case "aws:sns/topicPolicy:TopicPolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
		"aws:iam/policy:Policy", "aws:lambda/functionUrl:FunctionUrl", "aws:dynamodb/resourcePolicy:ResourcePolicy":
		return []string{"is not in the table: nothing of ours has one"}
	default:
		return nil
	}
	d, err := parse(r.Inputs[policy])
	if err != nil {
		return []string{err.Error()}
	}
	switch r.Type {
	case "aws:iam/role:Role":
		return c.checkTrust(purposes[r.Name], r.Inputs, d)
	case "aws:iam/rolePolicy:RolePolicy":
		return c.checkGrants(purposes[r.Name], d)
	case "aws:sqs/queuePolicy:QueuePolicy":
		return c.checkQueue(d)
	}
	return checkBucket(d)
}

// checkGrants compares the policy of a role.
func (c *Checker) checkGrants(part string, d document) (problems []string) {
	purpose, wanted, known := c.table.roleOf(part)
	if !known {
		return []string{"the table has no role " + part}
	}
	allowed := map[string]map[string]bool{}
	for _, s := range d.Statement {
		if s.Effect != "Allow" || s.Principal != nil {
			problems = append(problems, "a statement is no plain Allow")
		}
		for _, arn := range s.Resource {
			if allowed[arn] == nil {
				allowed[arn] = map[string]bool{}
			}
			for _, action := range s.Action {
				allowed[arn][action] = true
			}
			problems = append(problems, c.checkStatement(wanted, arn, s)...)
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(allowed)) {
		problems = append(problems, c.checkActions(purpose, wanted, arn, allowed[arn])...)
	}
	return problems
}

// checkStatement checks the form of a resource, and the condition.
func (c *Checker) checkStatement(wanted role, arn string, s statement) (problems []string) {
	of, known := c.table.kindOf(arn)
	switch {
	case !known:
		return []string{"the table has no kind of resource for " + arn}
	case strings.Contains(arn, "*") && of.Wildcard == "":
		problems = append(problems, arn+" has a wildcard without a reason")
	}
	if want := wanted.Conditions[of.Kind]; !reflect.DeepEqual(want, s.Condition) {
		problems = append(problems, fmt.Sprintf("%s: the condition is %v, not %v", arn, s.Condition, want))
	}
	return problems
}

// checkActions compares the actions on one resource.
func (c *Checker) checkActions(purpose string, wanted role, arn string, actions map[string]bool) (problems []string) {
	of, _ := c.table.kindOf(arn)
	declared := map[string]bool{}
	for _, entry := range wanted.Grants[of.Kind] {
		action, optional := strings.CutSuffix(entry, ifNeeded)
		declared[action] = true
		if actions[action] {
			c.seen[purpose+": "+of.Kind+": "+action] = true
		} else if !optional {
			problems = append(problems, fmt.Sprintf("%s on %s (%s) is missing", action, arn, of.Kind))
		}
	}
	for _, action := range slices.Sorted(maps.Keys(actions)) {
		if !declared[action] {
			problems = append(problems, fmt.Sprintf("%s on %s (%s) is too much", action, arn, of.Kind))
		}
	}
	return problems
}

// checkTrust compares who takes on a role.
func (c *Checker) checkTrust(part string, inputs map[string]any, d document) []string {
	_, wanted, known := c.table.roleOf(part)
	switch {
	case !known:
		return []string{"the table has no role " + part}
	case len(d.Statement) != 1:
		return []string{"the trust policy has not one statement"}
	case len(asList(inputs["managedPolicyArns"])) > 0 || len(asList(inputs["inlinePolicies"])) > 0:
		return []string{"the role has further policies"}
	}
	s := d.Statement[0]
	problems := expect(s, statement{Effect: "Allow", Principal: map[string]string{"Service": wanted.Trust.Service}, Action: []string{"sts:AssumeRole"}})
	if wanted.Trust.Sources == "" {
		if s.Condition != nil {
			problems = append(problems, fmt.Sprintf("the trust has a condition: %v", s.Condition))
		}
		return problems
	}
	return append(problems, c.checkSource(s, []string{wanted.Trust.Sources})...)
}

// checkQueue compares who may send to a queue.
func (c *Checker) checkQueue(d document) (problems []string) {
	for _, s := range d.Statement {
		if len(s.Resource) != 1 {
			problems = append(problems, "a statement has not one resource")
			continue
		}
		of, _ := c.table.kindOf(s.Resource[0])
		wanted, known := c.table.Queues[of.Kind]
		if !known {
			problems = append(problems, "the table has no senders for "+s.Resource[0])
			continue
		}
		problems = append(problems, expect(s, statement{Effect: "Allow", Principal: map[string]string{"Service": wanted.Service},
			Action: []string{"sqs:SendMessage"}, Resource: s.Resource})...)
		problems = append(problems, c.checkSource(s, wanted.Sources)...)
	}
	return problems
}

// checkPermission compares who may invoke a function: one service for one source.
func (c *Checker) checkPermission(r Resource) []string {
	part := r.Name[strings.LastIndexByte(r.Name, '-')+1:]
	wanted, known := c.table.Functions[part]
	if !known {
		return []string{"the table has no permission " + part}
	}
	source, _ := r.Inputs["sourceArn"].(string)
	of, _ := c.table.kindOf(source)
	var problems []string
	if r.Inputs["action"] != "lambda:InvokeFunction" || r.Inputs["principal"] != wanted.Service {
		problems = append(problems, fmt.Sprintf("%v may do %v, not %s lambda:InvokeFunction", r.Inputs["principal"], r.Inputs["action"], wanted.Service))
	}
	if !slices.Contains(wanted.Sources, of.Kind) || strings.Contains(source, "*") {
		problems = append(problems, fmt.Sprintf("the source %q is not one of the kinds %s", source, strings.Join(wanted.Sources, ", ")))
	}
	return problems
}

// checkSource wants aws:SourceArn and aws:SourceAccount, and nothing else, in a condition.
func (c *Checker) checkSource(s statement, kinds []string) []string {
	given := s.Condition["ArnEquals"]
	if given == nil {
		given = s.Condition["ArnLike"]
	}
	sources, account := asList(given["aws:SourceArn"]), s.Condition["StringEquals"]["aws:SourceAccount"]
	if len(s.Condition) != 2 || len(given) != 1 || len(s.Condition["StringEquals"]) != 1 || len(sources) == 0 || account == "" {
		return []string{fmt.Sprintf("the condition is not aws:SourceArn and aws:SourceAccount: %v", s.Condition)}
	}
	var problems []string
	for _, source := range sources {
		arn, _ := source.(string)
		of, _ := c.table.kindOf(arn)
		if !slices.Contains(kinds, of.Kind) {
			problems = append(problems, fmt.Sprintf("the source %s is not of the kinds %s", arn, strings.Join(kinds, ", ")))
		}
		if own := strings.Split(arn, ":"); len(own) > 4 && own[4] != "" && own[4] != account {
			problems = append(problems, fmt.Sprintf("the source %s is not of the account %s", arn, account))
		}
	}
	return problems
}

// checkBucket wants that what does not come over TLS is refused, and nothing else.
func checkBucket(d document) []string {
	if len(d.Statement) != 1 || len(d.Statement[0].Resource) == 0 {
		return []string{"the policy has not one statement"}
	}
	s := d.Statement[0]
	bucket := s.Resource[0]
	problems := expect(s, statement{Effect: "Deny", Principal: map[string]string{"AWS": "*"}, Action: []string{"s3:*"}, Resource: []string{bucket, bucket + "/*"}})
	if want := (conditions{"Bool": {"aws:SecureTransport": "false"}}); !reflect.DeepEqual(want, s.Condition) {
		problems = append(problems, fmt.Sprintf("the condition is %v, not %v", s.Condition, want))
	}
	return problems
}

// expect compares all but the condition.
func expect(got, want statement) []string {
	got.Condition, want.Condition = nil, nil
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return []string{fmt.Sprintf("the statement is %v, not %v", got, want)}
}

func asList(value any) []any {
	switch given := value.(type) {
	case nil:
		return nil
	case []any:
		return given
	}
	return []any{value}
}

// Unused lists what the table has and no role needed.
func (c *Checker) Unused() []string {
	var unused []string
	for purpose, role := range c.table.Roles {
		for kind, actions := range role.Grants {
			for _, action := range actions {
				entry := purpose + ": " + kind + ": " + strings.TrimSuffix(action, ifNeeded)
				if !c.seen[entry] {
					unused = append(unused, entry)
				}
			}
		}
	}
	slices.Sort(unused)
	return unused
}
