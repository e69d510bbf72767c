package ecg

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/rowmill/rowmill/examples/heartbeat/qrs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// MakeSegments cuts the segments that are missing from the recordings' files.
var MakeSegments = populate.New(Segments, makeSegment)

// makeSegment reads the samples of one window.
func makeSegment(ctx context.Context, tx *populate.Tx, key WindowKey) error {
	recording, window, err := origin(ctx, tx)
	if err != nil {
		return err
	}
	first := int(math.Round(window.StartS * recording.RateHz))
	n := int(math.Round(window.DurationS * recording.RateHz))
	counts, err := readCounts(recording.File, first, n)
	if err != nil {
		return err
	}
	for i, c := range counts {
		counts[i] = (c - recording.BaselineCount) / recording.CountsPerMV
	}
	return query.Insert(ctx, tx, Segments, Segment{WindowKey: key, SignalMV: counts})
}

// origin is the recording and the window that the present key comes from.
func origin(ctx context.Context, tx *populate.Tx) (Recording, Window, error) {
	recording, err := query.One[Recording](ctx, tx, tx.Upstream(Recordings))
	if err != nil {
		return Recording{}, Window{}, err
	}
	window, err := query.One[Window](ctx, tx, tx.Upstream(Windows))
	return recording, window, err
}

// MakeBeatDetections finds the beats of the segments where that is missing.
var MakeBeatDetections = populate.New(BeatDetections, makeBeatDetection)

// makeBeatDetection finds the beats of one segment with one detector.
func makeBeatDetection(ctx context.Context, tx *populate.Tx, key DetectionKey) error {
	recording, window, err := origin(ctx, tx)
	if err != nil {
		return err
	}
	segment, err := query.One[Segment](ctx, tx, tx.Upstream(Segments))
	if err != nil {
		return err
	}
	d, err := query.One[Detector](ctx, tx, tx.Upstream(Detectors))
	if err != nil {
		return err
	}
	found, err := qrs.Detect(segment.SignalMV, recording.RateHz, qrs.Params{
		LowHz: d.LowHz, HighHz: d.HighHz, WindowS: d.WindowS, Threshold: d.Threshold, RefractoryS: d.RefractoryS,
	})
	if err != nil {
		return err
	}
	err = query.Insert(ctx, tx, BeatDetections, BeatDetection{DetectionKey: key, Beats: int32(len(found))})
	if err != nil {
		return err
	}
	beats := make([]Beat, len(found))
	for i, b := range found {
		beats[i] = Beat{key, int16(i), window.StartS + b.TimeS, b.AmplitudeMV}
	}
	return query.Insert(ctx, tx, Beats, beats...)
}

// MakeHeartRates computes the heart rates that are missing.
var MakeHeartRates = populate.New(HeartRates, makeHeartRate)

// makeHeartRate summarises the beats of one detection.
func makeHeartRate(ctx context.Context, tx *populate.Tx, key DetectionKey) error {
	var beats []qrs.Beat
	for b, err := range query.Each[Beat](ctx, tx, tx.Upstream(Beats)) {
		if err != nil {
			return err
		}
		beats = append(beats, qrs.Beat{TimeS: b.TimeS, AmplitudeMV: b.AmplitudeMV})
	}
	slices.SortFunc(beats, func(a, b qrs.Beat) int { return cmp.Compare(a.TimeS, b.TimeS) })
	s := qrs.Summarize(beats)
	return query.Insert(ctx, tx, HeartRates, HeartRate{
		DetectionKey: key, Beats: int32(s.Beats), MeanPerMinute: number(s.MeanPerMinute), IntervalSDMS: number(s.IntervalSDMS),
	})
}

// number is nil for what is no number.
func number(x float64) *float64 {
	if math.IsNaN(x) {
		return nil
	}
	return &x
}
