package dialecttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

// coreTypes is every core type, and enums whose members look like what surrounds them.
var coreTypes = []string{
	"int8", "int16", "int32", "int64", "float32", "float64", "bool",
	"date", "datetime", "datetime(0)", "datetime(3)", "datetime(6)", "json", "uuid", "bytes",
	"char(1)", "char(255)", "varchar(1)", "varchar(255)", "decimal(5,0)", "decimal(12, 4)", "decimal(12,4)", "decimal(30,10)",
	`enum('a','b')`, `enum('a', 'b')`, `enum("a","b")`, `enum('it''s', 'a:b', ':c:', 'd,e', '(f)', '"')`,
	`enum("it's", "a:b", "say ""hi""", ")")`, `enum('größe', '中', '%', '{}', '@', '')`,
}

// nativeTypes are the servers' own types. Those of the first list can be without a default everywhere.
var nativeTypes = []string{
	"tinyint", "tinyint(1)", "TINYINT(4)", "smallint", "mediumint", "int", "integer", "INT", "bigint", "int(11)",
	"tinyint unsigned", "smallint unsigned", "mediumint unsigned", "int unsigned", "int(10) unsigned", "BIGINT UNSIGNED",
	"int unsigned zerofill", "integer(8) unsigned",
	"decimal", "decimal(5)", "numeric(6,2)", "numeric(6, 2) unsigned", "dec(4,1)", "fixed(4,1)", "numeric",
	"double", "double precision", "real", "float", "float(10,2)", "float(5)", "float(30)", "double unsigned", "float unsigned", "double(10,3)",
	"time", "time(3)", "time(6)", "timestamp", "timestamp(6)", "year", "year(4)",
	"tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob",
	"binary(1)", "binary(255)", "varbinary(1)", "varbinary(300)",
	"set('a','b')", `set("a", 'it''s', ':', 'ö')`, "bit", "bit(1)", "bit(10)", "bit(64)",
	"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection",
}

// of makes a column of each type, and another that may be NULL.
func of(specs []string) []dialect.Column {
	columns := []dialect.Column{column("id", "int32")}
	for i, spec := range specs {
		columns = append(columns, column(fmt.Sprintf("c%d", i), spec),
			commented(nullable(column(fmt.Sprintf("n%d", i), spec)), "may be NULL"))
	}
	return columns
}

func testCoreTypes(t *testing.T, x *suite) {
	columns := append(of(coreTypes), commented(column("select", "int32"), "a word of SQL"), column("a`b c.d", "bool"))
	requireTable(t, x.create(t, "core", columns...), x.found(t, "core"))
}

func testNativeTypes(t *testing.T, x *suite) {
	requireTable(t, x.create(t, "native", of(nativeTypes)...), x.found(t, "native"))
}

// testSerialAndCapitals has types that are spelled otherwise than servers spell them.
func testSerialAndCapitals(t *testing.T, x *suite) {
	def := x.create(t, "serial", column("id", "serial"), nullable(column("v", "int32")))
	found := x.found(t, "serial")
	found.Indexes = nil // servers add one that the key makes superfluous
	requireTable(t, def, found)
	x.exec(t, x.Write, "INSERT INTO %s (v) VALUES (1), (2)", "serial")

	// As DataJoint spells what ~lineage has.
	shouted := column("table_name", "varchar(64)")
	shouted.Type.Spec, shouted.Type.Stored, shouted.Type.Native, shouted.Unmarked = "VARCHAR(64)", "VARCHAR(64)", true, true
	requireTable(t, x.create(t, "~lineage", commented(shouted, "in capitals")), x.found(t, "~lineage"))
}

// testCodecs has codecs that are known, and others that keep their values in any core type.
func testCodecs(t *testing.T, x *suite) {
	coded := func(name, codec, stored string) dialect.Column {
		typ, ok := datatype.OfCodec(codec, stored)
		if !ok {
			t.Fatal(stored)
		}
		return dialect.Column{Name: name, Type: typ}
	}
	columns := []dialect.Column{
		column("id", "int32"), commented(coded("blob", "blob", "bytes"), "a codec"), nullable(coded("blob_or_null", "blob", "bytes")),
		coded("npy", "npy@store", "json"), nullable(coded("object", "object@", "json")), coded("unknown", "some-Codec_2", "varchar(20)"),
	}
	for i, core := range coreTypes {
		if !strings.HasPrefix(core, "datetime(0") { // which is datetime to servers
			columns = append(columns, coded(fmt.Sprintf("c%d", i), "x", core))
		}
	}
	requireTable(t, x.create(t, "codecs", columns...), x.found(t, "codecs"))
}

// testHiddenColumns has those that DataJoint adds, which say nothing of their types, and some that do.
func testHiddenColumns(t *testing.T, x *suite) {
	def := x.create(t, "hidden",
		withDefault(commented(column("_singleton", "bool"), "says what it is"), "TRUE"),
		nullable(unmarked(column("_job_start_time", "datetime(3)"))),
		nullable(unmarked(column("_job_duration", "float32"))),
		dialect.Column{Name: "_job_version", Type: datatype.MustParse("varchar(64)"), Unmarked: true, Nullable: true, Default: "''"},
		unmarked(withDefault(commented(column("_b", "bool"), "hidden"), "TRUE")),
		nullable(unmarked(column("_u", "uuid"))))
	requireTable(t, def, x.found(t, "hidden"))
}

// testForeignKeyColumns gives a child the columns of its parent's key, which have no type of their own.
func testForeignKeyColumns(t *testing.T, x *suite) {
	for i, spec := range []string{
		"int8", "int16", "int32", "int64", "bool", "uuid", "date", "datetime", "datetime(3)",
		"char(4)", "varchar(16)", "decimal(7,2)", "decimal(20,2)", `enum('a','b')`, `enum('it''s','a:b')`,
		"int unsigned", "bigint unsigned", "mediumint", "numeric(6,2)", "time(3)", "timestamp", "year", "binary(3)", "varbinary(7)",
		"set('a','b')",
	} {
		parent, child := fmt.Sprintf("parent%d", i), fmt.Sprintf("child%d", i)
		x.create(t, parent, column("id", spec))
		inherited := commented(unmarked(column("parent_id", spec)), "whose child")
		optional := nullable(inherited)
		optional.Name = "other_id"
		def := x.table(child, inherited, optional)
		for _, c := range def.Columns {
			def.Foreign = append(def.Foreign, dialect.ForeignKey{
				Columns: []string{c.Name}, Schema: x.schema, Table: parent, ReferenceColumns: []string{"id"},
			})
		}
		x.run(t, x.d.CreateTable(def))
		requireTable(t, def, x.found(t, child))
	}
}
