package query

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A formula is an SQL expression, and what it means.
type formula struct {
	sql  string
	args []any
	text bool
	eval func(t tuple) any
}

// formulas makes them up over attributes.
type formulas struct {
	*rand.Rand

	attrs []naiveAttr
	// args lets values be arguments.
	args bool
}

// someWords are the values of texts, in the order that all servers have them in.
var someWords = []string{"?", "a", "b", "it's"}

// any is a number or a text.
func (f formulas) any(depth int) formula {
	if f.IntN(3) == 0 {
		return f.word(depth)
	}
	return f.number(depth)
}

// attr is an attribute of numbers or texts, if there is one.
func (f formulas) attr(text bool) (formula, bool) {
	of := slices.DeleteFunc(slices.Clone(f.attrs), func(a naiveAttr) bool { return a.text != text })
	if len(of) == 0 {
		return formula{}, false
	}
	a := of[f.IntN(len(of))]
	sql := a.name
	if f.IntN(4) == 0 {
		sql = "`" + a.name + "`"
	}
	return formula{sql: sql, text: text, eval: func(t tuple) any { return t[a.name] }}, true
}

func (f formulas) constant(text bool) formula {
	var v any = int64(f.IntN(4))
	sql := fmt.Sprint(v)
	if text {
		i := f.IntN(len(someWords))
		v, sql = someWords[i], []string{"'?'", "'a'", `"b"`, "'it''s'"}[i]
	}
	c := formula{sql: sql, text: text, eval: func(tuple) any { return v }}
	if f.args && f.IntN(2) == 0 {
		c.sql, c.args = "?", []any{v}
	}
	return c
}

func (f formulas) number(depth int) formula {
	if depth == 0 || f.IntN(3) == 0 {
		if a, ok := f.attr(false); ok && f.IntN(4) > 0 {
			return a
		}
		return f.constant(false)
	}
	switch a, b := f.number(depth-1), f.number(depth-1); f.IntN(5) {
	case 0:
		return join(a, " + ", b, func(x, y any) any { return arithmetic(x, y, func(x, y int64) int64 { return x + y }) })
	case 1:
		return join(a, " - ", b, func(x, y any) any { return arithmetic(x, y, func(x, y int64) int64 { return x - y }) })
	case 2:
		return f.coalesce(a, b)
	case 3:
		return f.choice(depth, a, b)
	default:
		c := f.condition(depth - 1)
		return formula{sql: "(" + c.sql + ")", args: c.args, eval: func(t tuple) any { return bit(c.eval(t)) }}
	}
}

func (f formulas) word(depth int) formula {
	if depth == 0 || f.IntN(2) == 0 {
		if a, ok := f.attr(true); ok && f.IntN(4) > 0 {
			return a
		}
		return f.constant(true)
	}
	a, b := f.word(depth-1), f.word(depth-1)
	if f.IntN(2) == 0 {
		return f.coalesce(a, b)
	}
	return f.choice(depth, a, b)
}

func (formulas) coalesce(a, b formula) formula {
	return formula{"COALESCE(" + a.sql + ", " + b.sql + ")", slices.Concat(a.args, b.args), a.text, func(t tuple) any {
		if v := a.eval(t); v != nil {
			return v
		}
		return b.eval(t)
	}}
}

func (f formulas) choice(depth int, a, b formula) formula {
	c := f.condition(depth - 1)
	return formula{"CASE WHEN " + c.sql + " THEN " + a.sql + " ELSE " + b.sql + " END", slices.Concat(c.args, a.args, b.args), a.text, func(t tuple) any {
		if c.eval(t) == true {
			return a.eval(t)
		}
		return b.eval(t)
	}}
}

// condition is true, false or nil.
func (f formulas) condition(depth int) formula {
	if depth > 0 && f.IntN(3) == 0 {
		a, b := f.condition(depth-1), f.condition(depth-1)
		switch f.IntN(3) {
		case 0:
			return join(a, " AND ", b, and)
		case 1:
			return join(a, " OR ", b, func(x, y any) any { return not(and(not(x), not(y))) })
		default:
			return formula{sql: "(NOT " + a.sql + ")", args: a.args, eval: func(t tuple) any { return not(a.eval(t)) }}
		}
	}
	depth = max(depth-1, 0)
	a, b := f.number(depth), f.number(depth)
	if f.IntN(3) == 0 {
		a, b = f.word(depth), f.word(depth)
	}
	switch f.IntN(5) {
	case 0:
		return formula{sql: "(" + a.sql + " IS NULL)", args: a.args, eval: func(t tuple) any { return a.eval(t) == nil }}
	case 1:
		return f.among(a)
	case 2:
		return join(a, " <> ", b, compared(func(c int) bool { return c != 0 }))
	case 3:
		return join(a, " < ", b, compared(func(c int) bool { return c < 0 }))
	default:
		return join(a, " = ", b, compared(func(c int) bool { return c == 0 }))
	}
}

