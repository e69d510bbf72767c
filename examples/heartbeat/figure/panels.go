package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The data of all panels begin and end at the same distance from the edges, in
// points, however wide the numbers on an axis are.
const (
	axisLeftPt  = 44
	axisRightPt = 8
)

func drawAligned(c draw.Canvas, p *plot.Plot) {
	data := p.DataCanvas(c)
	p.Draw(draw.Crop(c, axisLeftPt-(data.Min.X-c.Min.X), c.Max.X-data.Max.X-axisRightPt, 0, 0))
}

// newPlot returns a plot in the figure's style, without data.
func newPlot(yLabel, xLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the picture is white already
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Variant, a.Tick.Label.Font.Variant = "Sans", "Sans"
		a.Label.TextStyle.Font.Size = 8
		a.Label.TextStyle.Color = ink
		a.Label.Padding = 2
		a.Tick.Label.Font.Size = 7
		a.Tick.Label.Color = ink
		a.Tick.Length = 3
		a.LineStyle = draw.LineStyle{Color: ink, Width: 0.5}
		a.Tick.LineStyle = a.LineStyle
		a.Padding = 0
	}
	return p
}

// frame gives p its ranges and round numbers along them, and lays grid and
// gaps under whatever is added later.
func (r *recording) frame(p *plot.Plot, s span, yMin, yMax float64) {
	p.X.Min, p.X.Max = s.from, s.to
	p.Y.Min, p.Y.Max = yMin, yMax
	p.X.Tick.Marker = plot.ConstantTicks(ticks(s.from, s.to, 16))
	p.Y.Tick.Marker = plot.ConstantTicks(ticks(yMin, yMax, 4))
	lines := plotter.NewGrid()
	lines.Horizontal = draw.LineStyle{Color: gridInk, Width: 0.5}
	lines.Vertical = lines.Horizontal
	p.Add(shade(r.absent(s)), lines)
}

// stripPlot returns the trace in s with its beats. Only the last strip says
// what its time axis is.
func (r *recording) stripPlot(s span, last bool) *plot.Plot {
	label := ""
	if last {
		label = timeLabel
	}
	p := newPlot("ECG (mV)", label)
	room := max(0.05*(r.maxMV-r.minMV), 0.1)
	r.frame(p, s, r.minMV-room, r.maxMV+room)
	p.Add(&traceLine{r, s}, dots{r.marks, beatGlyph})
	return p
}

// ratePlot returns the heart rate over the whole recording: the given means as
// a line, and behind it each beat-to-beat interval as a dot. A few intervals
// that artefact made absurdly short or long would squeeze all others into a
// line; such dots lie on the panel's edge.
func (r *recording) ratePlot() *plot.Plot {
	p := newPlot("heart rate (per minute)", timeLabel)
	intervals := r.intervalRates()
	low, high := r.rateRange(intervals)
	for i := range intervals {
		intervals[i].Y = min(max(intervals[i].Y, low), high)
	}
	r.frame(p, span{0, r.endS}, low, high)
	p.Add(dots{intervals, intervalGlyph})
	for _, spell := range r.spells {
		points := make(plotter.XYs, len(spell))
		for i, q := range spell {
			points[i] = plotter.XY{X: q.TimeS, Y: q.PerMinute}
		}
		p.Add(&plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: traceInk, Width: 1.2}}, dots{points, rateGlyph})
	}
	return p
}

// A sign is an entry of the legend.
type sign struct {
	text  string
	glyph draw.GlyphStyle
}

// legend returns what the signs in the figure mean, from right to left.
func (r *recording) legend() []sign {
	signs := []sign{
		{"rate from one interval", intervalGlyph},
		{"mean rate", rateGlyph},
		{fmt.Sprintf("beat (%d)", len(r.marks)), beatGlyph},
	}
	if len(r.absent(span{0, r.endS})) > 0 {
		signs = append(signs, sign{"no data", absentGlyph})
	}
	return signs
}

// drawHeader writes the title and, on the right, the legend.
func drawHeader(c draw.Canvas, r *recording) {
	style := newPlot("", "").Y.Label.TextStyle
	style.YAlign = draw.YCenter
	y := c.Center().Y
	title := style
	title.Font.Size = 11
	title.XAlign = draw.XLeft
	c.FillText(title, vg.Point{X: c.Min.X + axisLeftPt, Y: y}, r.Title)

	style.XAlign = draw.XRight
	x := c.Max.X - axisRightPt
	for _, s := range r.legend() {
		c.FillText(style, vg.Point{X: x, Y: y}, s.text)
		x -= style.Width(s.text) + 7
		s.glyph.Radius *= 1.3
		c.DrawGlyph(s.glyph, vg.Point{X: x, Y: y})
		x -= 16
	}
}
