// Package stacks has the programs of the online shop's stacks, one function each.
//
// The folders beside it are the Pulumi projects that run them, and paths in them are relative to
// those folders.
package stacks
