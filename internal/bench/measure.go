package main

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// spent is what a run took.
type spent struct {
	Seconds float64 `json:"seconds"`
	// Memory is by how many bytes it let its process grow, at the most; of several processes the sum. It is -1 where
	// the system does not tell.
	Memory int64 `json:"memory"`
}

// here is a way that does its work in this process.
func here(do func(ctx context.Context) error) way {
	return func(ctx context.Context) (spent, error) {
		return measure(func() error { return do(ctx) })
	}
}

func measure(do func() error) (spent, error) {
	runtime.GC()
	debug.FreeOSMemory()
	before := resetPeak()
	start := time.Now()
	err := do()
	s := spent{Seconds: time.Since(start).Seconds(), Memory: -1}
	if peak := memory("VmHWM:"); before >= 0 && peak >= 0 {
		s.Memory = max(peak-before, 0)
	}
	return s, err
}

// resetPeak begins to watch how large this process becomes, and is how large it is.
func resetPeak() int64 {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		return -1
	}
	return memory("VmRSS:")
}

// memory reads how many bytes Linux tells of this process; -1 elsewhere.
func memory(name string) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return -1
	}
	_, rest, found := bytes.Cut(status, []byte("\n"+name))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return -1
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return -1
	}
	return kib << 10
}
