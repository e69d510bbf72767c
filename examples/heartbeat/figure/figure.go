// Package figure draws a recording and its heart beats as a picture: above,
// the electrocardiogram in strips one below the other, each beat marked at its
// peak; below them, the heart rate over the whole time. What was not recorded
// or could not be used is shaded, so that a gap is never mistaken for a quiet heart.
package figure

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/rowmill/rowmill/examples/heartbeat/qrs"
)

// A Trace is what a figure shows. All times are in seconds from the start of
// the recording.
type Trace struct {
	Title   string      // set above the strips; may be empty
	RateHz  float64     // samples per second, the same in all windows
	Windows []Window    // in any order; at least one with samples
	Beats   []qrs.Beat  // marked on the trace; those outside all windows are left out
	Rates   []RatePoint // in any order; may be empty
}

// A Window is a stretch of the recording without a gap.
type Window struct {
	StartS float64   // time of the first sample, s
	MV     []float64 // samples, mV
}

// A RatePoint is the mean heart rate about a time.
type RatePoint struct {
	TimeS     float64 // s; the middle of the stretch that it is the mean of
	PerMinute float64 // beats per minute
}

// The picture is 1600 pixels wide: 800 points at two pixels a point.
const (
	dpi          = 144
	widthPt      = 800
	headerPt     = 26
	stripPt      = 98
	stripAxisPt  = 22 // what the last strip needs more, for its axis label
	ratePt       = 150
	marginPt     = 8
	maxStrips    = 6
	maxDurationS = 7 * 24 * 3600
)

var (
	white     = color.White
	ink       = color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff}
	traceInk  = color.RGBA{R: 0x1f, G: 0x3a, B: 0x5f, A: 0xff}
	beatInk   = color.RGBA{R: 0xd6, G: 0x2f, B: 0x2f, A: 0xff}
	paleInk   = color.RGBA{R: 0xa9, G: 0xb8, B: 0xc9, A: 0xff}
	gridInk   = color.RGBA{R: 0xe3, G: 0xe3, B: 0xe3, A: 0xff}
	absentInk = color.RGBA{R: 0xf1, G: 0xec, B: 0xe4, A: 0xff}

	beatGlyph     = draw.GlyphStyle{Color: beatInk, Radius: 1.5, Shape: draw.CircleGlyph{}}
	rateGlyph     = draw.GlyphStyle{Color: traceInk, Radius: 2, Shape: draw.CircleGlyph{}}
	absentGlyph   = draw.GlyphStyle{Color: absentInk, Radius: 3, Shape: draw.BoxGlyph{}}
	intervalGlyph = draw.GlyphStyle{Color: paleInk, Radius: 1.2, Shape: draw.CircleGlyph{}}
)

const timeLabel = "time from the start of the recording (s)"

// Write draws t as a PNG picture 1600 pixels wide, the taller the more strips
// there are (at most six), to w. A trace without samples, a sampling rate or a
// time that is no positive finite number, a sample or rate that is not finite
// and whatever w returns are errors.
func Write(w io.Writer, t Trace) error {
	r, err := arrange(t)
	if err != nil {
		return fmt.Errorf("draw figure: %w", err)
	}
	strips := r.strips()
	height := vg.Length(headerPt + stripPt*len(strips) + stripAxisPt + ratePt + 2*marginPt)
	img := vgimg.NewWith(vgimg.UseWH(widthPt, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(white))
	drawAll(draw.New(img), r, strips)
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(w); err != nil {
		return fmt.Errorf("draw figure: write PNG: %w", err)
	}
	return nil
}

// drawAll lays header, strips and rate out from the top of c downwards.
func drawAll(c draw.Canvas, r *recording, strips []span) {
	c = draw.Crop(c, marginPt, -marginPt, marginPt, -marginPt)
	slice := func(height vg.Length) draw.Canvas {
		part := c
		part.Min.Y = c.Max.Y - height
		c.Max.Y -= height
		return part
	}
	drawHeader(slice(headerPt), r)
	for i, s := range strips {
		height, last := vg.Length(stripPt), i == len(strips)-1
		if last {
			height += stripAxisPt
		}
		drawAligned(slice(height), r.stripPlot(s, last))
	}
	drawAligned(c, r.ratePlot())
}

// check returns the first thing about t that cannot be drawn.
func check(t Trace) error {
	if !(t.RateHz > 0) || math.IsInf(t.RateHz, 0) {
		return fmt.Errorf("sampling rate is %g Hz, want a positive number", t.RateHz)
	}
	n := 0
	for _, w := range t.Windows {
		n += len(w.MV)
		if !(w.StartS >= 0 && w.StartS+float64(len(w.MV))/t.RateHz <= maxDurationS) {
			return fmt.Errorf("window of %d samples starts at %g s, want it to lie between 0 and %d s", len(w.MV), w.StartS, maxDurationS)
		}
		for i, v := range w.MV {
			if !finite(v) {
				return fmt.Errorf("sample %d of the window at %g s is %g, want a finite number of mV", i, w.StartS, v)
			}
		}
	}
	if n == 0 {
		return errors.New("trace has no samples, want at least one window with samples")
	}
	for _, p := range t.Rates {
		if !finite(p.TimeS) || !finite(p.PerMinute) {
			return fmt.Errorf("heart rate at %g s is %g per minute, want finite numbers", p.TimeS, p.PerMinute)
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
