package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/query"
)

var rowSizes = sizes([]int{100_000, 1_000_000}, []int{50_000}, 20)

// rowLines read and enter rows.
var rowLines = []line{
	{"fetch N rows into structs", "row", rowSizes, func(ctx context.Context, s *stage) (*trial, error) {
		return &trial{
			ways: map[contender]way{
				rowmillWay: here(func(ctx context.Context) error {
					rows, err := query.Fetch[limit.Sample](ctx, s.db, query.From(s.lab.samples))
					return s.all(len(rows), err)
				}),
				handWay: here(func(ctx context.Context) error {
					rows, err := limit.Fetch(ctx, s.hand.DB, s.fill("{sample}"))
					return s.all(len(rows), err)
				}),
				peerWay: s.peer(request{Do: "fetch", N: s.n}),
			},
		}, limit.Insert(ctx, s.setter, s.fill("{sample}"), samples(s.n))
	}},
	{"read N rows one by one", "row", rowSizes, func(ctx context.Context, s *stage) (*trial, error) {
		return &trial{
			ways: map[contender]way{
				rowmillWay: here(func(ctx context.Context) error {
					n := 0
					for _, err := range query.Each[limit.Sample](ctx, s.db, query.From(s.lab.samples)) {
						if err != nil {
							return err
						}
						n++
					}
					return s.all(n, nil)
				}),
				handWay: here(func(ctx context.Context) error {
					n := 0
					err := limit.Each(ctx, s.hand.DB, s.fill("{sample}"), func(limit.Sample) { n++ })
					return s.all(n, err)
				}),
				peerWay: s.peer(request{Do: "each", N: s.n}),
			},
		}, limit.Insert(ctx, s.setter, s.fill("{sample}"), samples(s.n))
	}},
	{"insert N rows", "row", rowSizes, func(_ context.Context, s *stage) (*trial, error) {
		rows := samples(s.n)
		t := &trial{
			before: func(ctx context.Context) error { return s.empty(ctx, "sample") },
			ways: map[contender]way{
				rowmillWay: here(func(ctx context.Context) error { return query.Insert(ctx, s.db, s.lab.samples, rows...) }),
				handWay:    here(func(ctx context.Context) error { return limit.Insert(ctx, s.hand.DB, s.fill("{sample}"), rows) }),
			},
			check: func(ctx context.Context) error { return s.want(ctx, s.n, "SELECT COUNT(*) FROM {sample}") },
		}
		if s.peers != nil {
			t.ways[peerWay] = func(ctx context.Context) (spent, error) {
				if _, err := s.peer(request{Do: "rows_made", N: s.n})(ctx); err != nil {
					return spent{}, err
				}
				return s.peer(request{Do: "insert"})(ctx)
			}
		}
		return t, nil
	}},
}

// all is an error unless n rows are all.
func (s *stage) all(n int, err error) error {
	if err == nil && n != s.n {
		err = fmt.Errorf("%d rows were read, of %d", n, s.n)
	}
	return err
}

func samples(n int) []limit.Sample {
	rows := make([]limit.Sample, n)
	for i := range rows {
		rows[i] = limit.Sample{
			Subject: int32(i / 1000), Sample: int64(i % 1000), Channel: int16(i % 64),
			Value: float64(i) / 7, Label: "label " + strconv.Itoa(i%977),
		}
		if i%3 > 0 {
			rows[i].Noise = new(float64(i) / 3)
		}
	}
	return rows
}
