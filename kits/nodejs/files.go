// Package nodejs has the files of the kit for JavaScript and TypeScript, for those who copy
// them.
package nodejs

import "embed"

// Files are the files of the package but its package.json, by their names.
//
//go:embed index.d.ts index.js testing.d.ts testing.js
var Files embed.FS
