package sqlite

import (
	"fmt"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// Alter changes one thing a statement; in a transaction, all or none. SQLite can add and drop columns
// and indexes, and the rest stands in ~attribute, which is written anew; but it cannot change what a
// column stores. It drops no column that has an index, so that indexes go first.
func (d Dialect) Alter(t dialect.Table, changes []dialect.Change) ([]dialect.Statement, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	var first, then []dialect.Statement
	for _, c := range changes {
		sql, err := d.alter(t, c)
		switch {
		case err != nil:
			return nil, err
		case c.DropIndex != nil:
			first = append(first, dialect.Statement{SQL: sql})
		case sql != "":
			then = append(then, dialect.Statement{SQL: sql})
		}
	}
	then = append(then, dialect.Statement{
		SQL: "DELETE FROM " + d.Table(t.Schema, attributes) + " WHERE table_name = ?", Args: []any{t.Name},
	})
	return append(append(first, then...), d.describe(t)...), nil
}

// alter is the statement of one change; empty where it is one of ~attribute alone.
func (d Dialect) alter(t dialect.Table, c dialect.Change) (string, error) {
	table := "ALTER TABLE " + d.Table(t.Schema, t.Name)
	switch {
	case c.Add != nil:
		return table + " ADD COLUMN " + columnLine(*c.Add), nil
	case c.Modify != nil:
		return "", unchanged(*c.From, *c.Modify)
	case c.Drop != nil:
		return table + " DROP COLUMN " + dialect.Quote(c.Drop.Name), nil
	case c.AddIndex != nil:
		return d.createIndex(t, *c.AddIndex), nil
	case c.DropIndex != nil:
		return "DROP INDEX " + dialect.Quote(c.DropIndex.Name), nil
	}
	return "", nil
}

// unchanged says what SQLite would have to change of a column, and cannot.
func unchanged(from, to dialect.Column) error {
	if datatype.Same(from.Type, to.Type) && from.Nullable == to.Nullable && sameDefault(from, to) {
		return nil
	}
	return fmt.Errorf("%s: SQLite cannot change a column from %s to %s", to.Name, declared(from), declared(to))
}

// declared is what cannot be changed.
func declared(c dialect.Column) string {
	s := c.Type.Spec
	if !c.Nullable {
		s += " NOT NULL"
	}
	if c.Default != "" {
		s += " DEFAULT " + c.Default
	}
	return s
}

func sameDefault(a, b dialect.Column) bool {
	x, y := quotedText.FindStringSubmatch(a.Default), quotedText.FindStringSubmatch(b.Default)
	if x == nil || y == nil {
		return defaultValue(a) == defaultValue(b)
	}
	return a.Type.SameText(x[1], y[1])
}
