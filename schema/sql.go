package schema

import (
	"context"
	"errors"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
)

// The statements of this package. Tables that a dialect names stand as %s.
const (
	selectLineage = "SELECT attribute_name, lineage FROM %s WHERE table_name = ?"
	deleteLineage = "DELETE FROM %s WHERE table_name = ?"
	insertLineage = "INSERT INTO %s (table_name, attribute_name, lineage) VALUES (?, ?, ?)"

	// The columns of the key, or of the row, stand as %s too.
	selectContents = "SELECT 1 FROM %s WHERE %s"
	insertContents = "INSERT INTO %s (%s) VALUES (%s)"
)

// lineageTable is where DataJoint keeps where each attribute comes from.
func lineageTable(s *Schema) dialect.Table {
	return dialect.Table{
		Schema: s.name, Name: "~lineage", Key: []string{"table_name", "attribute_name"},
		Columns: []dialect.Column{
			{Name: "table_name", Type: "VARCHAR(64)", Comment: "table name within the schema"},
			{Name: "attribute_name", Type: "VARCHAR(64)", Comment: "attribute name"},
			{Name: "lineage", Type: "VARCHAR(255)", Comment: "origin: schema.table.attribute"},
		},
	}
}

// rendered is what CREATE TABLE has to say of t.
func (t *Table) rendered() dialect.Table {
	d := dialect.Table{
		Schema: t.schema.name, Name: t.name, Comment: t.comment,
		Key: t.heading.Key(), Indexes: t.indexes,
	}
	for _, a := range t.heading.all {
		d.Columns = append(d.Columns, dialect.Column{
			Name: a.Name, Type: a.Type.Spec, Core: a.Type.Core, Unmarked: a.Unmarked,
			Nullable: a.Nullable, Default: a.Default, Comment: a.Comment,
		})
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

// run runs statements one after the other in one transaction, which servers that cannot
// create tables in a transaction end by themselves.
func run(ctx context.Context, db *rowmill.DB, statements []dialect.Statement) error {
	for {
		err := db.Transact(ctx, func(tx *rowmill.Tx) error {
			for _, s := range statements {
				if _, err := tx.Exec(ctx, s.SQL, s.Args...); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, rowmill.ErrCommitUnknown) { // they do nothing where they have been done
			return err
		}
	}
}
