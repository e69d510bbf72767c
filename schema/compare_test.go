package schema

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// differencesOf are the differences of a schema's tables in lines, with a mark before those that do harm. The
// names of schemas are those of the definitions without the number at their end.
func differencesOf(t *testing.T, db *rowmill.DB, s *Schema) []string {
	t.Helper()
	all, err := s.Compare(t.Context(), db)
	require.NoError(t, err)
	var told []string
	for _, d := range all {
		require.NotNil(t, d.Table)
		line := strings.ReplaceAll(d.String(), s.name, "lab")
		if !d.Harmless {
			line = "! " + line
		}
		told = append(told, line)
	}
	return told
}

// TestCompare has a table in the database, and another in the definition.
func TestCompare(t *testing.T) {
	cases := []struct {
		name, there, wanted string
		differences         []string
	}{
		{"nothing", "# c\nid : int32 # i\n---\na = null : <blob>\n-> [nullable] Parent\nindex(p, id)", "# c\nid : int32 # i\n---\na = null : <blob>\n-> [nullable] Parent\nindex(p, id)", nil},
		{"an attribute", "id : int32", "id : int32\n---\na = 1 : int8", []string{`! a: wanted int8, by default "1", found no such attribute`}},
		{"a type", "id : int32\n---\na : int8", "id : int32\n---\na : int16", []string{"! a: wanted int16, found int8"}},
		{"a sign", "id : int\n---\na : int", "id : int\n---\na : int unsigned", []string{"! a: wanted int unsigned, found int"}},
		{"a length", "id : varchar(3)", "id : varchar(4)", []string{"! id: wanted varchar(4), found varchar(3)"}},
		{"members", "id : enum('a','b')", "id : enum('a','b','c')", []string{"! id: wanted enum('a','b','c'), found enum('a','b')"}},
		{"null", "id : int32\n---\na = null : int8\nb : int8", "id : int32\n---\na : int8\nb = null : int8", []string{"! a: wanted int8, found int8 or null", "! b: wanted int8 or null, found int8"}},
		{
			"defaults", "id : int32\n---\na = 1 : int8\nb : int8\nc = 1 : int8\nd = CURRENT_TIMESTAMP : datetime\ne = 'NULL' : varchar(9)\nf = '1.0' : varchar(9)",
			"id : int32\n---\na = 2 : int8\nb = 1 : int8\nc : int8\nd = '2020-01-01' : datetime\ne = null : varchar(9)\nf = '1.00' : varchar(9)",
			[]string{
				`! a: wanted int8, by default "2", found int8, by default "1"`, `! b: wanted int8, by default "1", found int8`, `! c: wanted int8, found int8, by default "1"`,
				`! d: wanted datetime, by default "2020-01-01", found datetime, by default CURRENT_TIMESTAMP`,
				`! e: wanted varchar(9) or null, found varchar(9), by default "NULL"`, `! f: wanted varchar(9), by default "1.00", found varchar(9), by default "1.0"`,
			},
		},
		{
			"defaults of one value", "id : int32\n---\na = 1 : int8\nb = 1.50 : decimal(5,2)\nc = 1e3 : float64\nd = true : bool\ne = '2020-01-01' : datetime(3)\nf = \"x\" : char(4)",
			"id : int32\n---\na = +1 : int8\nb = 1.5 : decimal(5,2)\nc = 1000 : float64\nd = 1 : bool\ne = '2020-01-01 00:00:00.000' : datetime(3)\nf = 'x' : char(4)", nil,
		},
		{
			"what others added", "id : int32\n---\na = null : int8\nb = 1 : int8\nc : int8", "id : int32",
			[]string{"a: wanted no such attribute, found int8 or null", `b: wanted no such attribute, found int8, by default "1"`, "! c: wanted no such attribute, found int8, without which no row can be entered"},
		},
		{"an attribute of the key", "id : int32\nk : int8", "id : int32\n---\nk : int8", []string{"! primary key: wanted (id), found (id, k)"}},
		{"the key's order", "id : int32\nk : int8", "k : int8\nid : int32", []string{"! primary key: wanted (k, id), found (id, k)"}},
		{"the order of others", "id : int32\n---\na : int8\nb : int8", "id : int32\n---\nb : int8\na : int8", nil},
		{"no key", "---\na : int8", "a : int8", []string{"! primary key: wanted (a), found (_singleton)"}},
		{"a foreign key", "id : int32\n---\np : int", "id : int32\n---\n-> Parent", []string{"! foreign key (p): wanted -> lab.parent (p), found none"}},
		{"a foreign key of another name", "id : int32\n---\np : int\n-> Parent.proj(q='p')", "id : int32\n---\n-> Parent\nq : int", []string{
			"! foreign key (p): wanted -> lab.parent (p), found none", "foreign key (q): wanted none, found -> lab.parent (p)",
		}},
		{"a foreign key that may be null", "id : int32\n---\n-> Parent", "id : int32\n---\n-> [nullable] Parent", []string{"! p: wanted int or null, found int"}},
		{"a foreign key that is unique", "id : int32\n---\n-> Parent", "id : int32\n---\n-> [unique] Parent", []string{"! unique index (p): wanted that, found none"}},
		{"a foreign key that is unique twice", "id : int32\n---\n-> [unique] Parent\nunique index(p)", "id : int32\n---\n-> [unique] Parent", nil},
		{"an index of a foreign key", "id : int32\n---\n-> Parent", "id : int32\n---\n-> Parent\nindex(p)", nil},
		{
			"indexes", "id : int32\n---\na : int8\nb : int8\nindex(a)\nunique index(a, b)", "id : int32\n---\na : int8\nb : int8\nindex(b, a)\nunique index(b, a)",
			[]string{
				"index (b, a): wanted that, found none", "! unique index (b, a): wanted that, found none",
				"index (a): wanted none, found that", "unique index (a, b): wanted none, found that",
			},
		},
		{"an index that is unique", "id : int32\n---\na : int8\nindex(a)", "id : int32\n---\na : int8\nunique index(a)", []string{"! unique index (a): wanted that, found none", "index (a): wanted none, found that"}},
		{
			"comments", "# one\nid : int32 # i\n---\na : int8 # 100% \"a\"", "# two\nid : int32\n---\na : int8 # 100% 'a'", []string{
				`id: wanted the comment "", found "i"`, `a: wanted the comment "100% 'a'", found "100% \"a\""`, `comment: wanted "two", found "one"`,
			},
		},
		{
			"what servers do not tell", "# 𝄞\nid : int32 # 𝄞\n---\na = '𝄞?' : varchar(5)\nb = null : enum('𝄞','b')", "# 𝄞\nid : int32 # 𝄞\n---\na = '𝄞?' : varchar(5)\nb = null : enum('𝄞','b')", nil,
		},
		{
			"tables of before there were core types", "id : int\n---\na : tinyint\nb : smallint\nc : bigint\nd : float\ne : double\nf : binary(16)\ng : longblob\nh : longblob\ni : tinyint\nj : varchar(5)",
			"id : int32\n---\na : int8\nb : int16\nc : int64\nd : float32\ne : float64\nf : uuid\ng : <blob>\nh : bytes\ni : bool\nj : varchar(5)",
			[]string{
				`id: wanted the type "int32" beside the comment, found ""`, `a: wanted the type "int8" beside the comment, found ""`, `b: wanted the type "int16" beside the comment, found ""`,
				`c: wanted the type "int64" beside the comment, found ""`, `d: wanted the type "float32" beside the comment, found ""`, `e: wanted the type "float64" beside the comment, found ""`,
				`f: wanted the type "uuid" beside the comment, found ""`, `g: wanted the type "<blob>" beside the comment, found ""`, `h: wanted the type "bytes" beside the comment, found ""`,
				`i: wanted the type "bool" beside the comment, found ""`,
			},
		},
		{"codecs", "id : int32\n---\na : <attach>\nb : bytes\nc : <blob>\nd : mediumblob", "id : int32\n---\na : <blob>\nb : <blob>\nc : bytes\nd : <blob>", []string{
			"! a: wanted <blob>, found <attach>", "! b: wanted <blob>, found bytes", "! c: wanted bytes, found <blob>", "! d: wanted <blob>, found mediumblob",
		}},
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				name := "n" + string(rune('a'+i%26)) + string(rune('a'+i/26))
				require.NoError(t, thing(name, c.there).Declare(t.Context(), db))
				s := thing(name, c.wanted)
				require.Equal(t, c.differences, differencesOf(t, db, s))

				err := s.Declare(t.Context(), db)
				var fatal []string
				for _, d := range c.differences {
					if harm, is := strings.CutPrefix(d, "! "); is {
						fatal = append(fatal, harm)
					}
				}
				if fatal == nil {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, "declare schema "+name+": table Thing ("+name+".thing) is in the database, and differs from its definition at Thing: "+
						strings.ReplaceAll(strings.Join(fatal, "; "), "lab.parent", name+".parent"))
				}
			})
		}
	})
}

