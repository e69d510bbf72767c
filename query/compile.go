package query

import (
	"fmt"
	"maps"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// A compiler makes one SELECT of a relation. It gives every table and subquery an alias of
// its own, so that conditions can be moved together.
type compiler struct {
	dialect dialect.Dialect
	aliases int
}

// A selection is a SELECT that is being made.
type selection struct {
	heading *schema.Heading
	columns map[string]string // the SQL of each attribute
	from    squirrel.Sqlizer
	where   squirrel.And
	// plain tells that unqualified names mean the heading's attributes: that from holds all
	// of them under their own names, and no others.
	plain bool
	// joins tells that from is a join, and wants parentheses to stand right of another.
	joins bool
}

func (c *compiler) alias() string {
	c.aliases++
	return fmt.Sprintf("t%d", c.aliases)
}

func (b base) compile(c *compiler) *selection {
	alias := c.alias()
	return &selection{
		heading: b.table.Heading(),
		columns: columnsOf(alias, b.table.Heading()),
		from:    squirrel.Expr(c.dialect.Table(b.table.Schema().Name(), b.table.Name()) + " AS " + alias),
		plain:   true,
	}
}

func columnsOf(alias string, h *schema.Heading) map[string]string {
	columns := map[string]string{}
	for _, a := range h.All() {
		columns[a.Name] = alias + "." + dialect.Quote(a.Name)
	}
	return columns
}

func (r restricted) compile(c *compiler) *selection { return r.cond.restrict(c, r.of.compile(c)) }

func (t text) restrict(c *compiler, s *selection) *selection {
	s = c.plain(s)
	s.where = append(s.where, verbatim{"(" + t.sql + ")", t.args})
	return s
}

func (m match) restrict(_ *compiler, s *selection) *selection {
	for i, name := range m.names {
		s.where = append(s.where, equals(s.columns[name], m.values[i]))
	}
	return s
}

func equals(column string, v any) squirrel.Sqlizer {
	if v == nil {
		return squirrel.Expr(column + " IS NULL")
	}
	return verbatim{column + " = ?", []any{v}}
}

// verbatim is SQL with a user's values. A squirrel.Expr would expand a value that is itself a
// piece of SQL.
type verbatim struct {
	sql  string
	args []any
}

func (v verbatim) ToSql() (string, []any, error) { return v.sql, v.args, nil } //nolint:staticcheck // squirrel's name

// restrict makes a semijoin, or an antijoin. With EXISTS rather than IN, a NULL agrees with
// nothing, and does no more.
func (m member) restrict(c *compiler, s *selection) *selection {
	var some squirrel.Or
	for _, o := range m.others {
		other := o.node.compile(c)
		where := append(squirrel.And{}, other.where...)
		for _, name := range o.common {
			where = append(where, squirrel.Expr(other.columns[name]+" = "+s.columns[name]))
		}
		some = append(some, squirrel.Expr("EXISTS (?)", selectFrom("1", other.from, where)))
	}
	var exists squirrel.Sqlizer = some
	if len(some) == 1 {
		exists = some[0]
	}
	if m.not {
		exists = squirrel.Expr("NOT ?", exists)
	}
	s.where = append(s.where, exists)
	return s
}

func (j joined) compile(c *compiler) *selection {
	left, right := c.plain(j.left.compile(c)), c.plain(j.right.compile(c))
	s := &selection{heading: j.head, columns: map[string]string{}, plain: true, joins: true}
	maps.Copy(s.columns, right.columns)
	maps.Copy(s.columns, left.columns)
	join := "? CROSS JOIN ?"
	if len(j.common) > 0 {
		join = "? JOIN ? USING (" + dialect.QuoteAll(j.common) + ")"
	}
	if right.joins {
		join = strings.Replace(join, "JOIN ?", "JOIN (?)", 1)
	}
	s.from = squirrel.Expr(join, left.from, right.from)
	s.where = append(append(s.where, left.where...), right.where...)
	return s
}

func (p projected) compile(c *compiler) *selection {
	s := p.of.compile(c)
	for _, o := range p.outputs {
		if o.expr != "" {
			s = c.plain(s)
			break
		}
	}
	columns := map[string]string{}
	for _, o := range p.outputs {
		columns[o.name] = "(" + o.expr + ")"
		if o.old != "" {
			columns[o.name] = s.columns[o.old]
		}
	}
	return &selection{heading: p.head, columns: columns, from: s.from, where: s.where}
}

// plain makes unqualified names mean the selection's attributes: by a subquery, where they do
// not yet.
func (c *compiler) plain(s *selection) *selection {
	if s.plain {
		return s
	}
	alias := c.alias()
	var names []string
	for _, a := range s.heading.All() {
		names = append(names, a.Name)
	}
	return &selection{
		heading: s.heading,
		columns: columnsOf(alias, s.heading),
		from:    squirrel.Expr("(?) AS "+alias, s.sql(names)),
		plain:   true,
	}
}

// sql is the SELECT of some of the attributes, in their order.
func (s *selection) sql(names []string) squirrel.Sqlizer {
	if len(names) == 0 {
		return selectFrom("1", s.from, s.where)
	}
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = s.columns[name]
		if !strings.HasSuffix(list[i], "."+dialect.Quote(name)) {
			list[i] += " AS " + dialect.Quote(name)
		}
	}
	return selectFrom(strings.Join(list, ", "), s.from, s.where)
}

// exact is sql for rows that leave the server.
func (s *selection) exact(d dialect.Dialect, names []string) squirrel.Sqlizer {
	wide := *s
	wide.columns = maps.Clone(s.columns)
	for _, a := range s.heading.All() {
		wide.columns[a.Name] = d.Exact(s.columns[a.Name], a.Type.Core)
	}
	return wide.sql(names)
}

// selectFrom nests its parts as values, so that a question mark in one is no placeholder.
func selectFrom(list string, from squirrel.Sqlizer, where squirrel.And) squirrel.Sqlizer {
	if len(where) == 0 {
		return squirrel.Expr("SELECT ? FROM ?", squirrel.Expr(list), from)
	}
	conditions := make([]any, len(where))
	for i, w := range where {
		conditions[i] = w
	}
	and := strings.Repeat("? AND ", len(where)-1) + "?"
	return squirrel.Expr("SELECT ? FROM ? WHERE ?", squirrel.Expr(list), from, squirrel.Expr(and, conditions...))
}
