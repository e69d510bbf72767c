package populate

import (
	"io"
	"slices"
	"sync"
	"time"
)

// A board shows how the makers of one call go on, be it of Populate, All or Work. Its display is drawn by one
// goroutine, which looks at the runs: a terminal that takes nothing more holds up nobody.
type board struct {
	rows    []*row // one a maker; what others come from first
	repeats repeats
	display display
	closing chan struct{}
	drawn   chan struct{} // is closed when nothing more is drawn

	mu sync.Mutex // guards what rows say of runs; locked before the mutex of a run
}

// repeats says whether a maker runs once in a call, or, in Work, again and again.
type repeats bool

const (
	once  repeats = false
	again repeats = true
)

// A row is a maker on a board.
type row struct {
	board *board
	maker *Maker
	run   *run     // the present one; nil before it and after
	total int      // the jobs that were due when the run began
	begun queuings // what the run had done to the queue by then
	past  *Report  // of the runs that have ended; their sum
	ended bool     // there are no more
}

// queuings count what has come into the queue.
type queuings int

func queuingsOf(r *Report) queuings {
	return queuings(r.Refreshed.Added + r.Refreshed.Repended + r.Refreshed.Rescued)
}

const (
	// showPause is the time between two looks at the runs.
	showPause = 100 * time.Millisecond
	// lastWords is how long a call waits until what became of it is shown.
	lastWords = 2 * time.Second
)

// shown is o with a board for makers, unless it has one, and what ends the board.
func (o *Options) shown(r repeats, makers ...*Maker) (shown *Options, end func()) {
	filled := o.withDefaults()
	if filled.board != nil {
		return o, func() {}
	}
	filled.board = newBoard(filled.Output, r, makers)
	return &filled, filled.board.end
}

func newBoard(out io.Writer, r repeats, makers []*Maker) *board {
	b := &board{repeats: r, display: newDisplay(out), closing: make(chan struct{}), drawn: make(chan struct{})}
	for _, m := range makers {
		b.rows = append(b.rows, &row{board: b, maker: m, past: &Report{Table: m.String()}})
	}
	go b.draw()
	return b
}

// draw shows what there is now and then, until the board ends.
func (b *board) draw() {
	defer close(b.drawn)
	tick := time.NewTicker(showPause)
	defer tick.Stop()
	for {
		select {
		case <-b.closing:
			b.display.end(b.standings())
			return
		case <-tick.C:
			b.display.update(b.standings())
		}
	}
}

// end shows what became of all makers. Where the terminal takes nothing, it waits no longer than lastWords.
func (b *board) end() {
	b.mu.Lock()
	for _, r := range b.rows {
		r.ended = true
	}
	b.mu.Unlock()
	close(b.closing)
	select {
	case <-b.drawn:
	case <-time.After(lastWords):
	}
}

// row is that of a maker.
func (b *board) row(m *Maker) *row {
	return b.rows[slices.IndexFunc(b.rows, func(r *row) bool { return r.maker == m })]
}

// begin tells of a run, and how many jobs are due.
func (r *row) begin(of *run, total int) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.run, r.total, r.begun = of, total, queuingsOf(of.report)
}

// end tells that the run has ended.
func (r *row) end(report *Report) {
	r.board.mu.Lock()
	defer r.board.mu.Unlock()
	r.run = nil
	r.past.add(report)
	r.ended = r.board.repeats == once
}

// A standing is how far a maker is at a moment, and all that a display knows.
type standing struct {
	at     time.Time
	table  string
	done   int     // keys that are finished
	failed int     // of them
	total  int     // those that are finished and those to come, as far as this process knows
	report *Report // once there are no more runs; else nil
}

func (b *board) standings() []standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]standing, len(b.rows))
	for i, r := range b.rows {
		all[i] = r.standing()
	}
	return all
}

func (r *row) standing() standing {
	s := standing{at: time.Now(), table: r.maker.String(), done: r.past.finished(), failed: r.past.Failed}
	s.total = s.done
	if r.ended {
		s.report = r.past
	}
	if r.run == nil {
		return s
	}
	r.run.mu.Lock()
	defer r.run.mu.Unlock()
	now := r.run.report
	s.done += now.finished()
	s.failed += now.Failed
	gone := now.NotReady + now.Withdrawn + now.LostLeases + now.Released // which this process makes no more, or not soon
	s.total += max(now.finished(), r.total+int(queuingsOf(now)-r.begun)-gone)
	return s
}
