package dialect

// A Class is a kind of failure that callers handle differently.
type Class int

// The classes of failures.
const (
	// Other is any failure that has no class of its own.
	Other Class = iota
	// Duplicate: a key or a unique index has the value already.
	Duplicate
	// Referenced: a foreign key is violated, from either side.
	Referenced
	// Value: a value does not fit its column: out of range, too long, NULL, not of an enum.
	Value
	// NoTable: the table or its schema is not there.
	NoTable
	// NoColumn: a column is not there.
	NoColumn
	// Denied: the user lacks a right.
	Denied
	// Busy: another transaction was in the way. The failed transaction has been or must be
	// rolled back, has changed nothing, and will likely succeed if it is run again.
	Busy
	// Lost: the connection is gone. What it was about to do may or may not be done.
	Lost
	// TooLarge: a statement is larger than the server takes.
	TooLarge
	// ReadOnly: the database cannot be written: by its rights, its mode, or a full disk.
	ReadOnly
	// Interrupted: the statement was under way when a context ended.
	Interrupted
)
