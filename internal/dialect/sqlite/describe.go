package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// The statements that read what SQLite keeps of tables. Each ends in a condition on their names.
const (
	selectTables = "SELECT m.name, coalesce(a.comment, '') FROM sqlite_schema m LEFT JOIN %attributes% a" +
		" ON a.table_name = substr(m.name, length(?1) + 1) AND a.position = 0"
	selectColumns = "SELECT m.name, i.name, coalesce(a.type, i.type), coalesce(a.stored, i.type), coalesce(a.unmarked, 1)," +
		" NOT i.\"notnull\", i.dflt_value, coalesce(a.comment, ''), i.pk FROM sqlite_schema m JOIN pragma_table_info(m.name) i" +
		" LEFT JOIN %attributes% a ON a.table_name = substr(m.name, length(?1) + 1) AND a.attribute_name = i.name AND a.position > 0"
	selectIndexes = "SELECT m.name, i.name, i.\"unique\", (SELECT group_concat(coalesce(name, ''), char(0)) FROM pragma_index_info(i.name))" +
		" FROM sqlite_schema m JOIN pragma_index_list(m.name) i"
	selectForeign = "SELECT m.name, i.id, i.\"table\", i.\"from\", coalesce(i.\"to\", '') FROM sqlite_schema m" +
		" JOIN pragma_foreign_key_list(m.name) i"

	// ?1 is the schema's name and a dot, ?2 the table's name, or empty for all.
	theseTables = " WHERE m.type = 'table' AND substr(m.name, 1, length(?1)) = ?1 AND (?2 = '' OR m.name = ?1 || ?2)"
)

// Describe reads SQLite's own lists, and what ~attribute says of columns.
func (d Dialect) Describe(ctx context.Context, query dialect.Query, schema, table string) ([]dialect.Table, error) {
	r := reader{schema: schema}
	for _, step := range []struct {
		statement, order string
		scan             func(dialect.Rows) error
	}{
		{selectTables, " ORDER BY m.name", r.scanTable},
		{selectColumns, " ORDER BY m.name, coalesce(a.position, i.cid)", r.scanColumn},
		{selectIndexes, " AND i.origin <> 'pk' ORDER BY m.name, i.name", r.scanIndex},
		{selectForeign, " ORDER BY m.name, i.id DESC, i.seq", r.scanForeign},
	} {
		statement := strings.Replace(step.statement, "%attributes%", d.Table(schema, attributes), 1)
		err := dialect.Scan(ctx, query, step.scan, statement+theseTables+step.order, schema+".", table)
		if d.Classify(err) == dialect.NoTable {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	for i, t := range r.tables {
		r.tables[i].Indexes = t.OwnIndexes()
	}
	return r.tables, nil
}

// A reader collects what is said of tables in several places.
type reader struct {
	schema  string
	tables  []dialect.Table
	foreign int // the number of the foreign key that was read last
}

// find is the table of a name in the file; nil where it is not one of those that are read.
func (r *reader) find(name string) *dialect.Table {
	name = strings.TrimPrefix(name, r.schema+".")
	i, ok := slices.BinarySearchFunc(r.tables, name, func(t dialect.Table, name string) int { return strings.Compare(t.Name, name) })
	if !ok {
		return nil
	}
	return &r.tables[i]
}

func (r *reader) scanTable(rows dialect.Rows) error {
	t := dialect.Table{Schema: r.schema}
	if err := rows.Scan(&t.Name, &t.Comment); err != nil {
		return err
	}
	if t.Name = strings.TrimPrefix(t.Name, r.schema+"."); t.Name != attributes {
		r.tables = append(r.tables, t)
	}
	return nil
}

func (r *reader) scanColumn(rows dialect.Rows) error {
	var table, spec, stored string
	var def sql.NullString
	var place int
	var c dialect.Column
	if err := rows.Scan(&table, &c.Name, &spec, &stored, &c.Unmarked, &c.Nullable, &def, &c.Comment, &place); err != nil {
		return err
	}
	t := r.find(table)
	if t == nil {
		return nil
	}
	c.Type = typeOf(spec, stored)
	c.Unmarked = c.Unmarked || c.Type.Native
	c.Nullable = c.Nullable && !c.Type.Auto // an INTEGER PRIMARY KEY needs no NOT NULL
	c.Default = defaultOf(c, def)
	t.Columns = append(t.Columns, c)
	if place > 0 {
		for len(t.Key) < place {
			t.Key = append(t.Key, "")
		}
		t.Key[place-1] = c.Name
	}
	return nil
}

func (r *reader) scanIndex(rows dialect.Rows) error {
	var table, columns string
	var i dialect.Index
	if err := rows.Scan(&table, &i.Name, &i.Unique, &columns); err != nil {
		return err
	}
	t := r.find(table)
	if t == nil {
		return nil
	}
	if i.Parts = partsOf(i.Name, table, columns); i.Parts != nil {
		t.Indexes = append(t.Indexes, i)
	}
	return nil
}

// partsOf are the parts that the name of an index tells. One that somebody else made is over columns, or
// over what is not known.
func partsOf(name, table, columns string) []dialect.IndexPart {
	if ours, ok := strings.CutPrefix(strings.TrimSuffix(name, uniqueName), table+"("); ok {
		if parts, err := dialect.ParseIndex(strings.TrimSuffix(ours, ")")); err == nil {
			return parts
		}
	}
	names := strings.Split(columns, "\x00")
	if slices.Contains(names, "") {
		return nil
	}
	return dialect.OnColumns(names...)
}

func (r *reader) scanForeign(rows dialect.Rows) error {
	var table, parent, column, referred string
	var id int
	if err := rows.Scan(&table, &id, &parent, &column, &referred); err != nil {
		return err
	}
	t := r.find(table)
	if t == nil {
		return nil
	}
	schema, name, _ := strings.Cut(parent, ".") // no schema's name has a dot
	if len(t.Foreign) == 0 || r.foreign != id {
		r.foreign, t.Foreign = id, append(t.Foreign, dialect.ForeignKey{Schema: schema, Table: name})
	}
	f := &t.Foreign[len(t.Foreign)-1]
	f.Columns, f.ReferenceColumns = append(f.Columns, column), append(f.ReferenceColumns, referred)
	return nil
}

// typeOf is the type that ~attribute tells by its spelling, and by that of what is stored.
func typeOf(spec, stored string) datatype.Type {
	if name, ok := strings.CutPrefix(spec, "<"); ok {
		t, _ := datatype.OfCodec(strings.TrimSuffix(name, ">"), stored)
		return t
	}
	t, _ := datatype.Parse(spec)
	return t
}
