package schema

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/reventless/pulumi-reventless/runtime/protocol"
)

// feedArgument is the argument of a feed that names none.
const feedArgument = "row"

// Feed is a subscription that is fed by the owner's own functions and not by what
// clients call. AppSync triggers subscriptions by mutations only, so a feed needs a
// mutation that passes on what it is given. See [WithFeeds].
type Feed struct {
	// Subscription is a field of Subscription in the fragment, without @aws_subscribe.
	Subscription string
	// Mutation is the name of the field of Mutation that is added: what [FeedMutation] says,
	// or [PlatformFeed] for the platform. By its name a feed is told from a mutation of the
	// plugin's own.
	Mutation string
	// Argument is the mutation's only argument, of type AWSJSON!: what subscribers get.
	// Empty is "row".
	Argument string
}

// PlatformFeed feeds the platform's subscription to the outcome of asynchronous
// commands. [PlatformSDL] has it written out; it is here for its names.
var PlatformFeed = Feed{Subscription: "Platform_commandCompleted", Mutation: "Platform_completeCommand", Argument: "result"}

// FeedMutation is the name of the mutation that triggers a plugin's subscription of rows.
// Only the plugin's own function may call it.
func FeedMutation(plugin, subscription string) string {
	return strings.ReplaceAll(plugin, "-", "_") + "_" + subscription + "_feed"
}

// WithFeeds makes these subscriptions feeds. For each of them the fragment gets
//
//	type Mutation { <Mutation>(<Argument>: AWSJSON!): <type of the subscription> @aws_iam }
//
// and the subscription gets @aws_subscribe(mutations: ["<Mutation>"]). Types and fields
// that the subscription leads to and that have authorization directives get @aws_iam
// too: AppSync would leave out of the mutation's result what its caller may not see,
// and subscribers get nothing but this result. What has no directives is open to all
// modes of the API already.
//
// All of it is in [Fragment.SDL], so the canonical text needs no option when it is
// parsed again. [Composer.Set] refuses a feed where the API lacks the mode [IAM].
func WithFeeds(feeds ...Feed) FragmentOption {
	return func(s *fragmentSettings) { s.feeds = append(s.feeds, feeds...) }
}

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// feed adds the mutations of feeds, and @aws_subscribe to their subscriptions.
func (c *checker) feed(feeds []Feed) {
	for _, feed := range feeds {
		if field := c.fedField(feed); field != nil {
			c.addTrigger(feed, field)
		}
	}
}

// fedField finds the subscription of a feed, nil with a problem recorded.
func (c *checker) fedField(feed Feed) *ast.FieldDefinition {
	var fields ast.FieldList
	if root := c.types[subscription]; root != nil {
		fields = root.Fields
	}
	field := fields.ForName(feed.Subscription)
	switch {
	case field == nil:
		c.refuse(nil, "the subscription %s is declared, but the fragment has no such field of Subscription; add \"type Subscription { %s: … }\" or remove the declaration.%s",
			feed.Subscription, feed.Subscription, c.suggest(feed.Subscription, fieldNames(fields)))
	case field.Directives.ForName("aws_subscribe") != nil:
		c.refuse(field.Position, "subscription %s has @aws_subscribe, but it is declared as one that is fed with changes, and triggered by those only; remove the directive or the declaration", field.Name)
	default:
		return field
	}
	return nil
}

func (c *checker) addTrigger(feed Feed, field *ast.FieldDefinition) {
	switch wanted := c.feedMutation(feed.Subscription); {
	case feed.Mutation != wanted:
		c.refuse(field.Position, "subscription %s is fed through mutation %q; let it be %s, by which it is known as the owner's", field.Name, feed.Mutation, wanted)
	case !graphQLName.MatchString(feed.Mutation):
		c.refuse(field.Position, "subscription %s is fed through mutation %q, which is not a GraphQL name; replace everything but letters, digits and underscores by underscores", field.Name, feed.Mutation)
	}
	if feed.Argument == "" {
		feed.Argument = feedArgument
	}
	result := *field.Type
	result.NonNull = false
	root := c.types[mutation]
	if root == nil {
		root = &ast.Definition{Kind: ast.Object, Name: mutation, Position: field.Position}
		c.types[mutation] = root
	}
	root.Fields = append(root.Fields, &ast.FieldDefinition{
		Name: feed.Mutation, Type: &result, Position: field.Position,
		Arguments:  ast.ArgumentDefinitionList{{Name: feed.Argument, Type: ast.NonNullNamedType("AWSJSON", field.Position), Position: field.Position}},
		Directives: ast.DirectiveList{{Name: "aws_iam", Position: field.Position}},
	})
	name := &ast.Value{Kind: ast.StringValue, Raw: feed.Mutation, Position: field.Position}
	field.Directives = append(field.Directives, &ast.Directive{Name: "aws_subscribe", Position: field.Position, Arguments: ast.ArgumentList{{
		Name: "mutations", Position: field.Position,
		Value: &ast.Value{Kind: ast.ListValue, Children: ast.ChildValueList{{Value: name, Position: field.Position}}, Position: field.Position},
	}}})
}

