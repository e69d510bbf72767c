package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
)

// answerQuestions runs the program on every server, and has each question give the rows of the SQL that was
// written by hand, and the same rows everywhere.
func answerQuestions(t *testing.T) {
	everywhere := map[string][]string{}
	require.Len(t, questions(), len(answers))
	testdb.Each(t, func(t *testing.T, dsn string) {
		said := output(t, t.TempDir(), "-dsn", dsn, "-rows", "1")
		db := opened(t, dsn)
		for _, q := range questions() {
			t.Run(q.number, func(t *testing.T) {
				require.Contains(t, answers, q.number)
				h, err := q.answer.Heading()
				require.NoError(t, err)
				got, wanted := asked(t, db, q.answer, h.Names()), byHand(t, db, sqlOf(q.number, dsn), h.Names())
				if !strings.Contains(answers[q.number], "ORDER BY") {
					slices.Sort(got)
					slices.Sort(wanted)
				}
				require.NotEmpty(t, got)
				requireAlike(t, wanted, got)
				if everywhere[q.number] == nil {
					everywhere[q.number] = got
				}
				if q.number != "10b" { // servers need not agree on which day it is
					requireAlike(t, everywhere[q.number], got)
				}
				head := fmt.Sprintf("%s. %s: %s\n", q.number, q.text, counted(len(got)))
				require.Contains(t, said, head)
				require.Contains(t, golden(t), head)
			})
		}
	})
}

// opened is the database of a DSN, which the program has filled.
func opened(t *testing.T, dsn string) *rowmill.DB {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	if !strings.HasPrefix(dsn, "sqlite:") {
		// MySQL takes half a minute to notice that tables are full, and until then has plans for
		// empty ones: question 7 takes a minute rather than a tenth of a second.
		rows, err := db.Query(t.Context(), "ANALYZE TABLE university.student, university.enroll, university.grade")
		require.NoError(t, err)
		require.NoError(t, rows.Close())
	}
	return db
}

// asked are the rows of a relation as texts, in the order in which they come.
func asked(t *testing.T, db *rowmill.DB, answer query.Rel, names []string) []string {
	t.Helper()
	var rows []string
	for row, err := range query.Each[map[string]any](t.Context(), db, answer) {
		require.NoError(t, err)
		rows = append(rows, joined(row, names))
	}
	return rows
}

// byHand are the rows of a SELECT as texts. Its columns have the names, in any order.
func byHand(t *testing.T, db *rowmill.DB, statement string, names []string) []string {
	t.Helper()
	found, err := db.Query(t.Context(), statement)
	require.NoError(t, err)
	defer found.Close()
	columns, err := found.Columns()
	require.NoError(t, err)
	require.ElementsMatch(t, names, columns)
	values, dests := make([]any, len(columns)), make([]any, len(columns))
	for i := range dests {
		dests[i] = &values[i]
	}
	var rows []string
	for found.Next() {
		require.NoError(t, found.Scan(dests...))
		row := map[string]any{}
		for i, name := range columns {
			row[name] = values[i]
		}
		rows = append(rows, joined(row, names))
	}
	require.NoError(t, found.Err())
	return rows
}

// joined is a row as a text.
func joined(row map[string]any, names []string) string {
	cells := make([]string, len(names))
	for i, name := range names {
		cells[i] = text(row[name])
	}
	return strings.Join(cells, "|")
}

// text is a value in the form that all drivers' values of it have in common.
func text(v any) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		v = string(x)
	case time.Time:
		return x.Format(time.DateOnly)
	}
	s := fmt.Sprint(v)
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return s
}

// requireAlike wants rows to be the same, but for what servers round: they compute quotients to six decimals
// or more.
func requireAlike(t *testing.T, wanted, got []string) {
	t.Helper()
	require.Len(t, got, len(wanted))
	for i := range wanted {
		w, g := strings.Split(wanted[i], "|"), strings.Split(got[i], "|")
		if !slices.EqualFunc(w, g, alike) {
			require.Equal(t, wanted[i], got[i], "row %d", i)
		}
	}
}

func alike(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX != nil || errY != nil {
		return a == b
	}
	return math.Abs(x-y) < 1e-6
}
