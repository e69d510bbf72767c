package populate

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// A display shows how makers go on. Its methods are called by one goroutine, with a standing for each maker, always in
// the same order.
type display interface {
	update(all []standing)
	end(all []standing)
}

// newDisplay is bars on a terminal, and plain lines elsewhere.
func newDisplay(w io.Writer) display {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &bars{out: w}
	}
	return &lines{out: w}
}

// between is the time between two plain lines about a maker.
const between = time.Minute

// lines are plain lines, for logs.
type lines struct {
	out  io.Writer
	said []said
}

// said is what a log knows of a maker.
type said struct {
	at    time.Time // of the last line; zero before
	done  int       // by then
	ended bool
	pace  pace
}

func (l *lines) update(all []standing) {
	if l.said == nil {
		l.said = make([]said, len(all))
	}
	for i := range all {
		l.say(&l.said[i], &all[i])
	}
}

func (l *lines) end(all []standing) { l.update(all) }

// say writes what there is to say of a maker, which is nothing most of the time.
func (l *lines) say(last *said, s *standing) {
	last.pace.look(s.at, s.done)
	if last.ended || s.total == 0 {
		return
	}
	if last.at.IsZero() {
		l.line(last, s, fmt.Sprintf("%s: %d to make", s.table, s.total))
	}
	switch {
	case s.report != nil:
		last.ended = true
		if s.done > 0 {
			l.line(last, s, s.report.String())
		}
	case s.at.Sub(last.at) >= between && s.done > last.done:
		l.line(last, s, s.table+": "+s.text(last.pace.rate()))
	}
}

func (l *lines) line(last *said, s *standing, text string) {
	last.at, last.done = s.at, s.done
	_, _ = fmt.Fprintln(l.out, text)
}

// text is how far a maker is: "120 of 2000 finished, 3 failed, 45 a second, 42s left". What is left is for this process
// alone, at the rate of lately.
func (s *standing) text(rate float64) string {
	text := fmt.Sprintf("%d of %d finished", s.done, s.total)
	if s.failed > 0 {
		text += fmt.Sprintf(", %d failed", s.failed)
	}
	if rate > 0 {
		text += ", " + perTime(rate)
	}
	if left, known := eta(s.total-s.done, rate); known && left > 0 {
		text += ", " + roughly(left) + " left"
	}
	return text
}

// A pace is how many keys were finished a second lately: in the last half to whole minute.
type pace struct{ from, middle, now mark }

type mark struct {
	at   time.Time
	done int
}

const halfPace = 30 * time.Second

func (p *pace) look(at time.Time, done int) {
	p.now = mark{at, done}
	switch {
	case p.from.at.IsZero():
		p.from, p.middle = p.now, p.now
	case at.Sub(p.middle.at) >= halfPace:
		p.from, p.middle = p.middle, p.now
	}
}

// rate is 0 where nothing was finished, or too little time has passed.
func (p *pace) rate() float64 {
	since := p.now.at.Sub(p.from.at)
	if since <= 0 {
		return 0
	}
	return float64(p.now.done-p.from.done) / since.Seconds()
}
