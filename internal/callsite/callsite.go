// Package callsite names the place in a user's program that called, for the panics of wrong
// declarations.
package callsite

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// Of is the file and line of a call, "lab/tables.go:33": the file with its folder, since many
// packages have a tables.go, and the line on which the call begins. skip 1 is the caller of the function that calls Of, 2 the
// caller of that, and so on.
func Of(skip int) string {
	_, file, line, ok := runtime.Caller(skip + 1)
	if !ok {
		return "an unknown place"
	}
	return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)), line)
}
