// Package ecg is a pipeline that finds the heart beats in electrocardiograms:
//
//	Recording ← Window ← Segment ←─┐
//	                               ├─ BeatDetection (with its Beats) ← HeartRate
//	                    Detector ←─┘
//
// A recording is a file that somebody entered, with the windows into which it is cut. Each
// window's samples become a segment. Each detector, a set of parameters, finds the beats of
// each segment, and from these follow the heart rates.
//
// The tables are declared in tables.go; make.go has the functions that make their rows, and
// enter.go the one that enters recordings.
package ecg

import (
	"github.com/rowmill/rowmill/examples/heartbeat/qrs"
	"github.com/rowmill/rowmill/schema"
)

// Schema holds the tables of the pipeline.
var Schema = schema.New("heartbeat")

// A Recording is an electrocardiogram of one lead, in a file.
type Recording struct {
	Recording     string
	File          string
	RateHz        float64
	CountsPerMV   float64
	BaselineCount float64
}

// Recordings are entered by hand (see [Enter]).
var Recordings = schema.Manual[Recording](Schema, `
	# Electrocardiogram of one lead
	recording      : varchar(64)   # name of the recording
	---
	file           : varchar(255)  # CSV file: a heading, then one count of the converter a line
	rate_hz        : float64       # samples per second
	counts_per_mv  : float64       # gain of the converter, in counts per millivolt
	baseline_count : float64       # what the converter counts at 0 mV
`)

// A Window is a stretch of a recording to be looked at.
type Window struct {
	Recording string
	Window    int16
	StartS    float64
	DurationS float64
}

// Windows are the stretches into which recordings are cut. They are entered with them.
var Windows = schema.Part[Window](Recordings, `
	# Stretch of a recording to be looked at
	-> master
	window     : int16    # counting from 0
	---
	start_s    : float64  # beginning, in seconds from that of the recording
	duration_s : float64  # length, in seconds
`)

// A WindowKey identifies a window, and its segment.
type WindowKey struct {
	Recording string
	Window    int16
}

// A Segment is what a window shows.
type Segment struct {
	WindowKey
	SignalMV []float64
}

// Segments are cut from the recordings' files, by [MakeSegments].
var Segments = schema.Imported[Segment](Schema, `
	# Samples of one window, cut from the recording's file
	-> Recording.Window
	---
	signal_mv : <blob>  # the samples, in mV
`, Windows)

// A Detector is a set of parameters for finding beats.
type Detector struct {
	Detector    string
	Description string
	LowHz       float64
	HighHz      float64
	WindowS     float64
	Threshold   float64
	RefractoryS float64
}

// Detectors are those of package qrs.
var Detectors = schema.Lookup(Schema, `
	# Parameters for finding beats
	detector     : varchar(16)   # name of the set
	---
	description  : varchar(255)  # what it is good for
	low_hz       : float64       # lower edge of the band-pass
	high_hz      : float64       # upper edge of the band-pass
	window_s     : float64       # length of the moving window, in seconds
	threshold    : float64       # between noise (0) and signal (1)
	refractory_s : float64       # least time from beat to beat, in seconds
`, detectors())

func detectors() []Detector {
	var all []Detector
	for _, p := range qrs.Presets() {
		all = append(all, Detector{p.Name, p.Description, p.LowHz, p.HighHz, p.WindowS, p.Threshold, p.RefractoryS})
	}
	return all
}

// A DetectionKey identifies what one detector found in one segment.
type DetectionKey struct {
	WindowKey
	Detector string
}

// A BeatDetection is what one detector found in one segment.
type BeatDetection struct {
	DetectionKey
	Beats int32
}

// BeatDetections are computed by [MakeBeatDetections].
var BeatDetections = schema.Computed[BeatDetection](Schema, `
	# Beats that one detector found in one segment
	-> Segment
	-> Detector
	---
	beats : int32  # how many
`, Segments, Detectors)

// A Beat is one heart beat.
type Beat struct {
	DetectionKey
	Beat        int16
	TimeS       float64
	AmplitudeMV float64
}

// Beats are computed with their [BeatDetections].
var Beats = schema.Part[Beat](BeatDetections, `
	# One heart beat
	-> master
	beat         : int16    # counting from 0
	---
	time_s       : float64  # time of the R peak, in seconds from the beginning of the recording
	amplitude_mv : float64  # its height over the signal around it, in mV
`)

// A HeartRate is how fast and how regularly the heart beat in one segment.
type HeartRate struct {
	DetectionKey
	Beats         int32
	MeanPerMinute *float64
	IntervalSDMS  *float64 `db:"interval_sd_ms"`
}

// HeartRates are computed by [MakeHeartRates].
var HeartRates = schema.Computed[HeartRate](Schema, `
	# Heart rate in one segment
	-> BeatDetection
	---
	beats                  : int32    # how many
	mean_per_minute = null : float64  # mean rate; null for fewer than two beats
	interval_sd_ms = null  : float64  # standard deviation of the time from beat to beat; null for fewer than three
`, BeatDetections)
