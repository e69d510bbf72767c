package process

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// name reads the name of a process from proc(5). pid is a number or "self".
func name(pid string) string {
	stat, err := readStat(pid)
	place := place()
	if err != nil || place == "" {
		return ""
	}
	return place + "." + stat.pid + "." + stat.start
}

// place is the machine since its last start, and the namespace of process numbers.
var place = sync.OnceValue(func() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "." + strings.Trim(namespace, "pid:[]")
})

func dead(name string) bool {
	parts := strings.Split(name, ".")
	if len(parts) != 4 || parts[0]+"."+parts[1] != place() {
		return false
	}
	pid, err := strconv.Atoi(parts[2])
	if err != nil || pid <= 0 { // which would mean a group of processes
		return false
	}
	found, err := readStat(strconv.Itoa(pid))
	return gone(unix.Kill(pid, 0), found, err, parts[3])
}

// gone judges by what a signal to the process met, and by what /proc shows. Only the one knows of
// every process: with hidepid, /proc has none of other users'.
func gone(signal error, found stat, unread error, start string) bool {
	switch {
	case errors.Is(signal, unix.ESRCH):
		return true
	case unread != nil: // there is one of the number, and nothing to tell whether it is the same
		return false
	}
	return found.start != start || found.state == "Z" || found.state == "X"
}

// A stat is what /proc/PID/stat says: the number, the state (Z and X are dead), and when the
// process began, in ticks since the machine's start.
type stat struct{ pid, state, start string }

// The places of these fields after the name of the program, which stands in parentheses and
// may hold anything.
const (
	stateField = 0
	startField = 19
)

func readStat(pid string) (stat, error) {
	text, err := os.ReadFile("/proc/" + pid + "/stat") //nolint:gosec // pid is a number, or "self"
	if err != nil {
		return stat{}, err
	}
	line := string(text)
	number, _, _ := strings.Cut(line, " ")
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) <= startField {
		return stat{}, errors.New("/proc/" + pid + "/stat has too few fields")
	}
	return stat{number, fields[stateField], fields[startField]}, nil
}
