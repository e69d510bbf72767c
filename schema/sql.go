package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// The statements of this package. Tables that a dialect names stand as %s.
const (
	selectLineage = "SELECT table_name, attribute_name, lineage FROM %s"
	updateLineage = "UPDATE %s SET lineage = ? WHERE table_name = ? AND attribute_name = ?"
	deleteLineage = "DELETE FROM %s WHERE table_name = ? AND attribute_name = ?"
	// After the verb of an INSERT that passes over rows that are there.
	insertLineage = " INTO %s (table_name, attribute_name, lineage) VALUES (?, ?, ?)"

	// The columns of the key, or of the row, stand as %s too.
	countContents  = "SELECT COUNT(*) FROM %s WHERE %s"
	insertContents = "INSERT INTO %s (%s) VALUES (%s)"

	// What an alteration asks of a table: whether it has a row of a condition, and values of columns, which
	// are not null, that it has twice.
	selectOne   = "SELECT 1 FROM %s WHERE %s LIMIT 1"
	selectTwice = "SELECT %s FROM %s WHERE %s IS NOT NULL GROUP BY %s HAVING COUNT(*) > 1 LIMIT 1"
)

const lineageTableName = "~lineage"

// lineageTable is where DataJoint keeps where each attribute comes from.
func lineageTable(s *Schema) dialect.Table {
	return dialect.Table{
		Schema: s.name, Name: lineageTableName, Key: []string{"table_name", "attribute_name"},
		Columns: []dialect.Column{
			{Name: "table_name", Type: text(64), Comment: "table name within the schema"},
			{Name: "attribute_name", Type: text(64), Comment: "attribute name"},
			{Name: "lineage", Type: text(255), Comment: "origin: schema.table.attribute"},
		},
	}
}

// text is the type VARCHAR(n), which DataJoint spells in capitals here.
func text(letters int) datatype.Type {
	t := datatype.MustParse(fmt.Sprintf("varchar(%d)", letters))
	t.Spec, t.Native = strings.ToUpper(t.Spec), true
	t.Stored = t.Spec
	return t
}

// rendered is what CREATE TABLE has to say of t.
func (t *Table) rendered() dialect.Table {
	d := dialect.Table{
		Schema: t.schema.name, Name: t.name, Comment: t.comment,
		Key: t.heading.Key(), Indexes: t.indexes,
	}
	for _, a := range t.heading.all {
		d.Columns = append(d.Columns, a.column())
	}
	if len(d.Key) == 0 {
		d.Key = []string{singletonName}
	}
	for _, f := range t.foreign {
		d.Foreign = append(d.Foreign, dialect.ForeignKey{
			Columns: f.Attrs, Schema: f.Parent.schema.name, Table: f.Parent.name, ReferenceColumns: f.Referred,
		})
	}
	return d
}

// column is the attribute as CREATE TABLE has it.
func (a Attr) column() dialect.Column {
	return dialect.Column{
		Name: a.Name, Type: a.Type, Unmarked: a.Unmarked,
		Nullable: a.Nullable, Default: a.Default, Comment: a.Comment,
	}
}

// run runs statements one after the other in one transaction, which servers that cannot
// create tables in a transaction end by themselves.
func run(ctx context.Context, db *rowmill.DB, statements []dialect.Statement) error {
	for {
		err := db.Transact(ctx, func(tx *rowmill.Tx) error { return runAll(ctx, tx, statements) })
		if !errors.Is(err, rowmill.ErrCommitUnknown) { // they do nothing where they have been done
			return err
		}
	}
}

func runAll(ctx context.Context, on rowmill.Session, statements []dialect.Statement) error {
	for _, s := range statements {
		if _, err := on.Exec(ctx, s.SQL, s.Args...); err != nil {
			return err
		}
	}
	return nil
}
