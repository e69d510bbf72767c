package populate

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/jobs"
)

// wholeReport is a report that has something in every field.
func wholeReport() *Report {
	r := &Report{
		Table: "Result", Made: 2, AlreadyThere: 3, Skipped: 4, NotReady: 6, Unfinished: 7, Retried: 8, Withdrawn: 9,
		LostLeases: 10, Released: 11, FailedBefore: 12, Later: 13,
		Refreshed: jobs.Refreshed{Added: 14, Repended: 15, Removed: 16, Settled: 17, Rescued: 18, Buried: 19, Shared: true},
		Elapsed:   2500 * time.Millisecond,
	}
	r.fail(KeyError{Key: Key{7}, Text: "subject_id=7", Err: errors.New("too\nlight"), attrs: map[string]any{"subject_id": 7}})
	r.Durations.add(250 * time.Millisecond)
	r.Durations.add(time.Minute)
	return r
}

// TestReportJSON holds the names, which programs read.
func TestReportJSON(t *testing.T) {
	text, err := json.Marshal(wholeReport())
	require.NoError(t, err)
	var median struct {
		Durations map[string]float64 `json:"durations"`
	}
	require.NoError(t, json.Unmarshal(text, &median))
	require.InEpsilon(t, 0.25, median.Durations["median_seconds"], precision)

	var got map[string]any
	require.NoError(t, json.Unmarshal(text, &got))
	got["durations"].(map[string]any)["median_seconds"] = 0.25
	require.Equal(t, map[string]any{
		"table": "Result", "made": 2.0, "already_there": 3.0, "skipped": 4.0, "failed": 1.0, "not_ready": 6.0, "unfinished": 7.0,
		"retried": 8.0, "withdrawn": 9.0, "lost_lease": 10.0, "released": 11.0, "failed_before": 12.0, "later": 13.0,
		"refreshed": map[string]any{
			"added": 14.0, "repended": 15.0, "removed": 16.0, "settled": 17.0, "rescued": 18.0, "buried": 19.0, "shared": true,
		},
		"elapsed_seconds": 2.5, "keys_per_second": 4.0,
		"durations": map[string]any{
			"count": 2.0, "total_seconds": 60.25, "median_seconds": 0.25, "p95_seconds": 60.0, "longest_seconds": 60.0,
		},
		"kinds":  map[string]any{},
		"errors": []any{map[string]any{"key": map[string]any{"subject_id": 7.0}, "text": "subject_id=7", "message": "too\nlight", "kind": ""}},
	}, got)
	for _, o := range outcomes {
		require.Contains(t, got, string(o), "an outcome has one name everywhere")
	}
}

// TestReportJSONOfNothing has every name, too, and lists that are empty.
func TestReportJSONOfNothing(t *testing.T) {
	text, err := json.Marshal(Report{Table: "Result"})
	require.NoError(t, err)
	require.JSONEq(t, `{"table": "Result", "made": 0, "already_there": 0, "skipped": 0, "failed": 0, "not_ready": 0, "unfinished": 0,
		"retried": 0, "withdrawn": 0, "lost_lease": 0, "released": 0, "failed_before": 0, "later": 0,
		"refreshed": {"added": 0, "repended": 0, "removed": 0, "settled": 0, "rescued": 0, "buried": 0, "shared": false},
		"elapsed_seconds": 0, "keys_per_second": 0, "kinds": {}, "errors": [],
		"durations": {"count": 0, "total_seconds": 0, "median_seconds": 0, "p95_seconds": 0, "longest_seconds": 0}}`, string(text))

	text, err = json.Marshal(Reports{{Table: "A"}, {Table: "B"}})
	require.NoError(t, err)
	var tables []struct {
		Table string `json:"table"`
	}
	require.NoError(t, json.Unmarshal(text, &tables))
	require.Len(t, tables, 2)
	require.Equal(t, "B", tables[1].Table)
	text, err = json.Marshal(Reports(nil))
	require.NoError(t, err)
	require.Equal(t, "[]", string(text))
}

func TestKeyErrorJSON(t *testing.T) {
	text, err := json.Marshal(KeyError{Key: Key{7}, Text: "subject_id=7", Err: errors.New(strings.Repeat("ü", 3000))})
	require.NoError(t, err)
	var got struct {
		Key     map[string]int `json:"key"` // of an error that no run has made: the names are the struct's
		Message string         `json:"message"`
	}
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, map[string]int{"SubjectID": 7}, got.Key)
	require.Equal(t, strings.Repeat("ü", 2047)+"…", got.Message)
}

// TestReportOfARun is the JSON of what happened, and how long it took.
func TestReportOfARun(t *testing.T) {
	each(t, 5, func(b *bench) {
		const took = 20 * time.Millisecond
		report := b.populate(func(ctx context.Context, tx *Tx, key Key) error {
			if key.SubjectID == 3 {
				return errors.New("too light")
			}
			time.Sleep(took) // a make that takes a while
			return simple(ctx, tx, key)
		}, nil)
		text, err := json.Marshal(report)
		require.NoError(b, err)
		var got struct {
			Made          int     `json:"made"`
			Elapsed       float64 `json:"elapsed_seconds"`
			KeysPerSecond float64 `json:"keys_per_second"`
			Durations     struct {
				Count   int     `json:"count"`
				Total   float64 `json:"total_seconds"`
				Median  float64 `json:"median_seconds"`
				Longest float64 `json:"longest_seconds"`
			} `json:"durations"`
			Errors []struct {
				Key struct {
					SubjectID int `json:"subject_id"`
				} `json:"key"`
				Message string `json:"message"`
			} `json:"errors"`
		}
		require.NoError(b, json.Unmarshal(text, &got))
		require.Equal(b, 4, got.Made)
		require.Equal(b, 4, got.Durations.Count)
		require.GreaterOrEqual(b, got.Durations.Median, took.Seconds()*(1-precision))
		require.GreaterOrEqual(b, got.Durations.Total, 4*took.Seconds())
		require.LessOrEqual(b, got.Durations.Total, got.Elapsed, "one worker")
		require.LessOrEqual(b, got.Durations.Longest, got.Durations.Total)
		require.InEpsilon(b, 5/got.Elapsed, got.KeysPerSecond, 1e-9)
		require.Len(b, got.Errors, 1)
		require.Equal(b, 3, got.Errors[0].Key.SubjectID)
		require.Equal(b, "too light", got.Errors[0].Message)
	})
}
