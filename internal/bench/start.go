package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/schema"
)

// wideTables is how many tables a program has that starts: ten that people fill, and behind each two that are computed.
const wideTables = 30

// An Entry is a row of any of them.
type Entry struct {
	ID    int32
	Value float64
}

// The rows of these tables.
type (
	T01 struct{ Entry }
	T02 struct{ Entry }
	T03 struct{ Entry }
	T04 struct{ Entry }
	T05 struct{ Entry }
	T06 struct{ Entry }
	T07 struct{ Entry }
	T08 struct{ Entry }
	T09 struct{ Entry }
	T10 struct{ Entry }
	T11 struct{ Entry }
	T12 struct{ Entry }
	T13 struct{ Entry }
	T14 struct{ Entry }
	T15 struct{ Entry }
	T16 struct{ Entry }
	T17 struct{ Entry }
	T18 struct{ Entry }
	T19 struct{ Entry }
	T20 struct{ Entry }
	T21 struct{ Entry }
	T22 struct{ Entry }
	T23 struct{ Entry }
	T24 struct{ Entry }
	T25 struct{ Entry }
	T26 struct{ Entry }
	T27 struct{ Entry }
	T28 struct{ Entry }
	T29 struct{ Entry }
	T30 struct{ Entry }
)

const (
	manualText   = "id : int32\n---\nvalue : float64"
	computedText = "-> %s\n---\nvalue : float64"
)

// newWide is the schema with all of them.
func newWide(name string) *schema.Schema {
	s := schema.New(name)
	chain[T01, T02, T03](s)
	chain[T04, T05, T06](s)
	chain[T07, T08, T09](s)
	chain[T10, T11, T12](s)
	chain[T13, T14, T15](s)
	chain[T16, T17, T18](s)
	chain[T19, T20, T21](s)
	chain[T22, T23, T24](s)
	chain[T25, T26, T27](s)
	chain[T28, T29, T30](s)
	return s
}

func chain[A, B, C any](s *schema.Schema) {
	first := schema.Manual[A](s, manualText)
	second := schema.Computed[B](s, fmt.Sprintf(computedText, first), first)
	schema.Computed[C](s, fmt.Sprintf(computedText, second), second)
}

// widePeer are the same for DataJoint.
func widePeer() (tables []peerTable) {
	for i := range wideTables {
		t := peerTable{Name: wideName(i), Tier: "Manual", Definition: manualText}
		if i%3 > 0 {
			t.Tier, t.From, t.Read = "Computed", wideName(i-1), "value"
			t.Definition = fmt.Sprintf(computedText, t.From)
		}
		tables = append(tables, t)
	}
	return tables
}

func wideName(i int) string { return fmt.Sprintf("T%02d", i+1) }

// wideByHand are the statements that create tables like these, and nothing where they are.
func wideByHand(single bool, schema string) (statements []string) {
	before := "`" + schema + "`.`"
	if single {
		before = "`" + schema + "."
	} else {
		statements = append(statements, "CREATE DATABASE IF NOT EXISTS `"+schema+"`")
	}
	for i := range wideTables {
		refers := ""
		if i%3 > 0 {
			refers = ", FOREIGN KEY (id) REFERENCES " + before + wideName(i-1) + "` (id)"
		}
		statements = append(statements, "CREATE TABLE IF NOT EXISTS "+before+wideName(i)+"` (id INTEGER NOT NULL, value DOUBLE NOT NULL, PRIMARY KEY (id)"+refers+")")
	}
	return statements
}

// startLines start a program, of which a process is the whole: it opens the database and declares its tables. That by
// hand compares nothing with what is there, which Rowmill and DataJoint do.
var startLines = []line{
	{"start: 30 new tables", "table", startSizes, func(_ context.Context, s *stage) (*trial, error) {
		next := 0
		return s.starting(func() int { next++; return next }), nil
	}},
	{"start: 30 tables that are there", "table", startSizes, func(ctx context.Context, s *stage) (*trial, error) {
		t := s.starting(func() int { return 0 })
		for _, who := range contenders { // the first makes them
			if t.ways[who] == nil {
				continue
			}
			if _, err := t.ways[who](ctx); err != nil {
				return nil, err
			}
		}
		return t, nil
	}},
}

var startSizes = sizes([]int{wideTables}, []int{wideTables}, wideTables)

// starting is a trial, each time with tables of a number, which each contender has for himself.
func (s *stage) starting(number func() int) *trial {
	of := func(who string, r request) func() request {
		return func() request {
			name := "_" + who + strconv.Itoa(number())
			r.Do, r.DSN, r.Schema = "start", s.dsn, s.schema+name
			if s.single() {
				r.DSN = s.dsn[:len(s.dsn)-len(".db")] + name + ".db"
			}
			return r
		}
	}
	t := &trial{ways: map[contender]way{
		rowmillWay: s.ours.whole(of("ours", request{Way: rowmillWay})),
		handWay:    s.ours.whole(of("hand", request{Way: handWay})),
	}}
	if s.peers != nil {
		t.ways[peerWay] = s.peers.whole(of("peer", request{Tables: widePeer()}))
	}
	return t
}

// startUp is what a program does that starts.
func startUp(ctx context.Context, r request) error {
	if r.Way == handWay {
		hand, err := limit.Connect(r.DSN, nil)
		if err != nil {
			return err
		}
		defer func() { _ = hand.Close() }()
		return limit.Declare(ctx, hand, wideByHand(limit.IsFile(r.DSN), r.Schema))
	}
	db, err := rowmill.Open(ctx, r.DSN)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return newWide(r.Schema).Declare(ctx, db)
}
