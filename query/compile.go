package query

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// A compiler makes one SELECT of a relation. It gives every table and subquery an alias of
// its own, and every column its alias, so that operators can share one SELECT.
type compiler struct {
	dialect dialect.Dialect
	aliases int
}

// A selection is a SELECT that is being made. Its parts may be added to until it is closed: by
// windows, groups, or a limit.
type selection struct {
	heading *schema.Heading
	columns map[string]string // the SQL of each attribute, which has no placeholders
	from    squirrel.Sqlizer
	where   squirrel.And
	// joins tells that from is a join, and wants parentheses to stand right of another.
	joins bool
	// computed tells that some column is an expression, and not one of a table or subquery.
	computed bool

	// windowed tells that some column is computed over a window of the rows: none may be added or left out.
	windowed bool

	grouped bool
	group   []string // columns; of a total there are none
	sums    []string // columns with an aggregate function in them
	total   bool     // a row even of no rows
	sorted  bool     // of ordered rows
	order   []term
	limited bool
	limit   int
	offset  int
}

// A term orders rows by a column.
type term struct {
	column     string
	descending bool
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
		from:    squirrel.Expr(tableName(c.dialect, b.table) + " AS " + alias),
	}
}

// tableName is a table's name in SQL.
func tableName(d dialect.Dialect, t *schema.Table) string {
	return d.Table(t.Schema().Name(), t.Name())
}

func columnsOf(alias string, h *schema.Heading) map[string]string {
	columns := map[string]string{}
	for _, a := range h.All() {
		columns[a.Name] = alias + "." + dialect.Quote(a.Name)
	}
	return columns
}

func (r restricted) compile(c *compiler) *selection {
	s := c.open(r.of.compile(c))
	s.where = append(s.where, r.cond.restrict(c, s)...)
	return s
}

func (j joined) compile(c *compiler) *selection {
	s, _ := j.join(c, c.open(j.left.compile(c)))
	return s
}

// join makes the join of its left side, and of its right side, which it compiles.
func (j joined) join(c *compiler, left *selection) (s, right *selection) {
	right = c.open(j.right.compile(c))
	if j.outer && (right.computed || len(right.where) > 0) {
		right = c.nest(right) // what is missing is NULL, and not computed or asked for
	}
	s = &selection{heading: j.head, columns: map[string]string{}, joins: true, computed: left.computed || right.computed}
	for _, side := range []*selection{right, left} {
		for _, a := range side.heading.All() { // others have columns that a join of theirs has dropped
			s.columns[a.Name] = side.columns[a.Name]
		}
	}
	join := "? " + j.verb() + " ?"
	if right.joins {
		join = "? " + j.verb() + " (?)"
	}
	if on := j.on(left, right); on != "" {
		join += " ON " + on
	}
	s.from = squirrel.Expr(join, left.from, right.from)
	s.where = append(append(s.where, left.where...), right.where...)
	return s, right
}

func (j joined) verb() string {
	switch {
	case j.outer:
		return "LEFT JOIN"
	case len(j.common) == 0:
		return "CROSS JOIN"
	}
	return "JOIN"
}

// on is the condition of a join. Only a CROSS JOIN goes without one.
func (j joined) on(left, right *selection) string {
	equal := make([]string, len(j.common))
	for i, name := range j.common {
		equal[i] = agree(left.columns[name], right.columns[name], slices.Contains(j.nulls, name))
	}
	if j.outer && len(equal) == 0 {
		return "TRUE"
	}
	return strings.Join(equal, " AND ")
}

func (p projected) compile(c *compiler) *selection {
	s := p.of.compile(c)
	if slices.ContainsFunc(p.outputs, func(o output) bool { return o.old == "" }) {
		s = c.open(s)
	}
	projected := *s
	projected.heading, projected.columns = p.head, map[string]string{}
	for _, o := range p.outputs {
		if o.old != "" {
			projected.columns[o.name] = s.columns[o.old]
			continue
		}
		projected.columns[o.name], projected.computed = o.expr.compile(c.dialect, s.columns, s.columns).sql, true
		projected.windowed = projected.windowed || o.expr.windows
	}
	return &projected
}

