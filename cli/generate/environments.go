package generate

import (
	"slices"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/skeleton"
)

// firstEnvironment is the environment of an application that names none.
const firstEnvironment = "alpha"

// environmentNames are the environments that are there and those that are asked for. Without
// any of them they are the ones by default.
func (r *request) environmentNames(p *problems, there map[string]configuration, byDefault []string) []string {
	names := sortedNames(there)
	for _, name := range r.environments {
		switch {
		case name == local:
			p.add("--env %s: an environment cannot be called %s, because Pulumi.local.yaml is the file of local values", name, name)
		case !environmentName.MatchString(name):
			p.add("--env %q: the name of an environment is of letters, digits and -_. and begins with a letter or digit, like that of a git branch without slashes", name)
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	if len(names) == 0 && len(r.environments) == 0 {
		names = byDefault
	}
	if len(names) == 0 {
		names = []string{firstEnvironment}
	}
	return names
}

// regionOf is the region of an environment: the given one, else what its configuration says,
// in the first project that says so, else what another environment says, else the one of the
// shell.
func (r *request) regionOf(environment string, projects ...map[string]configuration) string {
	if r.region != "" {
		return r.region
	}
	for _, project := range projects {
		if region := project[environment].region; region != "" {
			return region
		}
	}
	for _, project := range projects {
		for _, name := range sortedNames(project) {
			if region := project[name].region; region != "" {
				return region
			}
		}
	}
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := r.lookup(name); region != "" {
			return region
		}
	}
	return ""
}

// regions checks the regions of environments.
func (p *problems) regions(environments []skeleton.Environment) []skeleton.Environment {
	said := map[string]bool{}
	for _, environment := range environments {
		switch region := environment.Region; {
		case said[region]:
		case region == "":
			p.add("the AWS region is not known: name it with --region, such as eu-west-1, or set AWS_REGION")
		case !regionName.MatchString(region):
			p.add("%q is no AWS region: name one with --region, such as eu-west-1", region)
		}
		said[environment.Region] = true
	}
	return environments
}
