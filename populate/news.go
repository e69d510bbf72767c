package populate

import (
	"context"
	"slices"
	"time"
)

// A part is what a pipeline knows of one of its makers.
type part struct {
	above []*part // upstream of it
	ended bool
	made  int  // keys so far
	waves int  // how often it has come to an end of what it had to make
	fresh bool // it has made something since it came to an end last
}

func partsOf(makers []*Maker) map[*Maker]*part {
	parts := map[*Maker]*part{}
	for _, m := range makers {
		parts[m] = &part{}
	}
	for m, p := range parts {
		for o, up := range parts {
			if o.table != m.table && slices.Contains(m.table.Ancestors(), o.table) {
				p.above = append(p.above, up)
			}
		}
	}
	return parts
}

// made tells that a maker has made something.
func (p *pipeline) made(m *Maker) {
	p.tell(func() {
		p.parts[m].made++
		p.parts[m].fresh = true
	})
}

// dry tells that a maker has nothing to make for now.
func (p *pipeline) dry(m *Maker) { p.tell(p.parts[m].pause) }

// end tells that a maker has ended.
func (p *pipeline) end(m *Maker) {
	p.tell(func() {
		p.parts[m].pause()
		p.parts[m].ended = true
	})
}

func (p *part) pause() {
	if p.fresh {
		p.waves++
		p.fresh = false
	}
}

// tell changes what is known of the makers, and wakes up who waits for news.
func (p *pipeline) tell(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.news)
	p.news = make(chan struct{})
}

// A supply is what has come from the makers upstream of one.
type supply struct {
	made, waves int  // of all of them
	more        bool // one of them has not ended
}

// above is what has come from upstream of a maker, and what tells of news.
func (p *pipeline) above(m *Maker) (s supply, news <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, up := range p.parts[m].above {
		s.made += up.made
		s.waves += up.waves
		s.more = s.more || !up.ended
	}
	return s, p.news
}

// refreshPause is how long what is made upstream may wait until it is looked at downstream, while more is being made.
const refreshPause = 500 * time.Millisecond

// more tells whether keys have come from upstream, or may yet: then it has waited for news, and looked at them.
func (r *run) more(ctx context.Context) (bool, error) {
	if r.pipeline == nil || r.complete {
		return false, nil
	}
	r.pipeline.dry(r.maker)
	every, err := r.awaitNews(ctx)
	if err != nil {
		return false, err
	}
	err = r.ledger.refresh(ctx, every)
	r.looked = time.Now()
	return true, err
}

// awaitNews waits until something was made upstream, here or perhaps by others, and the last look is a while ago. What somebody
// has come to an end with is looked at at once, and so is what was made last, in any case. It returns how long a look may be ago
// that serves as well.
func (r *run) awaitNews(ctx context.Context) (every time.Duration, err error) {
	look := time.NewTimer(refreshPause)
	defer look.Stop()
	for {
		now, news := r.pipeline.above(r.maker)
		before := r.supply
		r.complete = !now.more
		switch {
		case !now.more, now.waves > before.waves:
			r.supply = now
			return 0, nil
		case now.made > before.made:
			look.Reset(refreshPause - time.Since(r.looked))
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-news:
		case <-look.C:
			r.supply = now
			return refreshPause, nil
		}
	}
}
