// Package figure draws the weather of a station over years as a picture: above, the temperatures of each day as a band
// from the least to the greatest, below, the rain of each month as bars.
package figure

import (
	"errors"
	"image/color"
	"io"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A Day is what the picture shows of a day.
type Day struct {
	Date       time.Time
	MinC, MaxC float64
}

// A Month is what it shows of a month.
type Month struct {
	First  time.Time // its first day
	RainMM float64
}

const (
	widthPt  = 800
	heightPt = 420
	dpi      = 144
)

var (
	ink      = color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff}
	gridInk  = color.RGBA{R: 0xdd, G: 0xdd, B: 0xdd, A: 0xff}
	warmInk  = color.RGBA{R: 0xd6, G: 0x5f, B: 0x2f, A: 0xff}
	coldInk  = color.RGBA{R: 0x2f, G: 0x6f, B: 0xb6, A: 0xff}
	bandFill = color.RGBA{R: 0xf1, G: 0xdf, B: 0xd0, A: 0xff}
)

// Write draws the picture as PNG. Days and months are in the order of time; there is one of each at least.
func Write(w io.Writer, title string, days []Day, months []Month) error {
	if len(days) == 0 || len(months) == 0 {
		return errors.New("there is nothing to draw: a day and a month at least are wanted")
	}
	from, to := x(days[0].Date), x(days[len(days)-1].Date.AddDate(0, 0, 1))
	above, err := temperatures(title, days)
	if err != nil {
		return err
	}
	below, err := rain(months)
	if err != nil {
		return err
	}
	canvas := vgimg.NewWith(vgimg.UseWH(widthPt, heightPt), vgimg.UseDPI(dpi))
	panels := [][]*plot.Plot{{above}, {below}}
	for _, row := range panels {
		row[0].X.Min, row[0].X.Max = from, to
	}
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadTop: 8, PadBottom: 6, PadLeft: 8, PadRight: 12, PadY: 10}
	for i, row := range plot.Align(panels, tiles, draw.New(canvas)) {
		panels[i][0].Draw(row[0])
	}
	_, err = vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

// x is a time along the axis.
func x(t time.Time) float64 { return float64(t.Unix()) }

func temperatures(title string, days []Day) (*plot.Plot, error) {
	p := newPlot("temperature (°C)")
	p.Title.Text = title
	band := make(plotter.XYs, 0, 2*len(days))
	least, greatest := make(plotter.XYs, len(days)), make(plotter.XYs, len(days))
	for i, d := range days {
		least[i], greatest[i] = plotter.XY{X: x(d.Date), Y: d.MinC}, plotter.XY{X: x(d.Date), Y: d.MaxC}
	}
	band = append(band, greatest...)
	for _, point := range slices.Backward(least) {
		band = append(band, point)
	}
	area, err := plotter.NewPolygon(band)
	if err != nil {
		return nil, err
	}
	area.Color, area.Width = bandFill, 0
	p.Add(area, grid())
	for _, l := range []struct {
		of  plotter.XYs
		ink color.Color
	}{{greatest, warmInk}, {least, coldInk}} {
		line, err := plotter.NewLine(l.of)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = l.ink, 0.6
		p.Add(line)
	}
	return p, nil
}

func rain(months []Month) (*plot.Plot, error) {
	p := newPlot("rain (mm a month)")
	p.Add(grid())
	for _, m := range months {
		begin, end := x(m.First.AddDate(0, 0, 3)), x(m.First.AddDate(0, 1, -3))
		bar, err := plotter.NewPolygon(plotter.XYs{{X: begin, Y: 0}, {X: end, Y: 0}, {X: end, Y: m.RainMM}, {X: begin, Y: m.RainMM}})
		if err != nil {
			return nil, err
		}
		bar.Color, bar.Width = coldInk, 0
		p.Add(bar)
	}
	p.Y.Min, p.Y.Max = 0, p.Y.Max*1.05
	return p, nil
}

// grid are fine lines behind the data.
func grid() *plotter.Grid {
	g := plotter.NewGrid()
	g.Horizontal = draw.LineStyle{Color: gridInk, Width: 0.5}
	g.Vertical = g.Horizontal
	return g
}

// newPlot is a plot in the figure's style, without data: along it go years.
func newPlot(label string) *plot.Plot {
	p := plot.New()
	p.Title.TextStyle.Font.Variant, p.Title.TextStyle.Font.Size, p.Title.TextStyle.Color = "Sans", 11, ink
	p.Title.Padding = 4
	p.Y.Label.Text = label
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font.Variant, a.Tick.Label.Font.Variant = "Sans", "Sans"
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = vg.Length(9), vg.Length(8)
		a.Label.TextStyle.Color, a.Tick.Label.Color = ink, ink
		a.LineStyle = draw.LineStyle{Color: ink, Width: 0.5}
		a.Tick.LineStyle, a.Tick.Length, a.Padding = a.LineStyle, 3, 0
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(years), plot.TickerFunc(whole)
	return p
}

// whole marks round numbers, written without decimals.
func whole(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i, t := range ticks {
		if t.Label != "" {
			ticks[i].Label = strconv.FormatFloat(t.Value, 'f', -1, 64)
		}
	}
	return ticks
}

// years marks the beginning of each year, and of each quarter without a name.
func years(low, high float64) (ticks []plot.Tick) {
	first := time.Unix(int64(low), 0).UTC().Year()
	for t := time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC); x(t) <= high; t = t.AddDate(0, 3, 0) {
		switch {
		case x(t) < low:
		case t.Month() == time.January:
			ticks = append(ticks, plot.Tick{Value: x(t), Label: t.Format("2006")})
		default:
			ticks = append(ticks, plot.Tick{Value: x(t)})
		}
	}
	return ticks
}
