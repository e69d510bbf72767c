package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rowmill/rowmill/internal/dialect"
)

// indexes adds those that are missing. What is over an attribute that was refused is, too, and goes without saying.
func (a *alterer) indexes(ctx context.Context) error {
	c := comparison{found: a.found}
	for _, w := range a.wanted.Indexes {
		if hasIndex(a.result, w) || !w.Unique && c.serves(w) || slices.ContainsFunc(w.Columns(), a.lacks) {
			continue
		}
		twice, err := a.twice(ctx, w)
		switch {
		case err != nil:
			return err
		case twice != "":
			a.refuse(showIndex(w), "several rows have "+twice)
		case a.can(showIndex(w), dialect.Change{AddIndex: &w}):
			a.result.Indexes = append(a.result.Indexes, w)
		}
	}
	for _, f := range a.result.Indexes {
		if !hasIndex(a.wanted, f) {
			a.keep(showIndex(f), "it is not in the definition")
		}
	}
	return nil
}

func (a *alterer) lacks(column string) bool { return indexOf(a.result.Columns, column) < 0 }

// none tells whether the table has no row of a condition, or none at all.
func (a *alterer) none(ctx context.Context, condition string) (bool, error) {
	if condition == "" {
		condition = "TRUE"
	}
	rows, err := a.on.Query(ctx, fmt.Sprintf(selectOne, a.name(), condition))
	if err != nil {
		return false, err
	}
	found := rows.Next()
	return !found, errors.Join(rows.Err(), rows.Close())
}

// twice finds values of the columns of a unique index that several rows have. Where it is over what is
// computed, or over columns that are not there yet, the server will tell.
func (a *alterer) twice(ctx context.Context, i dialect.Index) (string, error) {
	columns := i.Columns()
	computed := func(p dialect.IndexPart) bool { return p.Path != "" || p.Expression != "" }
	if !i.Unique || slices.ContainsFunc(i.Parts, computed) ||
		slices.ContainsFunc(columns, func(c string) bool { return indexOf(a.found.Columns, c) < 0 }) {
		return "", nil
	}
	there := strings.ReplaceAll(dialect.QuoteAll(columns), ", ", " IS NOT NULL AND ")
	list := dialect.QuoteAll(columns)
	rows, err := a.on.Query(ctx, fmt.Sprintf(selectTwice, list, a.name(), there, list))
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return "", rows.Err()
	}
	values, dests := make([]any, len(columns)), make([]any, len(columns))
	for n := range values {
		dests[n] = &values[n]
	}
	if err := rows.Scan(dests...); err != nil {
		return "", err
	}
	told := make([]string, len(columns))
	for n, v := range values {
		told[n] = columns[n] + " = " + shown(v)
	}
	return strings.Join(told, " and "), nil
}

// shown is a value of a row for people.
func shown(v any) string {
	b, ok := v.([]byte)
	switch {
	case !ok:
		return fmt.Sprint(v)
	case utf8.Valid(b):
		return string(b)
	}
	return fmt.Sprintf("0x%x", b)
}

func (a *alterer) name() string { return a.on.Dialect().Table(a.table.schema.name, a.table.name) }
