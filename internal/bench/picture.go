package main

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Sizes of the picture, in points, of which each is two pixels.
const (
	dpi          = 144
	barPt        = 15  // for each bar
	barsMarginPt = 70  // for what stands above and below
	curvePt      = 190 // for each row of curves
	widthPt      = 1100
	curvesInRow  = 4
)

var inks = map[contender]color.Color{
	rowmillWay: color.RGBA{R: 0x1f, G: 0x5f, B: 0xa8, A: 0xff},
	handWay:    color.RGBA{R: 0x55, G: 0x55, B: 0x55, A: 0xff},
	peerWay:    color.RGBA{R: 0xd6, G: 0x6a, B: 0x1f, A: 0xff},
}

// draw draws the ratios as bars and, below, the costs of a key against N as lines, for each server, as a PNG.
func (r *report) draw(out io.Writer) error {
	var panels []panel
	for _, server := range r.servers() {
		made, err := r.panels(server)
		if err != nil {
			return err
		}
		panels = append(panels, made...)
	}
	height := vg.Length(0)
	for _, p := range panels {
		height += p.height
	}
	if len(panels) == 0 {
		return fmt.Errorf("there are no results")
	}
	img := vgimg.NewWith(vgimg.UseWH(widthPt, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))
	canvas := draw.New(img)
	for _, p := range panels {
		row := canvas
		row.Min.Y = canvas.Max.Y - p.height
		canvas.Max.Y = row.Min.Y
		p.draw(row)
	}
	_, err := vgimg.PngCanvas{Canvas: img}.WriteTo(out)
	return err
}

// A panel is a row of plots, of the same width.
type panel struct {
	height vg.Length
	plots  []*plot.Plot
	of     int // for how many there is room
}

func (p panel) draw(c draw.Canvas) {
	const gap = 8
	width := (c.Max.X - c.Min.X) / vg.Length(p.of)
	for i, plot := range p.plots {
		plot.Draw(draw.Crop(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: c.Min.X + width*vg.Length(i), Y: c.Min.Y},
			Max: vg.Point{X: c.Min.X + width*vg.Length(i+1), Y: c.Max.Y},
		}}, gap, -gap, gap, -gap))
	}
}

// panels are those of a server: the ratios, then the curves.
func (r *report) panels(server string) (panels []panel, err error) {
	var bars []*plot.Plot
	most := 0
	for _, to := range []contender{handWay, peerWay} {
		p, n, err := r.bars(server, to)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			bars, most = append(bars, p), max(most, n)
		}
	}
	if len(bars) > 0 {
		panels = append(panels, panel{vg.Length(barPt*most + barsMarginPt), bars, len(bars)})
	}
	curves, err := r.curves(server)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(curves, curvesInRow) {
		panels = append(panels, panel{curvePt, some, curvesInRow})
	}
	return panels, nil
}

// bars are the ratios of one server to one contender, and how many they are: lines from above to below as in the table.
// The axis is logarithmic, so that twice as fast and half as fast look alike.
func (r *report) bars(server string, to contender) (*plot.Plot, int, error) {
	var names []string
	var ratios []float64
	for _, g := range slices.Backward(r.groups()) {
		ratio, known := g.ratio(to)
		if g[0].Server == server && known {
			names, ratios = append(names, fmt.Sprintf("%s, %s", g[0].Line, number(g[0].N))), append(ratios, ratio)
		}
	}
	if len(ratios) == 0 {
		return nil, 0, nil
	}
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s: Rowmill compared with %s", server, map[contender]string{handWay: "what is done by hand", peerWay: "DataJoint"}[to])
	p.X.Label.Text = "times as fast"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, ticks{}
	p.NominalY(names...)
	for i, ratio := range ratios {
		bar, err := plotter.NewPolygon(plotter.XYs{
			{X: 1, Y: float64(i) - 0.35}, {X: ratio, Y: float64(i) - 0.35},
			{X: ratio, Y: float64(i) + 0.35}, {X: 1, Y: float64(i) + 0.35},
		})
		if err != nil {
			return nil, 0, err
		}
		bar.Color, bar.LineStyle.Width = inks[rowmillWay], 0
		if ratio < 1 {
			bar.Color = inks[peerWay]
		}
		p.Add(bar)
	}
	p.X.Min, p.X.Max = min(0.5, slices.Min(ratios)), max(2, slices.Max(ratios))
	p.Y.Min, p.Y.Max = -0.6, float64(len(ratios))-0.4
	p.Add(&plotter.Grid{Vertical: draw.LineStyle{Color: color.Gray{Y: 0xcc}, Width: 0.5}})
	return p, len(ratios), nil
}

// curves are the costs of a key against N, a plot for each line of a server that was run with more than one N.
func (r *report) curves(server string) (plots []*plot.Plot, err error) {
	points := map[string]map[contender]plotter.XYs{}
	var names []string
	units := map[string]string{}
	for _, res := range r.Results {
		cost := 1e6 * res.Seconds() / float64(res.N)
		if res.Server != server || math.IsNaN(cost) || cost <= 0 {
			continue
		}
		if points[res.Line] == nil {
			points[res.Line] = map[contender]plotter.XYs{}
			names, units[res.Line] = append(names, res.Line), res.Unit
		}
		points[res.Line][res.Who] = append(points[res.Line][res.Who], plotter.XY{X: float64(res.N), Y: cost})
	}
	for _, name := range names {
		if len(points[name][rowmillWay]) < 2 {
			continue
		}
		p, err := curve(server+": "+name, units[name], points[name])
		if err != nil {
			return nil, err
		}
		plots = append(plots, p)
	}
	return plots, nil
}

func curve(title, unit string, points map[contender]plotter.XYs) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = "N", "µs a "+unit
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	p.Legend.Top = true
	for _, who := range contenders {
		if len(points[who]) == 0 {
			continue
		}
		line, marks, err := plotter.NewLinePoints(points[who])
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = inks[who], 1.5
		marks.Color, marks.Shape = inks[who], draw.CircleGlyph{}
		p.Add(line, marks)
		p.Legend.Add(string(who), line, marks)
	}
	// One value alone is no range, and the legend wants room.
	p.Y.Min, p.Y.Max = 0.8*p.Y.Min, 3*p.Y.Max
	return p, nil
}

// ticks are 1, 2 and 5 of each power of ten, on a logarithmic axis.
type ticks struct{}

// Ticks implements plot.Ticker.
func (ticks) Ticks(from, to float64) (made []plot.Tick) {
	few := to/from < 1000
	for power := math.Floor(math.Log10(from)); power <= math.Ceil(math.Log10(to)); power++ {
		for _, digit := range []float64{1, 2, 5} {
			value := digit * math.Pow(10, power)
			label := ""
			if few || digit == 1 {
				label = strconv.FormatFloat(value, 'g', 6, 64)
			}
			if value >= from*0.999 && value <= to*1.001 {
				made = append(made, plot.Tick{Value: value, Label: label})
			}
		}
	}
	return made
}
