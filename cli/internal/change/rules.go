package change

import (
	"cmp"
	"slices"
)

// Rule says why a file, or something else, changes a stack.
type Rule string

// The rules. Of a file that several have to do with, the first says why.
const (
	// RuleNoBase: there is nothing to compare with.
	RuleNoBase Rule = "no-base"
	// RuleOutside: the stack's folder is in another repository, which is not compared.
	RuleOutside Rule = "outside"
	// RuleManifest: the stack's entry in the manifest is new or another.
	RuleManifest Rule = "manifest"
	// RuleFramework: all stacks share it.
	RuleFramework Rule = "framework"
	// RuleConfiguration: it is the stack's configuration in this environment.
	RuleConfiguration Rule = "configuration"
	// RuleFolder: it is in the stack's own folder.
	RuleFolder Rule = "folder"
	// RuleBeside: it is in the folder of the same name without -aws, or with -spec instead.
	RuleBeside Rule = "beside"
	// RuleReads: the Pulumi project reads it.
	RuleReads Rule = "reads"
	// RuleDependency: the program's code depends on it.
	RuleDependency Rule = "dependency"
	// RuleWatch: the manifest says that the stack watches it.
	RuleWatch Rule = "watch"
)

// rules are in their order.
var rules = []Rule{RuleNoBase, RuleOutside, RuleManifest, RuleFramework, RuleConfiguration, RuleFolder, RuleBeside, RuleReads, RuleDependency, RuleWatch}

// reason is what several files may have in common.
type reason struct {
	rule Rule
	why  string
}

func compare(a, b reason) int {
	return cmp.Or(cmp.Compare(slices.Index(rules, a.rule), slices.Index(rules, b.rule)), cmp.Compare(a.why, b.why))
}
