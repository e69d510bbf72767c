package populate

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// showPause is the time between two looks of a display.
const showPause = 100 * time.Millisecond

// show lets the display look at the report now and then, until ctx ends. It draws from a copy: a
// terminal that takes nothing more must hold up nobody.
func (r *run) show(ctx context.Context) {
	tick := time.NewTicker(showPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		r.mu.Lock()
		now := *r.report
		r.mu.Unlock()
		r.display.update(&now)
	}
}

// A display shows how a run goes on. Its methods are called by one goroutine at a time.
type display interface {
	start(total int)
	update(r *Report)
	end(r *Report)
}

// newDisplay is a bar on a terminal, and plain lines elsewhere.
func newDisplay(w io.Writer, table string) display {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &bar{table: table, out: w}
	}
	return &lines{table: table, out: w}
}

// A bar is a progress bar.
type bar struct {
	table string
	out   io.Writer
	bar   *progressbar.ProgressBar
}

func (b *bar) start(total int) {
	if total == 0 {
		return
	}
	b.bar = progressbar.NewOptions(total,
		progressbar.OptionSetWriter(b.out),
		progressbar.OptionSetDescription(b.table),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)
}

func (b *bar) update(r *Report) {
	if b.bar == nil {
		return
	}
	if n := r.finished(); n > b.bar.GetMax() {
		b.bar.ChangeMax(n) // keys that were added while the run went on
	}
	_ = b.bar.Set(r.finished())
}

func (b *bar) end(r *Report) {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
	if r.finished() > 0 {
		_, _ = fmt.Fprintln(b.out, r)
	}
}

// between is the time between two plain lines.
const between = time.Minute

// lines are plain lines, for logs.
type lines struct {
	table string
	out   io.Writer
	total int
	last  time.Time
}

func (l *lines) start(total int) {
	l.total, l.last = total, time.Now()
	if total > 0 {
		l.sayf("%s: %d to make", l.table, total)
	}
}

func (l *lines) update(r *Report) {
	if time.Since(l.last) >= between {
		l.last = time.Now()
		l.sayf("%s: %d of %d finished, %d of them failed", l.table, r.finished(), max(l.total, r.finished()), r.Failed)
	}
}

func (l *lines) end(r *Report) {
	if r.finished() > 0 {
		l.sayf("%s", r)
	}
}

func (l *lines) sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(l.out, format+"\n", args...)
}
