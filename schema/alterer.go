package schema

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// An alterer finds what there is to do with one table.
type alterer struct {
	on            rowmill.Session
	table         *Table
	drop          map[string]bool
	wanted, found dialect.Table

	result        dialect.Table // what the changes make of found
	changes       []dialect.Change
	refused, kept []Remark
}

func newAlterer(on rowmill.Session, t *Table, found dialect.Table, drop map[string]bool) *alterer {
	a := &alterer{on: on, table: t, drop: drop, wanted: t.rendered(), found: found, result: found}
	a.result.Columns, a.result.Indexes = slices.Clone(found.Columns), slices.Clone(found.Indexes)
	return a
}

func (a *alterer) plan(ctx context.Context) ([]dialect.Statement, error) {
	a.keys()
	for _, w := range a.wanted.Columns {
		if err := a.column(ctx, w); err != nil {
			return nil, err
		}
	}
	for _, f := range a.found.Columns {
		a.other(f)
	}
	if err := a.indexes(ctx); err != nil {
		return nil, err
	}
	if w, f := a.wanted.Comment, a.found.Comment; !sameLetters(w, f) {
		a.result.Comment = w
		a.changes = append(a.changes, dialect.Change{Comment: &w})
	}
	return a.on.Dialect().Alter(a.result, a.changes)
}

func (a *alterer) refuse(of, reason string) {
	a.refused = append(a.refused, Remark{a.table, of, reason})
}

func (a *alterer) keep(of, reason string) { a.kept = append(a.kept, Remark{a.table, of, reason}) }

// keys refuses what is to change of the primary key and of foreign keys.
func (a *alterer) keys() {
	if w, f := a.wanted.Key, a.found.Key; !slices.Equal(w, f) {
		a.refuse("primary key", fmt.Sprintf("it would have to become %s from %s, by which rows and the tables that refer to them are known: "+
			"declare a new table, and copy the rows", list(w), list(f)))
	}
	for _, w := range a.wanted.Foreign {
		if !hasForeign(a.found, w) {
			a.refuse("foreign key "+list(w.Columns), showForeign(w)+" would have to hold for rows that were entered without it: "+
				"declare a new table, and copy the rows, or add it by hand")
		}
	}
	for _, f := range a.found.Foreign {
		if !hasForeign(a.wanted, f) {
			a.keep("foreign key "+list(f.Columns), showForeign(f)+" is not in the definition")
		}
	}
}

// inKey tells whether a column is in a table's primary key, or in a foreign key.
func inKey(t dialect.Table, column string) bool {
	return slices.Contains(t.Key, column) || slices.ContainsFunc(t.Foreign, func(f dialect.ForeignKey) bool {
		return slices.Contains(f.Columns, column)
	})
}

// column finds what there is to do with a column of the definition.
func (a *alterer) column(ctx context.Context, w dialect.Column) error {
	i := indexOf(a.found.Columns, w.Name)
	if a.drop[a.table.FullName()+"."+w.Name] {
		a.refuse(w.Name, "it is to be dropped, and is in the definition")
		return nil
	}
	switch {
	case i >= 0 && w.Hidden():
		return nil
	case i >= 0:
		return a.modify(ctx, w, a.found.Columns[i])
	case inKey(a.wanted, w.Name): // which was refused
		return nil
	}
	return a.add(ctx, w)
}

func (a *alterer) add(ctx context.Context, w dialect.Column) error {
	if !w.Nullable && (w.Default == "" || strings.HasPrefix(w.Default, "CURRENT_TIMESTAMP")) {
		if empty, err := a.none(ctx, ""); err != nil || !empty {
			a.refuse(w.Name, "the rows that are there would have no value of it: it needs a default, which may be null, and not the time of the change"+a.renamed(w))
			return err
		}
	}
	at, after := len(a.result.Columns), ""
	before := a.wanted.Columns[:indexOf(a.wanted.Columns, w.Name)]
	for _, b := range slices.Backward(before) {
		if i := indexOf(a.result.Columns, b.Name); i >= 0 {
			at, after = i+1, b.Name
			break
		}
	}
	if a.can(w.Name, dialect.Change{Add: &w, After: after}) {
		a.result.Columns = slices.Insert(a.result.Columns, at, w)
	}
	return nil
}

