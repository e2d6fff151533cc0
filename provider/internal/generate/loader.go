package generate

import (
	"context"
	"errors"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// alone is the loader of a schema that refers to no other package.
type alone struct{}

var _ schema.ReferenceLoader = alone{}

var errAlone = errors.New("the schema refers to another package; it must stand alone, for generating works without plugins and network")

// LoadPackage refuses.
func (alone) LoadPackage(string, *semver.Version) (*schema.Package, error) { return nil, errAlone }

// LoadPackageV2 refuses.
func (alone) LoadPackageV2(context.Context, *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, errAlone
}

// LoadPackageReference refuses.
func (alone) LoadPackageReference(string, *semver.Version) (schema.PackageReference, error) {
	return nil, errAlone
}

// LoadPackageReferenceV2 refuses.
func (alone) LoadPackageReferenceV2(context.Context, *schema.PackageDescriptor) (schema.PackageReference, error) {
	return nil, errAlone
}
