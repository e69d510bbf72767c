// Command python takes over one table of a pipeline that is in Python, lab.py: the one that is too slow. The README
// beside it tells how, and has the guide for those who know DataJoint.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// Schema is the schema of lab.py. What this program does not use of it need not be declared.
var Schema = schema.New("spectra")

// A SessionKey identifies a session.
type SessionKey struct {
	Subject string
	Session int32
}

// A Session is one recording of a subject.
type Session struct {
	SessionKey

	RateHz float64
	Signal []float64
}

// Sessions are entered by lab.py.
var Sessions = schema.Manual[Session](Schema, `
	# One recording of a subject
	subject : varchar(16)
	session : int32
	---
	rate_hz : float64  # samples per second
	signal  : <blob>   # the samples
`)

// A Spectrum is the power spectrum of a session.
type Spectrum struct {
	SessionKey

	PeakHz float64
}

// Spectra are computed here, and by lab.py as far as it is quicker.
var Spectra = schema.Computed[Spectrum](Schema, `
	# Power spectrum of a session
	-> Session
	---
	peak_hz : float64  # frequency of greatest power
`, Sessions)

// A Line is one of the strongest frequencies of a spectrum.
type Line struct {
	SessionKey

	Rank  int8
	Hz    float64
	Power float64
}

// Lines are parts of spectra.
var Lines = schema.Part[Line](Spectra, `
	# The strongest frequencies
	-> master
	rank  : int8
	---
	hz    : float64
	power : float64
`)

// MakeSpectra computes the spectra that are missing.
var MakeSpectra = populate.New(Spectra, makeSpectrum)

// makeSpectrum computes the spectrum of one session, as the make of lab.py does.
func makeSpectrum(ctx context.Context, tx *populate.Tx, key SessionKey) error {
	session, err := query.One[Session](ctx, tx, tx.Upstream(Sessions))
	if err != nil {
		return err
	}
	lines := strongest(powers(session.Signal), session.RateHz/float64(len(session.Signal)))
	if len(lines) == 0 {
		return populate.Skip("the recording is too short")
	}
	for i := range lines {
		lines[i].SessionKey = key
	}
	if err := query.Insert(ctx, tx, Spectra, Spectrum{key, lines[0].Hz}); err != nil {
		return err
	}
	return query.Insert(ctx, tx, Lines, lines...)
}

// powers is the power at each multiple of the lowest frequency.
func powers(signal []float64) []float64 {
	n := len(signal)
	power := make([]float64, n/2)
	for k := range power {
		var re, im float64
		for i, x := range signal {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) * float64(i) / float64(n))
			re += x * cos
			im -= x * sin
		}
		power[k] = re*re + im*im
	}
	return power
}

// strongest are the three strongest frequencies but 0; step is the lowest.
func strongest(power []float64, step float64) []Line {
	var lines []Line
	for k := 1; k < len(power); k++ {
		lines = append(lines, Line{Hz: float64(k) * step, Power: power[k]})
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(b.Power, a.Power) })
	lines = lines[:min(3, len(lines))]
	for i := range lines {
		lines[i].Rank = int8(i)
	}
	return lines
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err) //nolint:gocritic // nothing is left to be stopped
	}
}

func run(ctx context.Context, out io.Writer) error {
	db, err := rowmill.Open(ctx, "") // where DataJoint would: DJ_HOST, DJ_PORT, DJ_USER, DJ_PASS
	if err != nil {
		return err
	}
	defer db.Close()
	if err := Schema.Declare(ctx, db); err != nil { // compares what lab.py has declared
		return err
	}
	report, err := MakeSpectra.Populate(ctx, db, &populate.Options{Workers: runtime.NumCPU()})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, report)
	return report.Err()
}
