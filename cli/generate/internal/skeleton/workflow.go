package skeleton

import (
	"strconv"
	"strings"

	"github.com/reventless/pulumi-reventless/cli/generate/internal/generated"
)

// WorkflowFile is the workflow that deploys from GitHub, in the root of the repository.
const WorkflowFile = ".github/workflows/deploy.yml"

// Deployment is what the workflow has to know of a repository.
type Deployment struct {
	// Environments are the names of branches.
	Environments []string
	// Node, Python and Go say which languages a run needs: those of the programs, and that of
	// handlers that are built.
	Node, Python, Go bool
	// Builds are the folders of the handlers in Go, which are built before they are deployed.
	Builds  []string
	Release Release
}

// List are the branches, as a list in YAML.
func (d Deployment) List() string {
	quoted := make([]string, len(d.Environments))
	for i, name := range d.Environments {
		quoted[i] = strconv.Quote(name)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Workflow gives the workflow.
func Workflow(deployment Deployment) (generated.File, error) {
	files, err := render("workflow", ".", deployment)
	if err != nil {
		return generated.File{}, err
	}
	return generated.File{Path: WorkflowFile, Content: files[0].Content}, nil
}
