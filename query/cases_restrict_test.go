package query

import "time"

// listCases restrict by lists of values and of keys.
func listCases() []algebraCase {
	type kind struct{ Species string }
	first, second := SessionKey{1, 1}, SessionKey{1, 2}
	return []algebraCase{
		{name: "where in a list", rel: From(subjects).Where("subject_id IN (?)", []int{1, 3}), key: "subject_id", rows: []string{subject1, subject3}},
		{name: "where in a list of texts", rel: From(pairs).Where("note IN (?) AND a = ?", []string{"x", "it's", "'; --"}, 1), key: "a b",
			rows: []string{"1 2 fft x", "1 3 NULL it's"}},
		{name: "where in a list of one", rel: From(subjects).Where("species IN (?)", []string{"rat"}), key: "subject_id", rows: []string{subject2}},
		{name: "where in an empty list", rel: From(subjects).Where("subject_id IN (?)", []int{}), key: "subject_id", rows: none},
		{name: "where not in an empty list", rel: From(subjects).Where("weight NOT IN (?)", []float64{}),
			key: "subject_id", rows: []string{subject1, subject2, subject3}},
		{name: "where in two lists", rel: From(sessions).Where("subject_id IN (?) AND session NOT IN (?)", []int32{1, 2}, []int64{2, 9}),
			key: "subject_id session", rows: []string{session11, session21}},
		{name: "where in a list of the values of a function", rel: From(subjects).Where("length(species) IN (?, ?)", 3, 4),
			key: "subject_id", rows: []string{subject2}},
		{name: "match a list of keys", rel: From(sessions).Match([]SessionKey{first, {2, 1}}), key: "subject_id session", rows: []string{session11, session21}},
		{name: "match keys", rel: From(sessions).Match(first, second), key: "subject_id session", rows: []string{session11, session12}},
		{name: "match keys of several kinds", rel: From(subjects).Match(kind{"rat"}, map[string]any{"subject_id": 1}), key: "subject_id",
			rows: []string{subject1, subject2}},
		{name: "match values of one attribute", rel: From(subjects).Match([]kind{{"rat"}, {"cat"}}), key: "subject_id", rows: []string{subject2}},
		{name: "match values of one attribute with null", rel: From(pairs).Match([]map[string]any{{"method": "fft"}, {"method": nil}}), key: "a b",
			rows: []string{"1 2 fft x", "1 3 NULL it's", "2 3 NULL "}},
		{name: "match no keys", rel: From(subjects).Match(), key: "subject_id", rows: none},
		{name: "match an empty list", rel: From(subjects).Match([]kind{}), key: "subject_id", rows: none},
		{name: "match a list with an empty key", rel: From(tags).Match(map[string]any{"tag": "x"}, map[string]any{}), key: "tag", rows: []string{"t"}},
		{name: "match twice", rel: From(sessions).Match(first, second).Match(map[string]any{"rig": "a"}), key: "subject_id session", rows: []string{session11}},
		{name: "not match", rel: From(sessions).NotMatch(first), key: "subject_id session", rows: []string{session12, session21}},
		{name: "not match a list", rel: From(sessions).NotMatch([]SessionKey{first, second}), key: "subject_id session", rows: []string{session21}},
		{name: "not match with nulls", rel: From(pairs).NotMatch(map[string]any{"method": "fft"}), key: "a b", rows: []string{"1 3 NULL it's", "2 3 NULL "}},
		{name: "not match null", rel: From(pairs).NotMatch(map[string]any{"method": nil}), key: "a b", rows: []string{"1 2 fft x"}},
		{name: "not match values of one attribute with nulls", rel: From(pairs).NotMatch(map[string]any{"method": "fft"}, map[string]any{"method": "welch"}),
			key:  "a b",
			rows: []string{"1 3 NULL it's", "2 3 NULL "}},
		{name: "not match no keys", rel: From(tags).NotMatch(), key: "tag", rows: []string{"t"}},
		{name: "not match an empty key", rel: From(tags).NotMatch(map[string]any{}), key: "tag", rows: none},
		{name: "not match of a computed attribute", rel: From(subjects).Project("heavy = weight > 20").NotMatch(map[string]any{"heavy": 1}), key: "subject_id",
			rows: []string{"2 NULL", "3 NULL"}},
	}
}

