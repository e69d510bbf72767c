package populate

import (
	"encoding/json"
)

// A reportJSON is a report as its JSON has it.
type reportJSON struct {
	Table          string         `json:"table"`
	Made           int            `json:"made"`
	AlreadyThere   int            `json:"already_there"`
	Skipped        int            `json:"skipped"`
	Failed         int            `json:"failed"`
	NotReady       int            `json:"not_ready"`
	Unfinished     int            `json:"unfinished"`
	Retried        int            `json:"retried"`
	Withdrawn      int            `json:"withdrawn"`
	LostLease      int            `json:"lost_lease"`
	Released       int            `json:"released"`
	FailedBefore   int            `json:"failed_before"`
	Later          int            `json:"later"`
	Refreshed      refreshedJSON  `json:"refreshed"`
	ElapsedSeconds float64        `json:"elapsed_seconds"`
	KeysPerSecond  float64        `json:"keys_per_second"`
	Durations      *Durations     `json:"durations"`
	Kinds          map[string]int `json:"kinds"`
	Errors         []KeyError     `json:"errors"`
}

type refreshedJSON struct {
	Added    int  `json:"added"`
	Repended int  `json:"repended"`
	Removed  int  `json:"removed"`
	Settled  int  `json:"settled"`
	Rescued  int  `json:"rescued"`
	Buried   int  `json:"buried"`
	Shared   bool `json:"shared"`
}

// MarshalJSON is the report as JSON. The names are stable: those of the outcomes, and those of the other fields in
// snake case; each is there always, as are the kinds and a list of errors, be they empty.
//
//	{"table": "Spectrum", "made": 28, …, "failed": 2, …, "refreshed": {"added": 30, …},
//	 "elapsed_seconds": 1.3, "keys_per_second": 23.1,
//	 "durations": {"count": 28, "total_seconds": 0.9, "median_seconds": 0.031, "p95_seconds": 0.045, "longest_seconds": 0.12},
//	 "kinds": {"invalid": 1},
//	 "errors": [{"key": {"session": 1, "subject_id": 2}, "text": "subject_id=2 session=1", "message": "invalid: no signal", "kind": "invalid"}, …]}
func (r Report) MarshalJSON() ([]byte, error) {
	errs := r.Errors
	if errs == nil {
		errs = []KeyError{}
	}
	kinds := r.Kinds
	if kinds == nil {
		kinds = map[string]int{}
	}
	return json.Marshal(reportJSON{
		Table: r.Table,
		Made:  r.Made, AlreadyThere: r.AlreadyThere, Skipped: r.Skipped, Failed: r.Failed, NotReady: r.NotReady,
		Unfinished: r.Unfinished, Retried: r.Retried, Withdrawn: r.Withdrawn, LostLease: r.LostLeases, Released: r.Released,
		FailedBefore: r.FailedBefore, Later: r.Later, Refreshed: refreshedJSON(r.Refreshed),
		ElapsedSeconds: r.Elapsed.Seconds(), KeysPerSecond: r.Throughput(), Durations: &r.Durations, Kinds: kinds, Errors: errs,
	})
}

// MarshalJSON is what the durations tell as JSON, in seconds; a [Report] shows it.
func (d Durations) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Count   int     `json:"count"`
		Total   float64 `json:"total_seconds"`
		Median  float64 `json:"median_seconds"`
		P95     float64 `json:"p95_seconds"`
		Longest float64 `json:"longest_seconds"`
	}{d.count, d.total.Seconds(), d.Median().Seconds(), d.Quantile(0.95).Seconds(), d.longest.Seconds()})
}

// MarshalJSON is the error as JSON: key is an object with the attributes of the key, text the key as people read it, and
// message what went wrong, at most 2047 letters of it, and kind its kind, which is "" where it has none.
func (e KeyError) MarshalJSON() ([]byte, error) {
	key := e.Key
	if e.attrs != nil {
		key = e.attrs
	}
	return json.Marshal(struct {
		Key     any    `json:"key"`
		Text    string `json:"text"`
		Message string `json:"message"`
		Kind    string `json:"kind"`
	}{key, e.Text, cut(e.Err.Error(), longestText), KindOf(e.Err)})
}

// MarshalJSON is a list of the reports.
func (rs Reports) MarshalJSON() ([]byte, error) {
	all := []*Report(rs)
	if all == nil {
		all = []*Report{}
	}
	return json.Marshal(all)
}
