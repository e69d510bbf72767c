package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// enterMissing enters the rows whose primary key is not there, and returns how many they are.
func (in *intake) enterMissing(ctx context.Context) (n int, err error) {
	if in.count == 0 {
		return 0, nil
	}
	err = in.session.Atomic(ctx, func(s rowmill.Session) error {
		n = 0
		for begin := 0; begin < in.count; begin += in.mostRows {
			entered, err := in.enterNew(ctx, s, begin, min(begin+in.mostRows, in.count))
			if err != nil {
				return err
			}
			n += entered
		}
		return nil
	})
	return n, err
}

// enterNew looks which of the rows are there, and enters the others. What it does not see, because it came since
// or is equal to the server alone, the statement that enters it tells.
func (in *intake) enterNew(ctx context.Context, s rowmill.Session, begin, end int) (int, error) {
	there, err := in.there(ctx, s, begin, end)
	if err != nil {
		return 0, err
	}
	fresh := in.only(begin, end, there)
	return fresh.pass(ctx, s, 0, fresh.count)
}

// only is an intake of the rows whose keys are not among those, and each key once.
func (in *intake) only(begin, end int, there map[string]bool) *intake {
	var rows []int
	for i := begin; i < end; i++ {
		if in.keyOf != nil {
			key, err := in.keyOf(i)
			if err == nil && there[keyText(key)] {
				continue
			}
			there[keyText(key)] = err == nil && !slices.Contains(key, nil) // which the server numbers
		}
		rows = append(rows, i)
	}
	fresh := *in
	fresh.count, fresh.rows, fresh.statement = len(rows), 0, ""
	fresh.encode = func(values []any, i int) ([]any, error) { return in.encode(values, rows[i]) }
	fresh.name = func(i int) string { return strings.TrimSuffix(in.named(rows[i]), ": ") }
	if in.keyOf != nil {
		fresh.keyOf = func(i int) ([]any, error) { return in.keyOf(rows[i]) }
	}
	return &fresh
}

// isNumbered tells whether the server gives a row its key, which is not there then.
func (in *intake) isNumbered(i int) bool {
	if in.keyOf != nil {
		key, err := in.keyOf(i)
		return err == nil && slices.Contains(key, nil)
	}
	return slices.ContainsFunc(in.table.Heading().Attrs(), func(a schema.Attr) bool { return a.Key && a.Type.Auto })
}

// pass enters rows, or those of them that can be, if the others' keys are there.
func (in *intake) pass(ctx context.Context, s rowmill.Session, begin, end int) (int, error) {
	if begin == end {
		return 0, nil
	}
	filled, err := in.fill(begin, end)
	if err != nil {
		return 0, err
	}
	if filled < end {
		return in.halves(ctx, s, begin, filled, end)
	}
	err = in.run(ctx, s, end-begin)
	duplicate := errors.Is(err, rowmill.ErrDuplicate)
	switch {
	case err == nil:
		return end - begin, nil
	case end-begin > 1 && (duplicate || errors.Is(err, rowmill.ErrTooLarge)):
		return in.halves(ctx, s, begin, begin+(end-begin)/2, end)
	case duplicate && !in.isNumbered(begin) && in.leave(ctx, s) == nil:
		return 0, nil
	case isAny(err, rowErrors):
		return 0, in.blame(ctx, s, begin, end, err)
	}
	return 0, err
}

func (in *intake) halves(ctx context.Context, s rowmill.Session, begin, middle, end int) (int, error) {
	n, err := in.pass(ctx, s, begin, middle)
	if err != nil {
		return 0, err
	}
	m, err := in.pass(ctx, s, middle, end)
	return n + m, err
}

// leave enters the row whose arguments are there unless its key is.
func (in *intake) leave(ctx context.Context, s rowmill.Session) error {
	one := *in
	one.upsert(nil)
	return one.run(ctx, s, 1)
}

// lookAtOnce is how many keys one statement looks for. SQLite takes expressions of a depth of 1000 at most.
const lookAtOnce = 250

// there are the keys of the rows that are in the table.
func (in *intake) there(ctx context.Context, s rowmill.Session, begin, end int) (map[string]bool, error) {
	found := map[string]bool{}
	if in.keyOf == nil || len(in.table.Heading().Key()) == 0 {
		return found, nil
	}
	for ; begin < end; begin += lookAtOnce {
		var args []any
		n := min(lookAtOnce, end-begin)
		for i := begin; i < begin+n; i++ {
			key, err := in.keyOf(i)
			if err != nil {
				return nil, fmt.Errorf("%s%w: %w", in.named(i), rowmill.ErrValue, err)
			}
			args = append(args, key...)
		}
		if err := in.look(ctx, s, n, args, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// look adds those of n keys that are in the table.
func (in *intake) look(ctx context.Context, s rowmill.Session, n int, args []any, found map[string]bool) error {
	dests, values := in.keys()
	return scan(ctx, s, verbatim{in.keysQuery(s.Dialect(), n), args}, dests, func() error {
		key, err := values()
		if err == nil {
			found[keyText(key)] = true
		}
		return err
	})
}

// keysQuery asks for those of n keys that are in the table. Servers find (a = ? AND b = ?) OR … by an index, and
// scan for (a, b) IN (…).
func (in *intake) keysQuery(d dialect.Dialect, n int) string {
	var columns, equal []string
	for _, a := range in.table.Heading().Attrs() {
		if a.Key {
			columns = append(columns, d.Exact("t."+dialect.Quote(a.Name), a.Type))
			equal = append(equal, "t."+dialect.Quote(a.Name)+" = ?")
		}
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + tableName(d, in.table) + " AS t WHERE "
	if len(equal) == 1 {
		return query + strings.TrimSuffix(equal[0], "= ?") + "IN (" + placeholders(n) + ")"
	}
	one := "(" + strings.Join(equal, " AND ") + ")"
	return query + strings.Repeat(one+" OR ", n-1) + one
}

// keyText is a text that is equal for equal values of a key.
func keyText(values []any) string {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			b = strconv.AppendQuote(b, v)
		case []byte:
			b = strconv.AppendQuote(b, string(v))
		default:
			b = fmt.Append(b, v)
		}
		b = append(b, ' ')
	}
	return string(b)
}