// open is a selection that can be added to: a subquery, where it cannot.
func (c *compiler) open(s *selection) *selection {
	if !s.grouped && !s.limited && !s.windowed {
		return s
	}
	return c.nest(s)
}

// nest makes a subquery of a selection. It hands on the columns that its order wants.
func (c *compiler) nest(s *selection) *selection {
	alias := c.alias()
	names := make([]string, 0, len(s.heading.All()))
	for _, a := range s.heading.All() {
		names = append(names, a.Name)
	}
	outer := &selection{heading: s.heading, columns: columnsOf(alias, s.heading)}
	inner := *s
	inner.columns = maps.Clone(s.columns)
	for i, name := range names {
		if s.misleads(name) {
			names[i] = "#" + name // which no attribute is called
			inner.columns[names[i]], outer.columns[name] = s.columns[name], alias+"."+dialect.Quote(names[i])
		}
	}
	for i, t := range s.order {
		at := slices.IndexFunc(names, func(name string) bool { return inner.columns[name] == t.column })
		if at < 0 {
			at, names = len(names), append(names, fmt.Sprintf("#%d", i))
			inner.columns[names[at]] = t.column
		}
		outer.order = append(outer.order, term{alias + "." + dialect.Quote(names[at]), t.descending})
	}
	if !s.limited {
		inner.order = nil
	}
	outer.from = squirrel.Expr("(?) AS "+alias, inner.sql(names))
	return outer
}

// misleads tells whether an attribute of groups has the name of a column that they are made by, and is another:
// MariaDB confuses them where it takes conditions into a subquery.
func (s *selection) misleads(name string) bool {
	return slices.ContainsFunc(s.group, func(column string) bool {
		return column != s.columns[name] && strings.HasSuffix(column, "."+dialect.Quote(name))
	})
}

// sql is the SELECT of some of the attributes, in their order.
func (s *selection) sql(names []string) squirrel.Sqlizer {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = s.columns[name]
		if !strings.HasSuffix(list[i], "."+dialect.Quote(name)) {
			list[i] += " AS " + dialect.Quote(name)
		}
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(s.sums, s.columns[name]) }) {
		s = s.single()
	}
	return s.list(strings.Join(list, ", "))
}

// single is a selection for a list without its aggregate functions. A total is one row then, whatever there is.
func (s *selection) single() *selection {
	if !s.total {
		return s
	}
	one := *s
	one.from, one.where, one.order = squirrel.Expr("(SELECT 1) AS one"), nil, nil
	return &one
}

// list is the SELECT of a list.
func (s *selection) list(list string) squirrel.Sqlizer {
	tail := s.tail()
	if tail == "" {
		return selectFrom(list, s.from, s.where)
	}
	return squirrel.Expr("? ?", selectFrom(list, s.from, s.where), squirrel.Expr(tail))
}

// tail is what follows the conditions.
func (s *selection) tail() string {
	var b strings.Builder
	if len(s.group) > 0 {
		b.WriteString(" GROUP BY " + strings.Join(s.group, ", "))
	}
	for i, t := range s.order {
		if i == 0 {
			b.WriteString(" ORDER BY ")
		} else {
			b.WriteString(", ")
		}
		b.WriteString(t.column)
		if t.descending {
			b.WriteString(" DESC")
		}
	}
	if s.limited {
		b.WriteString(" LIMIT " + strconv.Itoa(s.limit))
		if s.offset > 0 {
			b.WriteString(" OFFSET " + strconv.Itoa(s.offset))
		}
	}
	return strings.TrimPrefix(b.String(), " ")
}

// exact is sql for rows that leave the server.
func (s *selection) exact(d dialect.Dialect, names []string) squirrel.Sqlizer {
	wide := *s
	wide.columns = maps.Clone(s.columns)
	for _, a := range s.heading.All() {
		wide.columns[a.Name] = d.Exact(s.columns[a.Name], a.Type)
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