// TestCompareUnmarked has columns that say of no core type that they are of it, as all of those of before there
// were core types, and enums, of which the server's own spelling is another.
func TestCompareUnmarked(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		s := thing("lab", "id : char(3)\n---\na = 'y' : enum('x', 'y')\nb : json\nc = null : datetime(3)\nd : date\ne = 1.5 : decimal(5,2)\nf : <attach>")
		table := find(s, "Thing").rendered()
		for i := range table.Columns {
			table.Columns[i].Unmarked = true
		}
		d := db.Dialect()
		require.NoError(t, run(t.Context(), db, append(d.CreateSchema("lab"), d.CreateTable(table)...)))
		require.NoError(t, s.Declare(t.Context(), db))
		require.Len(t, differencesOf(t, db, s), len(table.Columns), "marks alone")

		a, err := s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		require.Empty(t, a.Refused())
		require.NoError(t, a.Run(t.Context(), db))
		require.Empty(t, differencesOf(t, db, s))
	})
}

// manyFaults declares tables in two schemas, of which some differ from those of another program.
func manyFaults(changed bool) *Schema {
	near, far := New("near"), New("far")
	a, b, c := "a : int\nb : tinyint\n---\nx = 1 : int8", "-> A\nc : int8\n---\ny = 1 : int16", "-> B.proj(e='a')\n---\nz = null : date"
	if changed {
		a, b, c = "a : int\nb : smallint\n---\nx = 1 : int16", "-> A\nc : int8\n---\ny = 1 : int32\nfresh = 1 : int8", "-> B.proj(f='a')\n---\nz = null : date"
	}
	as := define(far, TierManual, "A", a)
	bs := define(near, TierManual, "B", b, as)
	cs := define(far, TierImported, "C", c, bs)
	if changed {
		type Mode struct{ Mode int8 }
		Lookup(near, "mode : int8", []Mode{{1}})
		define(New("third"), TierManual, "D", "-> C", cs)
		define(near, TierComputed, "E", "-> C", cs)
	}
	return near
}

