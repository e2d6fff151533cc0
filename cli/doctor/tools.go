package doctor

import (
	"context"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/internal/manifest"
)

// tools checks the pulumi command and its login.
func (e *examination) tools(ctx context.Context) {
	found, err := e.Find()
	if err != nil {
		e.add(checkPulumi, "", Problem, "install it from https://www.pulumi.com/docs/install and put it on the PATH", "%s", err)
		e.unchecked(checkLogin, "", "there is no pulumi command that can be used")
		return
	}
	version, err := found.Version()
	if err != nil {
		e.add(checkPulumi, "", Problem, "run `pulumi version` and mend what it says", "the pulumi command does not tell its version: %s", err)
		e.unchecked(checkLogin, "", "the pulumi command does not work")
		return
	}
	e.ok(checkPulumi, "", "pulumi %s", version)
	e.pulumi = found
	login, err := found.Login(ctx, e.Folder)
	if err != nil {
		e.add(checkLogin, "", Problem,
			"run `pulumi login`, or `pulumi login <backend>` for one of your own; in CI set PULUMI_ACCESS_TOKEN or PULUMI_BACKEND_URL",
			"the backend of the stacks cannot be used: %s", err)
		return
	}
	e.login = login
	e.ok(checkLogin, "", "%s at %s", login.User, login.URL)
}

// projects checks the manifest and which stacks take part in the environment.
func (e *examination) projects(ctx context.Context) {
	plan, err := e.Plan(ctx)
	if err != nil {
		for _, text := range strings.Split(err.Error(), "\n") {
			e.add(checkManifest, "", Problem, "edit the file that is named; what is to be done is said with it", "%s", text)
		}
		for _, check := range append([]string{checkEnvironment}, stackChecks...) {
			e.unchecked(check, "", "without the manifest and its projects the stacks are not known")
		}
		return
	}
	e.plan = plan
	e.ok(checkManifest, "", "%s: %s, environment %s", manifest.File, plural(len(plan.Targets), "stack"), plan.Environment)
	for _, target := range plan.Targets {
		if target.Skip == "" {
			e.ok(checkEnvironment, target.Name, "takes part in %s", plan.Environment)
			e.patients = append(e.patients, &patient{Target: target})
			continue
		}
		e.add(checkEnvironment, target.Name, Note, "to deploy it in "+plan.Environment+", make that file", "is skipped in %s: %s", plan.Environment, target.Skip)
	}
	if len(e.patients) == 0 {
		e.add(checkEnvironment, "", Warning, "name another environment with --stack, or add Pulumi."+plan.Environment+".yaml to the projects",
			"no stack takes part in %s, so a push to this branch deploys nothing", plan.Environment)
	}
}
