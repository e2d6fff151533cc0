package upgrade

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/reventless/pulumi-reventless/localaws/pulumicli"
)

// replaceable are the types of which an upgrade may replace a resource, with the reason why
// nobody notices.
var replaceable = map[string]string{
	"aws:lambda/layerVersion:LayerVersion": "a version cannot be changed; the new one is there before functions use it, and a function keeps the version that it has",
}

// Retired are the URNs of resources that an upgrade takes out of the deployment, with the
// reason why nothing is lost with them.
type Retired map[string]string

// Violations says what of a plan an upgrade must not do: replace anything but what is
// replaceable, and delete anything but what is retired.
func Violations(plan []pulumicli.Step, retired Retired) []string {
	var found []string
	for _, step := range plan {
		kind, name := parts(step.URN)
		switch step.Op {
		case "same", "create", "update":
		case "replace", "create-replacement", "delete-replaced":
			if replaceable[kind] == "" {
				found = append(found, fmt.Sprintf("%s %s would be replaced, because these inputs differ: %s", kind, name, strings.Join(step.ReplaceReasons, ", ")))
			}
		case "delete":
			if retired[step.URN] == "" {
				found = append(found, fmt.Sprintf("%s %s would be deleted: keep it, or give what takes its place an alias", kind, name))
			}
		default:
			found = append(found, fmt.Sprintf("%s %s: nobody has said yet whether an upgrade may %q", kind, name, step.Op))
		}
	}
	return found
}

// Replaced says which resources an update has replaced or deleted: they are no longer in
// the state with the id and the time of their creation. A table that is made anew has the
// same id.
func Replaced(before, after []pulumicli.Resource, retired Retired) []string {
	var found []string
	for _, then := range before {
		kind, name := parts(then.URN)
		if then.ID == "" || strings.HasPrefix(kind, "pulumi:") || replaceable[kind] != "" || retired[then.URN] != "" {
			continue
		}
		if !slices.ContainsFunc(after, func(now pulumicli.Resource) bool {
			return now.Type == then.Type && now.ID == then.ID && now.Created == then.Created
		}) {
			found = append(found, fmt.Sprintf("%s %s (%s) was replaced or deleted", kind, name, then.ID))
		}
	}
	return found
}

// Missing are the items of then that are not among those of now, in the tables that count.
func Missing(then, now map[string][]json.RawMessage, counts func(table string) bool) []string {
	var found []string
	for table, items := range then {
		for _, item := range items {
			if counts(table) && !slices.ContainsFunc(now[table], func(other json.RawMessage) bool { return string(other) == string(item) }) {
				found = append(found, fmt.Sprintf("%s: %s", table, item))
			}
		}
	}
	return found
}

// parts are the type and the name of a URN.
func parts(urn string) (kind, name string) {
	fields := strings.SplitN(urn, "::", 4)
	if len(fields) < 4 {
		return "", urn
	}
	kind = fields[2]
	return kind[strings.LastIndex(kind, "$")+1:], fields[3]
}