// feedMutation is the name of the mutation that feeds a subscription of the owner's.
func (c *checker) feedMutation(subscription string) string {
	if c.isPlatform() && subscription == PlatformFeed.Subscription {
		return PlatformFeed.Mutation
	}
	return FeedMutation(c.owner, subscription)
}

// feeds gives the subscriptions that are fed, by the mutation that feeds them. A feed
// is known by its name and form, so that it is found in a canonical text too: a mutation with
// one argument of type AWSJSON!, for AWS_IAM alone, that is a subscription's only trigger.
// The form alone may be that of a mutation of the plugin's own, for whose callers nothing is
// to be opened.
func (c *checker) feeds() map[string]*ast.FieldDefinition {
	root := c.types[subscription]
	if root == nil {
		return nil
	}
	fed := map[string]*ast.FieldDefinition{}
	for _, field := range root.Fields {
		directive := field.Directives.ForName("aws_subscribe")
		if directive == nil || len(directive.Arguments) != 1 || len(directive.Arguments[0].Value.Children) != 1 {
			continue
		}
		name := directive.Arguments[0].Value.Children[0].Value.Raw
		if trigger := c.mutations()[name]; name == c.feedMutation(field.Name) && trigger != nil && feeds(trigger) {
			fed[name] = field
		}
	}
	return fed
}

func feeds(trigger *ast.FieldDefinition) bool {
	return len(trigger.Arguments) == 1 && trigger.Arguments[0].Type.String() == "AWSJSON!" &&
		len(trigger.Directives) == 1 && trigger.Directives[0].Name == "aws_iam"
}

// openFeeds lets AWS_IAM see everything that feeds lead to, and returns the feeds.
func (c *checker) openFeeds() map[string]*ast.FieldDefinition {
	fed, seen := c.feeds(), map[string]bool{}
	var open func(name string)
	open = func(name string) {
		def := c.types[name]
		if def == nil || seen[name] || isRoot(name) {
			return
		}
		seen[name] = true
		def.Directives = withIAM(def.Directives)
		for _, field := range def.Fields {
			field.Directives = withIAM(field.Directives)
			open(field.Type.Name())
		}
		for _, other := range c.possible(def) {
			open(other)
		}
	}
	for _, field := range fed {
		open(field.Type.Name())
	}
	return fed
}

// possible are the types that stand behind a union or an interface.
func (c *checker) possible(def *ast.Definition) []string {
	if def.Kind != ast.Interface {
		return def.Types
	}
	return implementations(c.types)[def.Name]
}

// withIAM adds @aws_iam to directives that let in others only.
func withIAM(list ast.DirectiveList) ast.DirectiveList {
	if !isAuthorized(list) || list.ForName("aws_iam") != nil {
		return list
	}
	return append(list[:len(list):len(list)], &ast.Directive{Name: "aws_iam"})
}

// unfed is the problem of a feed in an API that AWS_IAM callers cannot use.
func (c *Composer) unfed(own claim, root RootField, fed *ast.FieldDefinition) Problem {
	return Problem{Code: protocol.CodeInvalidSchema, File: own.file, Line: own.line, Column: own.column, Message: fmt.Sprintf(
		"subscription %s is fed through mutation %s, which only callers with AWS_IAM may use, but the platform's API has only the authorization modes %s; add AWS_IAM to the Platform's modes",
		fed.Name, root.Name, modeNames(c.auth.modes))}
}

// withTriggers gives a kept field, and a subscription without those mutations that are
// neither a fragment's nor kept, or give something else by now.
func (c *Composer) withTriggers(k KeptField, kept []KeptField) *ast.FieldDefinition {
	directive := k.field.Directives.ForName("aws_subscribe")
	if k.Type != subscription || directive == nil || len(directive.Arguments) != 1 {
		return k.field
	}
	names := ast.ChildValueList{}
	for _, child := range directive.Arguments[0].Value.Children {
		if trigger := c.trigger(child.Value.Raw, kept); trigger != nil && nullable(trigger.Type) == nullable(k.field.Type) {
			names = append(names, child)
		}
	}
	copied := *k.field
	copied.Directives = nil
	for _, other := range k.field.Directives {
		if other != directive {
			copied.Directives = append(copied.Directives, other)
		} else if len(names) > 0 {
			argument := *directive.Arguments[0]
			argument.Value = &ast.Value{Kind: ast.ListValue, Children: names}
			copied.Directives = append(copied.Directives, &ast.Directive{Name: directive.Name, Arguments: ast.ArgumentList{&argument}})
		}
	}
	return &copied
}

// trigger finds a mutation among the fragments' and the kept ones.
func (c *Composer) trigger(name string, kept []KeptField) *ast.FieldDefinition {
	if known := c.roots[mutation].byName[name]; known != nil {
		return parsed("type " + mutation + " {\n" + known.source + "}\n").Fields[0]
	}
	for _, k := range kept {
		if k.Type == mutation && k.Name == name {
			return k.field
		}
	}
	return nil
}
