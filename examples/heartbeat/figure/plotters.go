package figure

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// shade fills stretches of time from bottom to top.
type shade []span

// Plot implements plot.Plotter.
func (s shade) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, gap := range s {
		from, to := x(gap.from), x(gap.to)
		c.FillPolygon(absentInk, []vg.Point{
			{X: from, Y: c.Min.Y}, {X: to, Y: c.Min.Y}, {X: to, Y: c.Max.Y}, {X: from, Y: c.Max.Y},
		})
	}
}

// dots draws a glyph at each point that lies within the panel.
type dots struct {
	at    plotter.XYs
	glyph draw.GlyphStyle
}

// Plot implements plot.Plotter.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, v := range d.at {
		c.DrawGlyph(d.glyph, vg.Point{X: x(v.X), Y: y(v.Y)})
	}
}

// strokePoints is how much of a trace is drawn at a time. The rasterizer walks
// along everything of one stroke that lies in a row of pixels: a dense trace in
// one piece takes it a hundred times as long.
const strokePoints = 64

// traceLine draws the samples of a span. A pixel column holds many samples; it
// draws no more than the extremes of each, in the order they came, which looks
// the same and takes a time that does not grow with the sampling rate.
type traceLine struct {
	*recording
	span
}

// Plot implements plot.Plotter.
func (t *traceLine) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	columns := float64(c.Max.X-c.Min.X) * dpi / vg.Inch.Points()
	style := draw.LineStyle{Color: traceInk, Width: 0.6}
	for _, run := range t.runs {
		xys := t.reduce(run, int(columns))
		line := make([]vg.Point, len(xys))
		for i, v := range xys {
			line[i] = vg.Point{X: x(v.X), Y: y(v.Y)}
		}
		for len(line) > 1 {
			n := min(strokePoints, len(line))
			c.StrokeLines(style, line[:n])
			line = line[n-1:]
		}
	}
}

// reduce returns the least and the greatest sample of run in each of a number
// of equal columns that make up the span, in order of time.
func (t *traceLine) reduce(run Window, columns int) plotter.XYs {
	index := func(s float64) int { // of the first sample at or after s
		return min(max(int(math.Ceil((s-run.StartS)*t.RateHz)), 0), len(run.MV))
	}
	point := func(i int) plotter.XY {
		return plotter.XY{X: run.StartS + float64(i)/t.RateHz, Y: run.MV[i]}
	}
	var xys plotter.XYs
	width := (t.to - t.from) / float64(columns)
	for k := range columns {
		from, to := index(t.from+float64(k)*width), index(t.from+float64(k+1)*width)
		if from == to {
			continue
		}
		least, most := from, from
		for i := from; i < to; i++ {
			if run.MV[i] < run.MV[least] {
				least = i
			}
			if run.MV[i] > run.MV[most] {
				most = i
			}
		}
		xys = append(xys, point(min(least, most)))
		if least != most {
			xys = append(xys, point(max(least, most)))
		}
	}
	return xys
}

// ticks returns round numbers from low to high, at most one more than wanted.
func ticks(low, high float64, wanted int) []plot.Tick {
	least := (high - low) / float64(wanted)
	step := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5, 10} {
		if m*step >= least {
			step *= m
			break
		}
	}
	var t []plot.Tick
	for k := math.Ceil(low / step); k*step <= high; k++ {
		v := k*step + 0 // + 0 makes of a negative zero a plain one
		t = append(t, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 6, 64)})
	}
	return t
}
