//go:build !linux

package testdb

import (
	"os"
	"os/exec"
)

// endWithParent does nothing: only Linux ends a process with its parent. Elsewhere
// Main and each test's clean-up end servers, and a test process that is killed
// leaves its own behind.
func endWithParent(*exec.Cmd) {}

// tryLock reports that nothing may be swept: the server of a killed test process
// may still run.
func tryLock(*os.File) (bool, error) { return false, nil }
