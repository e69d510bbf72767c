// Package process tells whether a process of this machine is still alive, long after it was
// met: by a name that no other process has, not even one that got its number later.
package process

import "sync"

// Self is the name of this process, at most 100 letters: which start of the machine, which
// namespace of process numbers, which number, and when it began. It is empty where the system
// does not tell.
func Self() string { return self() }

var self = sync.OnceValue(func() string { return name("self") })

// Dead tells whether the process of this name is surely gone. Of a process of another machine,
// or of another container, nothing is sure.
func Dead(name string) bool { return name != "" && dead(name) }
