package query

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// The tables of the tests of this package: every kind of key and foreign key that matters
// to a query.
var lab = schema.New("lab")

type (
	Subject struct {
		SubjectID int32
		Species   string
		Weight    *float64
	}
	SessionKey struct {
		SubjectID int32
		Session   int16
	}
	Session struct {
		SessionKey
		RateHz float64
		Rig    *string
		Order  int8
	}
	Method struct {
		Method string
		Gain   int32
	}
	SpectrumKey struct {
		SessionKey
		Method string
	}
	Spectrum struct {
		SpectrumKey
		PeakHz float64
	}
	Peak struct {
		SpectrumKey
		Peak int16
		Hz   float64
	}
	Pair struct {
		A, B   int32
		Method *string
		Note   string
	}
	Review struct {
		Subject int32
		Run     int16
		Method  string
		Peak    int16
		Grade   int8
	}
	Tag    struct{ Tag string }
	Blank  struct{ Blank string }
	Setup  struct{ Version int32 }
	Recipe struct {
		Recipe   int16
		Settings json.RawMessage
	}
)

var (
	subjects = schema.Manual[Subject](lab, `
		subject_id : int32
		---
		species : varchar(16)
		weight = null : float64
	`)
	sessions = schema.Manual[Session](lab, `
		-> Subject
		session : int16
		---
		rate_hz : float64
		rig = null : varchar(8)
		order = 0 : int8
	`, subjects)
	methods = schema.Lookup(lab, `
		method : varchar(8)
		---
		gain : int32
	`, []Method{{"fft", 1}, {"welch", 2}})
	spectra = schema.Computed[Spectrum](lab, `
		-> Session
		-> Method
		---
		peak_hz : float64
	`, sessions, methods)
	peaks = schema.Part[Peak](spectra, `
		-> master
		peak : int16
		---
		hz : float64
	`)
	pairs = schema.Manual[Pair](lab, `
		-> Subject.proj(a='subject_id')
		-> Subject.proj(b='subject_id')
		---
		-> [nullable] Method
		note = "" : varchar(64)
	`, subjects, methods)
	reviews = schema.Manual[Review](lab, `
		-> Spectrum.Peak.proj(subject='subject_id', run='session')
		---
		grade : int8
	`, peaks)
	tags   = schema.Manual[Tag](lab, `tag : varchar(8)`)
	blanks = schema.Manual[Blank](lab, `blank : varchar(8)`)
	setups = schema.Lookup(lab, `
		---
		version : int32
	`, []Setup{{7}})
	recipes = schema.Lookup(lab, `
		recipe : int16
		---
		settings : json
	`, []Recipe{
		{1, json.RawMessage(`{"hz": 50, "name": "notch", "taps": [1, 2.5], "deep": {"on": true}, "day": "2024-01-02"}`)},
		{2, json.RawMessage(`{"hz": 7, "name": "it's", "taps": [], "deep": {"on": false}}`)},
		{3, json.RawMessage(`{"hz": null}`)},
	})
)

// fillLab enters three subjects, of which the third has no session; what else there is, the
// comments beside it say.
func fillLab(t *testing.T, db *rowmill.DB) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, Insert(ctx, db, subjects, Subject{1, "mouse", new(20.5)}, Subject{2, "rat", nil}, Subject{3, "mouse", nil}))
	one, two, three := SessionKey{1, 1}, SessionKey{1, 2}, SessionKey{2, 1}
	require.NoError(t, Insert(ctx, db, sessions,
		Session{one, 100, new("a"), 3}, Session{two, 200, nil, 1}, Session{three, 100, nil, 2}))
	require.NoError(t, Insert(ctx, made{db}, spectra, // none of the third session
		Spectrum{SpectrumKey{one, "fft"}, 10}, Spectrum{SpectrumKey{one, "welch"}, 12}, Spectrum{SpectrumKey{two, "fft"}, 50}))
	require.NoError(t, Insert(ctx, made{db}, peaks, // none of welch
		Peak{SpectrumKey{one, "fft"}, 1, 9.5}, Peak{SpectrumKey{one, "fft"}, 2, 20}, Peak{SpectrumKey{two, "fft"}, 1, 50}))
	require.NoError(t, Insert(ctx, db, pairs, Pair{1, 2, new("fft"), "x"}, Pair{1, 3, nil, "it's"}, Pair{2, 3, nil, ""}))
	require.NoError(t, Insert(ctx, db, reviews, Review{1, 1, "fft", 1, 5}))
	require.NoError(t, Insert(ctx, db, tags, Tag{"t"}))
}
