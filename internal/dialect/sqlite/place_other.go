//go:build !linux

package sqlite

// networkFileSystem knows file systems on Linux only, where clusters are.
func networkFileSystem(string) string { return "" }
