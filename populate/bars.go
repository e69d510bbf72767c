package populate

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars are progress bars on a terminal, one below the other: one for each maker that has had something to make. When
// the call ends, a line for each takes their place.
type bars struct {
	out    io.Writer
	screen *mpb.Progress // nil before the first bar
	bars   []*bar
}

// A bar is that of one maker.
type bar struct {
	drawn *mpb.Bar
	text  atomic.Value // what stands behind it, a string
	pace  pace
}

// barWidth is the letters that a bar is wide.
const barWidth = 30

func (b *bars) update(all []standing) {
	if b.bars == nil {
		b.bars = make([]*bar, len(all))
	}
	for i := range all {
		s := &all[i]
		if b.bars[i] == nil && s.total > 0 {
			b.bars[i] = b.add(i, s.table)
		}
		if b.bars[i] != nil {
			b.bars[i].show(s)
		}
	}
}

// add adds a bar in the place that its maker has among all. It is nil where the terminal is gone.
func (b *bars) add(place int, table string) *bar {
	if b.screen == nil {
		b.screen = mpb.New(mpb.WithOutput(b.out), mpb.WithRefreshRate(showPause))
	}
	added := &bar{}
	added.text.Store("")
	text := decor.Any(func(decor.Statistics) string { return added.text.Load().(string) })
	drawn, err := b.screen.Add(0, mpb.BarStyle().Build(),
		mpb.BarPriority(place), mpb.BarWidth(barWidth),
		mpb.PrependDecorators(decor.Name(table, decor.WCSyncWidthR)), mpb.AppendDecorators(text))
	if err != nil {
		return nil
	}
	added.drawn = drawn
	return added
}

func (b *bar) show(s *standing) {
	b.pace.look(s.at, s.done)
	rate := b.pace.rate()
	if s.report != nil {
		rate = 0
	}
	b.text.Store(s.text(rate))
	b.drawn.SetTotal(int64(s.total), false)
	b.drawn.SetCurrent(int64(s.done))
}

// end takes the bars away, and tells what became of the makers.
func (b *bars) end(all []standing) {
	for _, bar := range b.bars {
		if bar != nil {
			bar.drawn.Abort(true)
		}
	}
	if b.screen != nil {
		b.screen.Wait()
	}
	for _, s := range all {
		if s.done > 0 {
			fmt.Fprintln(b.out, s.report)
		}
	}
}