// renamed tells which attribute another may have been.
func (a *alterer) renamed(w dialect.Column) string {
	for _, f := range a.found.Columns {
		if !f.Hidden() && indexOf(a.wanted.Columns, f.Name) < 0 && sameType(w, f) {
			return fmt.Sprintf("; if it is %s under a new name, rename that by hand", f.Name)
		}
	}
	return ""
}

// can makes a change, unless the server cannot.
func (a *alterer) can(of string, c dialect.Change) bool {
	if _, err := a.on.Dialect().Alter(a.result, []dialect.Change{c}); err != nil {
		a.refuse(of, strings.TrimPrefix(err.Error(), of+": "))
		return false
	}
	a.changes = append(a.changes, c)
	return true
}

func (a *alterer) modify(ctx context.Context, w, f dialect.Column) error {
	if sameColumn(w, f) && sameLetters(w.Comment, f.Comment) && sameLetters(mark(w), mark(f)) {
		return nil
	}
	reason, err := a.danger(ctx, w, f)
	if err != nil {
		return err
	}
	if reason != "" {
		a.refuse(w.Name, fmt.Sprintf("%s is not made %s: %s", show(f), show(w), reason))
	} else if a.can(w.Name, dialect.Change{Modify: &w, From: &f}) {
		a.result.Columns[indexOf(a.result.Columns, w.Name)] = w
	}
	return nil
}

// danger says why a column is not made another; nothing where it can be.
func (a *alterer) danger(ctx context.Context, w, f dialect.Column) (string, error) {
	if f.Besides != "" {
		return fmt.Sprintf("it is %q in the database, which would be lost: change it by hand", f.Besides), nil
	}
	if !sameType(w, f) {
		switch {
		case slices.Contains(a.found.Key, w.Name):
			return "it is in the primary key, to which other tables may refer", nil
		case inKey(a.found, w.Name):
			return "a foreign key has it, and it is as what that refers to", nil
		case w.Type.Codec != f.Type.Codec && !f.Unmarked:
			return "what is there was encoded otherwise", nil
		case !widens(f.Type, w.Type):
			return "not every value of the one is one of the other", nil
		}
	}
	if f.Nullable && !w.Nullable {
		if none, err := a.none(ctx, dialect.Quote(w.Name)+" IS NULL"); err != nil || !none {
			return "there are rows where it is null", err
		}
	}
	return "", nil
}

// other is a column that the definition may not have.
func (a *alterer) other(f dialect.Column) {
	named := a.drop[a.table.FullName()+"."+f.Name]
	switch {
	case indexOf(a.wanted.Columns, f.Name) >= 0, f.Hidden() && !named:
	case !named && dispensable(f):
		a.keep(f.Name, show(f)+" is not in the definition")
	case !named:
		a.refuse(f.Name, show(f)+" is not in the definition, and no row can be entered without it: name it among what is to be dropped, or give it a default by hand")
	case inKey(a.found, f.Name):
		a.refuse(f.Name, "it is to be dropped, and the primary key or a foreign key has it")
	default:
		for _, i := range a.found.Indexes {
			if slices.Contains(i.Columns(), f.Name) && hasIndex(a.result, i) {
				a.changes = append(a.changes, dialect.Change{DropIndex: &i})
				a.result.Indexes = slices.DeleteFunc(a.result.Indexes, func(r dialect.Index) bool { return r.Name == i.Name })
			}
		}
		a.changes = append(a.changes, dialect.Change{Drop: &f})
		a.result.Columns = slices.DeleteFunc(a.result.Columns, func(r dialect.Column) bool { return r.Name == f.Name })
	}
}
