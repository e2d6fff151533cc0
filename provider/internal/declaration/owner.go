package declaration

import "github.com/pulumi/pulumi-go-provider/infer"

// The claims that AppSync has beside all others, and the one that says who a caller is
// unless the owner says otherwise.
const (
	ClaimSub      = "sub"
	ClaimUsername = "username"
	DefaultClaim  = ClaimSub
)

// Owner says whose a row is: queries show it to its owner and to elevated callers.
type Owner struct {
	Field          string   `pulumi:"field"`
	Claim          *string  `pulumi:"claim,optional"`
	ElevatedGroups []string `pulumi:"elevatedGroups,optional"`
}

// ownerText describes the property of what has rows.
const ownerText = "Whose a row is, such as `{field: customerId, elevatedGroups: [Admin]}`: queries show a row to its owner, to users of these groups and to requests by `AWS_IAM`. " +
	"Default: queries show every row to whoever may use them."

// CallersClaim is the claim that says who a caller is.
func (o Owner) CallersClaim() string {
	if o.Claim == nil || *o.Claim == "" {
		return DefaultClaim
	}
	return *o.Claim
}

// Annotate describes the type in the provider's schema.
func (o *Owner) Annotate(annotator infer.Annotator) {
	annotator.Describe(&o, "Whose a row is. The resolvers of all queries of the rows see to it: who is neither the owner nor elevated gets null for a row, and pages without it. "+
		"A caller without the claim, such as one with an API key, owns nothing.")
	annotator.Describe(&o.Field, "The row field with the owner's identity, such as `customerId`, or `id`: an `ID` or `String`, which every type that the queries return has. "+
		"A row without a value is nobody's. With a query of the kind `list` the table gets an index by the field, with one that goes `byIndex` another field "+
		"one by this field and the query's `sortBy`.")
	annotator.Describe(&o.Claim, "What of the caller's identity is compared with the field: `sub`, the user's id, which stays the same and is never given to another; "+
		"`username`; or another claim of the token, such as `custom:customerId`. A claim that users may change themselves protects nothing. Default: `sub`.")
	annotator.SetDefault(&o.Claim, DefaultClaim)
	annotator.Describe(&o.ElevatedGroups, "The groups of the user pool whose users see the rows of all owners, such as `[Admin, Fulfilment]`. Default: none. "+
		"Requests by `AWS_IAM` see all rows too, unless their credentials are of a Cognito identity pool.")
}
