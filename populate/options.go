package populate

import (
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/schema"
)

// Options say how Populate works; nil stands for the defaults.
type Options struct {
	// Workers is how many makes run at once in this process. The default, 0, is 1.
	Workers int
	// Lease is how long after this process was last heard of its jobs are given to others.
	// It is heard of three times as often. The default, 0, is 30 s.
	Lease time.Duration
	// LeaveOthers ends the call when nothing is left that this process could make. The
	// default is to wait until what other processes have reserved is made, too, and to make it
	// if they die.
	LeaveOthers bool
	// Refresh says how the queue is refreshed at the start; nil stands for its defaults.
	Refresh *jobs.RefreshOptions
	// Version is kept with each row that is made, at most 64 letters of it. The default, "",
	// is the commit from which the program was built, as far as it is known.
	Version string
	// Output is where progress is shown: as a bar where it is a terminal, in plain lines
	// elsewhere. The default, nil, is standard error; io.Discard is silence.
	Output io.Writer
	// Log is told of lost leases and of trouble that was overcome. The default, nil, is
	// slog.Default().
	Log *slog.Logger
}

const defaultLease = 30 * time.Second

// withDefaults fills in what was left out.
func (o *Options) withDefaults() Options {
	var filled Options
	if o != nil {
		filled = *o
	}
	if filled.Workers < 1 {
		filled.Workers = 1
	}
	if filled.Lease <= 0 {
		filled.Lease = defaultLease
	}
	if filled.Version == "" {
		filled.Version = buildVersion()
	}
	if letters := []rune(filled.Version); len(letters) > schema.MaxVersion {
		filled.Version = string(letters[:schema.MaxVersion])
	}
	if filled.Output == nil {
		filled.Output = os.Stderr
	}
	if filled.Log == nil {
		filled.Log = slog.Default()
	}
	return filled
}

// buildVersion is the commit from which the program was built, or the version of its module.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if commit != "" {
		return commit + dirty
	}
	if info.Main.Version == "(devel)" { // which says nothing
		return ""
	}
	return info.Main.Version
}
