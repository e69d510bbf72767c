package main

import (
	"context"

	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// The rows of the tables: subjects, three that are computed one from the other, and samples.
type (
	Key     struct{ SubjectID int32 }
	Subject struct {
		Key

		Weight float64
	}
	First struct {
		Key

		Value float64
	}
	Second struct {
		Key

		Value float64
	}
	Third struct {
		Key

		Value float64
	}
)

// A lab has the tables of a stage.
type lab struct {
	schema   *schema.Schema
	subjects *schema.TableOf[Subject]
	first    *schema.TableOf[First]
	second   *schema.TableOf[Second]
	third    *schema.TableOf[Third]
	samples  *schema.TableOf[limit.Sample]
}

// A peerTable is what DataJoint has to know of a table.
type peerTable struct {
	Name       string `json:"name"`
	Tier       string `json:"tier"`
	Definition string `json:"definition"`
	// From and Read are the table and the attribute from which a make reads; "" where there is none.
	From string `json:"from"`
	Read string `json:"read"`
}

const (
	subjectText = "subject_id : int32\n---\nweight : float64"
	firstText   = "-> Subject\n---\nvalue : float64"
	secondText  = "-> First\n---\nvalue : float64"
	thirdText   = "-> Second\n---\nvalue : float64"
	sampleText  = "subject : int32\nsample : int64\n---\nchannel : int16\nvalue : float64\nnoise = null : float64\nlabel : varchar(32)"
)

// peerTables are the tables of every lab.
var peerTables = []peerTable{
	{"Subject", "Manual", subjectText, "", ""},
	{"First", "Computed", firstText, "Subject", "weight"},
	{"Second", "Computed", secondText, "First", "value"},
	{"Third", "Computed", thirdText, "Second", "value"},
	{"Sample", "Manual", sampleText, "", ""},
}

func newLab(name string) *lab {
	l := &lab{schema: schema.New(name)}
	l.subjects = schema.Manual[Subject](l.schema, subjectText)
	l.first = schema.Computed[First](l.schema, firstText, l.subjects)
	l.second = schema.Computed[Second](l.schema, secondText, l.first)
	l.third = schema.Computed[Third](l.schema, thirdText, l.second)
	l.samples = schema.Manual[limit.Sample](l.schema, sampleText)
	return l
}

func (l *lab) computed() []schema.Declared { return []schema.Declared{l.first, l.second, l.third} }

// maker makes First, as most makes do: it reads one row, and inserts one.
func (l *lab) maker(staged bool) *populate.Maker {
	if !staged {
		return simple(l.subjects, l.first, func(s Subject) First { return First{s.Key, 2 * s.Weight} })
	}
	return populate.Staged(l.first,
		func(ctx context.Context, tx *populate.Tx, _ Key) (Subject, error) {
			return query.One[Subject](ctx, tx, tx.Upstream(l.subjects))
		},
		func(_ context.Context, _ Key, s Subject) (float64, error) { return 2 * s.Weight, nil },
		func(ctx context.Context, tx *populate.Tx, key Key, value float64) error {
			return query.Insert(ctx, tx, l.first, First{key, value})
		})
}

// makers are those of the pipeline.
func (l *lab) makers() []*populate.Maker {
	return []*populate.Maker{
		l.maker(false),
		simple(l.first, l.second, func(f First) Second { return Second{f.Key, 2 * f.Value} }),
		simple(l.second, l.third, func(s Second) Third { return Third{s.Key, 2 * s.Value} }),
	}
}

func simple[Up, Row any](up *schema.TableOf[Up], to *schema.TableOf[Row], row func(Up) Row) *populate.Maker {
	return populate.New(to, func(ctx context.Context, tx *populate.Tx, _ Key) error {
		u, err := query.One[Up](ctx, tx, tx.Upstream(up))
		if err != nil {
			return err
		}
		return query.Insert(ctx, tx, to, row(u))
	})
}
