package definition

const (
	// rebuildSuffix is what the name of the table ends in that a rebuild makes.
	rebuildSuffix = "-rebuild"
	// maxTableName is the longest name of a table in characters (DynamoDB developer guide,
	// "Naming rules").
	maxTableName = 255
)

// RebuildTable is the name of the table in which a rebuild makes the rows of a read model
// whose table has the given name. Of a name that is too long the end is kept, which is
// where names that were cut differ.
func RebuildTable(table string) string {
	cut := max(0, len(table)+len(rebuildSuffix)-maxTableName)
	return table[cut:] + rebuildSuffix
}
