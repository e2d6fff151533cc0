package graph

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/reventless/pulumi-reventless/provider/internal/declaration"
)

// Where rows have an owner, the code of their resolvers begins with viewer, which says
// whose rows the caller sees:
//
//  1. no identity, as with an API key: nobody's;
//  2. AWS_IAM: everybody's, but nobody's with credentials that an identity pool gave to
//     somebody who uses the application;
//  3. a user in an elevated group: everybody's;
//  4. any other caller: those of the owner that the claim names, nobody's without it.
//
// Whoever sees nobody's rows gets empty pages without asking the table.
const viewer = `function viewer(who) {
  if (!who) return {};
  if (who.userArn) return { all: !who.cognitoIdentityId };
%s  const id = %s;
  return id ? { id: '' + id } : {};
}
`

// AppSync refuses some functions that are passed to others, so the groups are walked.
const elevated = `  for (const group of who.groups ?? []) {
    if (%s.includes(group)) return { all: true };
  }
`

// viewerCode is the function viewer for an owner.
func viewerCode(owner declaration.Owner) string {
	groups := ""
	if len(owner.ElevatedGroups) > 0 {
		groups = fmt.Sprintf(elevated, quoted(owner.ElevatedGroups))
	}
	return fmt.Sprintf(viewer, groups, claimOf(owner))
}

// claimOf is the expression for the caller's claim.
func claimOf(owner declaration.Owner) string {
	switch claim := owner.CallersClaim(); claim {
	case declaration.ClaimSub, declaration.ClaimUsername:
		return "who." + claim
	default:
		return "(who.claims ?? {})[" + strconv.Quote(claim) + "]"
	}
}

// quoted is a list of texts in JavaScript.
func quoted(texts []string) string {
	list, _ := json.Marshal(texts) // texts always marshal
	return string(list)
}