// among is a formula's value in a list, which is one argument, or written out.
func (f formulas) among(a formula) formula {
	numbers, texts, sql := []int64{}, []string{}, []string{}
	for i := range f.IntN(4) {
		numbers, texts = append(numbers, int64(f.IntN(4))), append(texts, someWords[1+f.IntN(2)])
		if sql = append(sql, strconv.FormatInt(numbers[i], 10)); a.text {
			sql[i] = "'" + texts[i] + "'"
		}
	}
	in := formula{sql: "(" + a.sql + " IN (?))", args: append(slices.Clone(a.args), any(numbers)), eval: func(t tuple) any {
		switch v := a.eval(t).(type) {
		case int64:
			return slices.Contains(numbers, v)
		case string:
			return slices.Contains(texts, v)
		}
		if len(numbers) > 0 {
			return nil
		}
		return false
	}}
	if a.text {
		in.args[len(in.args)-1] = texts
	}
	if !f.args || f.IntN(2) == 0 && len(numbers) > 0 {
		if len(numbers) == 0 {
			return formula{sql: "(" + a.sql + " IS NOT NULL)", args: a.args, eval: func(t tuple) any { return a.eval(t) != nil }}
		}
		in.sql, in.args = "("+a.sql+" IN ("+strings.Join(sql, ", ")+"))", a.args
	}
	return in
}

func join(a formula, verb string, b formula, eval func(x, y any) any) formula {
	return formula{"(" + a.sql + verb + b.sql + ")", slices.Concat(a.args, b.args), false, func(t tuple) any { return eval(a.eval(t), b.eval(t)) }}
}

func arithmetic(x, y any, do func(x, y int64) int64) any {
	if x == nil || y == nil {
		return nil
	}
	return do(x.(int64), y.(int64))
}

func compared(is func(int) bool) func(x, y any) any {
	return func(x, y any) any {
		if x == nil || y == nil {
			return nil
		}
		return is(compare(x, y))
	}
}

func and(x, y any) any {
	switch {
	case x == false || y == false:
		return false
	case x == nil || y == nil:
		return nil
	}
	return true
}

func not(x any) any {
	if x == nil {
		return nil
	}
	return x == false
}

// bit is a condition as a number.
func bit(x any) any {
	switch x {
	case true:
		return int64(1)
	case false:
		return int64(0)
	}
	return nil
}

// An aggregate is an SQL expression over the rows of a group, and what it means.
type aggregate struct {
	sql  string
	text bool
	eval func(t tuple, group []tuple) any
}

// aggregate makes one up over attributes of each row, those of f, and others that are the same in all of a
// group's rows.
func (f formulas) aggregate(same []naiveAttr, depth int) aggregate {
	if depth > 0 && f.IntN(3) == 0 {
		a := f.aggregate(same, depth-1)
		b := formulas{Rand: f.Rand, attrs: same}.number(1)
		if a.text {
			return a
		}
		return aggregate{sql: "(" + a.sql + " + " + b.sql + ")", eval: func(t tuple, group []tuple) any {
			return arithmetic(a.eval(t, group), b.eval(t), func(x, y int64) int64 { return x + y })
		}}
	}
	of := f.any(1)
	switch f.IntN(7) {
	case 0:
		return aggregate{sql: []string{"count(*)", "COUNT( * )", "count(1)"}[f.IntN(3)], eval: func(_ tuple, group []tuple) any {
			if len(group) == 1 && group[0][lonely] == true {
				return int64(0)
			}
			return int64(len(group))
		}}
	case 1:
		if _, err := strconv.Atoi(of.sql); err == nil {
			of.sql = "(" + of.sql + ")" // which is another question
		}
		return aggregate{sql: "count(" + of.sql + ")", eval: func(_ tuple, group []tuple) any { return int64(len(valuesOf(of, group))) }}
	case 2:
		return aggregate{sql: "count(DISTINCT " + of.sql + ")", eval: func(_ tuple, group []tuple) any {
			return int64(len(slices.Compact(slices.SortedFunc(slices.Values(valuesOf(of, group)), compare))))
		}}
	case 3, 4:
		of = f.number(1)
		return aggregate{sql: "sum(" + of.sql + ")", eval: func(_ tuple, group []tuple) any {
			values, total := valuesOf(of, group), int64(0)
			for _, v := range values {
				total += v.(int64)
			}
			if len(values) == 0 {
				return nil
			}
			return total
		}}
	case 5:
		return aggregate{sql: "min(" + of.sql + ")", text: of.text, eval: func(_ tuple, group []tuple) any { return extreme(valuesOf(of, group), slices.MinFunc) }}
	default:
		return aggregate{sql: "max(" + of.sql + ")", text: of.text, eval: func(_ tuple, group []tuple) any { return extreme(valuesOf(of, group), slices.MaxFunc) }}
	}
}

func extreme(values []any, of func([]any, func(a, b any) int) any) any {
	if len(values) == 0 {
		return nil
	}
	return of(values, compare)
}

// valuesOf are a formula's values in rows, without NULL.
func valuesOf(of formula, group []tuple) (values []any) {
	for _, t := range group {
		if v := of.eval(t); v != nil {
			values = append(values, v)
		}
	}
	return values
}