// documentCases ask for values in json attributes.
func documentCases() []algebraCase {
	day := time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)
	return []algebraCase{
		{name: "where a number on a path", rel: From(recipes).Where("settings.hz:int32 > ?", 10).Project(), key: "recipe", rows: []string{"1"}},
		{name: "where a text on a path", rel: From(recipes).Where("settings.name = ?", "it's").Project(), key: "recipe", rows: []string{"2"}},
		{name: "where null on a path", rel: From(recipes).Where("settings.hz IS NULL").Project(), key: "recipe", rows: []string{"3"}},
		{name: "where nothing on a path", rel: From(recipes).Where("settings.taps[0] IS NULL").Project(), key: "recipe", rows: []string{"2", "3"}},
		{name: "where a place in a list", rel: From(recipes).Where("settings.taps[1]:float64 = 2.5").Project(), key: "recipe", rows: []string{"1"}},
		{name: "where a truth on a path", rel: From(recipes).Where("settings.deep.on = 'true'").Project(), key: "recipe", rows: []string{"1"}},
		{name: "where a day on a path", rel: From(recipes).Where("settings.day:date = ?", day).Project(), key: "recipe", rows: []string{"1"}},
		{name: "where a path in a list", rel: From(recipes).Where("settings.hz:int64 IN (?)", []int{7, 8}).Project(), key: "recipe", rows: []string{"2"}},
		{name: "project paths", rel: From(recipes).Project("name = settings.name:char(5)", "hz = settings.hz:signed + 1"), key: "recipe",
			rows: []string{"1 notch 51", "2 it's 8", "3 NULL NULL"}},
		{name: "project a path and where", rel: From(recipes).Project("hz = settings.hz:int64").Where("hz < ?", 10), key: "recipe", rows: []string{"2 7"}},
		{name: "a path behind a join", rel: From(tags, recipes).Where("settings.hz:int64 = 7").Project("name = settings.name"),
			key: "tag recipe", rows: []string{"t 2 it's"}},
		{name: "a path into what is renamed", rel: From(recipes).Project("s = settings").Where("s.name = 'notch'").Project("hz = s.hz:int32"),
			key: "recipe", rows: []string{"1 50"}},
		{name: "the first by a path", rel: From(recipes).Project("hz = settings.hz:int64").Top(1, "hz DESC"), key: "recipe", rows: []string{"1 50"}},
		{name: "aggregate a path", rel: Universal().Aggregate(From(recipes), "least = min(settings.hz:int64)", "n = count(settings.hz)"),
			key: "", rows: []string{"7 2"}},
	}
}

// hiddenCases name hidden attributes; of those made here all are NULL or empty.
func hiddenCases() []algebraCase {
	return []algebraCase{
		{name: "where a hidden attribute", rel: From(spectra).Where("_job_duration IS NULL AND peak_hz > 11"), key: "subject_id session method",
			rows: []string{welch11, fft12}},
		{name: "match a hidden attribute", rel: From(spectra).Match(map[string]any{"_job_start_time": nil, "method": "welch"}), key: "subject_id session method",
			rows: []string{welch11}},
		{name: "rename a hidden attribute", rel: From(spectra).Project("took = _job_duration").Where("took IS NULL AND session = 2"),
			key: "subject_id session method", rows: []string{"1 2 fft NULL"}},
		{name: "compute of a hidden attribute", rel: From(spectra).Project("slow = COALESCE(_job_duration, 1) > 0.5").Where("slow AND method = 'welch'"),
			key: "subject_id session method", rows: []string{"1 1 welch 1"}},
		{name: "a hidden attribute behind a join", rel: From(sessions, spectra).Where("_job_duration IS NULL").Project(), key: "subject_id session method",
			rows: []string{"1 1 fft", "1 1 welch", "1 2 fft"}},
		{name: "the first by a hidden attribute", rel: From(spectra).Top(1, "_job_duration", "peak_hz DESC"),
			key: "subject_id session method", rows: []string{fft12}},
		{name: "aggregate a hidden attribute", rel: From(sessions).Aggregate(From(spectra), "n = count(*)", "timed = count(_job_duration)"),
			key:  "subject_id session",
			rows: []string{"1 1 2 0", "1 2 1 0", "2 1 0 0"}},
		{name: "join both of which have hidden attributes", rel: From(spectra).Project("_job_version").Join(From(spectra)), key: "subject_id session method",
			rows: []string{fft11, welch11, fft12}},
	}
}