// TestDeclareTellsAllDifferencesAndChangesNothing has differences in several tables of two schemas, and others
// that are not there yet.
func TestDeclareTellsAllDifferencesAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, manyFaults(false).Declare(t.Context(), db))
		execute(t, db, "DELETE FROM "+lineageName(db.Dialect(), New("near")))
		before := madeIn(t, db, "near", "far", "third")
		_, err := manyFaults(true).DeclareSQL(t.Context(), db)
		require.Error(t, err)
		require.EqualError(t, manyFaults(true).Declare(t.Context(), db), err.Error())
		require.EqualError(t, err, `declare schema near: `+
			`table A (far.a) is in the database, and differs from its definition at A: `+
			`b: wanted smallint, found tinyint; x: wanted int16, by default "1", found int8, by default "1"`+"\n"+
			`table B (near.b) is in the database, and differs from its definition at B: `+
			`b: wanted smallint, found tinyint; y: wanted int32, by default "1", found int16, by default "1"; fresh: wanted int8, by default "1", found no such attribute`+"\n"+
			`table C (far._c) is in the database, and differs from its definition at C: `+
			`f: wanted int, found no such attribute; b: wanted smallint, found tinyint; e: wanted no such attribute, found int, without which no row can be entered; `+
			`primary key: wanted (f, b, c), found (e, b, c); foreign key (f, b, c): wanted -> near.b (a, b, c), found none`)
		require.Equal(t, before, madeIn(t, db, "near", "far", "third"))
	})
}

// TestDeclareLogsWhatDoesNoHarm has one line a table.
func TestDeclareLogsWhatDoesNoHarm(t *testing.T) {
	var log strings.Builder
	was := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(was)
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, thing("lab", "# one\nid : int\n---\na = null : int8\nb = 1 : int8").Declare(t.Context(), db))
		require.Empty(t, log.String())
		require.NoError(t, thing("lab", "# two\nid : int32\n---\nb = 1 : int8").Declare(t.Context(), db))
		require.Contains(t, log.String(), `level=INFO msg="the database differs from the definition, which does no harm" table=lab.thing `+
			`differences="a: wanted no such attribute, found int8 or null; comment: wanted \"two\", found \"one\""`)
		require.Equal(t, 1, strings.Count(log.String(), "\n"), "of the type beside the comment it is not told")
		log.Reset()
	})
}
