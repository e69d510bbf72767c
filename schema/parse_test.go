package schema

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/dialect"
)

// TestWrongDefinitions holds every wrong definition of testdata/errors.txt to the message that
// stands on its wrong line, or on the line that declares the table.
func TestWrongDefinitions(t *testing.T) {
	declared, _, _ := strings.Cut(readText(t, "errors.txt"), "\n===")
	var l library
	heads, bodies := sections(declared, "+++")
	for i, head := range heads {
		words := strings.Fields(head)
		table, err := l.declare(words[0], words[1], bodies[i])
		require.NoError(t, err, head)
		l.tables = append(l.tables, table)
	}
	cases := wrongDefinitions(t)
	require.Greater(t, len(cases), 140)
	for _, c := range cases {
		t.Run(c.wanted, func(t *testing.T) {
			parents := []Declared{}
			for _, name := range c.parents {
				parents = append(parents, l.find(name))
			}
			_, err := l.declare(c.tier, c.name, c.text, parents...)
			require.EqualError(t, err, c.wanted)
		})
	}
}

func TestParseAttributes(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, c := range []struct {
		line   string
		wanted Attr // without the type, whose spelling is spec
		spec   string
	}{
		{"a : int8", Attr{Name: "a"}, "int8"},
		{"a:int8", Attr{Name: "a"}, "int8"},
		{"\ta\t:\tint8\t#\tc\t", Attr{Name: "a", Comment: "c"}, "int8"},
		{"a : int8 # b # c : d", Attr{Name: "a", Comment: "b # c : d"}, "int8"},
		{"a : int8 # it's", Attr{Name: "a", Comment: "it's"}, "int8"},
		{"a : int8#", Attr{Name: "a"}, "int8"},
		{"a1_b2_ : date", Attr{Name: "a1_b2_"}, "date"},
		{long + " : uuid", Attr{Name: long}, "uuid"},
		{"order : int16", Attr{Name: "order"}, "int16"},
		{"index : int16", Attr{Name: "index"}, "int16"},
		{"null : bool", Attr{Name: "null"}, "bool"},
		{"a : decimal(8, 3)", Attr{Name: "a"}, "decimal(8, 3)"},
		{"a : decimal(8)", Attr{Name: "a"}, "decimal(8)"},
		{"a : datetime(0)", Attr{Name: "a"}, "datetime(0)"},
		{"a : enum('x:y', 'z')  # of two", Attr{Name: "a", Comment: "of two"}, "enum('x:y', 'z')"},
		{`a : enum("it's", 'a''b', "#")`, Attr{Name: "a"}, `enum("it's", 'a''b', "#")`},
		{"a : enum('a)', '(b')", Attr{Name: "a"}, "enum('a)', '(b')"},
		{"a = 5 : int8", Attr{Name: "a", Default: "'5'"}, "int8"},
		{"a = -1.5e3 : float64", Attr{Name: "a", Default: "'-1.5e3'"}, "float64"},
		{"a=5:int8", Attr{Name: "a", Default: "'5'"}, "int8"},
		{"a = null : int8", Attr{Name: "a", Default: "NULL", Nullable: true}, "int8"},
		{"a = NULL : <blob>", Attr{Name: "a", Default: "NULL", Nullable: true}, "<blob>"},
		{"a = 'null' : char(4)", Attr{Name: "a", Default: "'null'"}, "char(4)"},
		{"a = '' : char(4)", Attr{Name: "a", Default: "''"}, "char(4)"},
		{`a = "" : char(4)`, Attr{Name: "a", Default: "''"}, "char(4)"},
		{`a = "it's" : char(4)`, Attr{Name: "a", Default: "'it''s'"}, "char(4)"},
		{`a = 'it''s' : char(4)`, Attr{Name: "a", Default: "'it''s'"}, "char(4)"},
		{`a = "b = c : d # e" : varchar(20)`, Attr{Name: "a", Default: "'b = c : d # e'"}, "varchar(20)"},
		{`a = '"' : char(4)`, Attr{Name: "a", Default: `'"'`}, "char(4)"},
		{"a = 5 : varchar(4)", Attr{Name: "a", Default: "'5'"}, "varchar(4)"},
		{"a = mouse : varchar(8)", Attr{Name: "a", Default: "'mouse'"}, "varchar(8)"},
		{"a = '-128' : int8", Attr{Name: "a", Default: "'-128'"}, "int8"},
		{"a = -9223372036854775808 : int64", Attr{Name: "a", Default: "'-9223372036854775808'"}, "int64"},
		{"a = 3.4e38 : float32", Attr{Name: "a", Default: "'3.4e38'"}, "float32"},
		{"a = .5 : float64", Attr{Name: "a", Default: "'.5'"}, "float64"},
		{"a = -999.99 : decimal(5,2)", Attr{Name: "a", Default: "'-999.99'"}, "decimal(5,2)"},
		{"a = 007 : decimal(1)", Attr{Name: "a", Default: "'007'"}, "decimal(1)"},
		{"a = TRUE : bool", Attr{Name: "a", Default: "'1'"}, "bool"},
		{"a = '0' : bool", Attr{Name: "a", Default: "'0'"}, "bool"},
		{"a = 'größe' : char(5)", Attr{Name: "a", Default: "'größe'"}, "char(5)"},
		{`a = "it's" : enum('it''s')`, Attr{Name: "a", Default: "'it''s'"}, "enum('it''s')"},
		{`a = b : enum('a', "b")`, Attr{Name: "a", Default: "'b'"}, `enum('a', "b")`},
		{"a = 2024-02-29 : date", Attr{Name: "a", Default: "'2024-02-29'"}, "date"},
		{"a = '2024-02-29' : datetime", Attr{Name: "a", Default: "'2024-02-29'"}, "datetime"},
		{"a = '2024-02-29 01:02:03.45' : datetime(3)", Attr{Name: "a", Default: "'2024-02-29 01:02:03.45'"}, "datetime(3)"},
		{"a = CURRENT_TIMESTAMP(0) : datetime", Attr{Name: "a", Default: "CURRENT_TIMESTAMP(0)"}, "datetime"},
		{"a : varchar(16383)", Attr{Name: "a"}, "varchar(16383)"},
		{"a : char(255)", Attr{Name: "a"}, "char(255)"},
		{"a : decimal(65,30)", Attr{Name: "a"}, "decimal(65,30)"},
		{"a = current_timestamp(3) : datetime(3)", Attr{Name: "a", Default: "CURRENT_TIMESTAMP(3)"}, "datetime(3)"},
		{"a = CURRENT_TIMESTAMP : datetime", Attr{Name: "a", Default: "CURRENT_TIMESTAMP"}, "datetime"},
	} {
		t.Run(c.line, func(t *testing.T) {
			d, err := Parse("---\n" + c.line)
			require.NoError(t, err)
			require.Len(t, d.Attrs(), 1)
			got := d.Attrs()[0]
			require.Equal(t, c.spec, got.Type.Spec)
			got.Type, got.Codec = Type{}, nil
			require.Equal(t, c.wanted, got)
		})
	}
}

func TestParseForeignKeys(t *testing.T) {
	none := map[string]string{}
	for _, c := range []struct {
		line   string
		wanted reference
	}{
		{"-> Session", reference{parent: "Session", renamed: none}},
		{"->Session", reference{parent: "Session", renamed: none}},
		{"-> Session # of (all) : them", reference{parent: "Session", renamed: none}},
		{"-> master", reference{parent: "master", renamed: none}},
		{"-> Spectrum.Peak", reference{parent: "Spectrum.Peak", renamed: none}},
		{"-> lab.Session", reference{of: "lab", parent: "Session", renamed: none}},
		{"-> my-lab.Session", reference{of: "my-lab", parent: "Session", renamed: none}},
		{"-> lab . probe. Session", reference{of: "probe", parent: "Session", renamed: none}},
		{"-> Lab.Spectrum.Peak", reference{of: "Lab", parent: "Spectrum.Peak", renamed: none}},
		{"-> Session()", reference{parent: "Session", renamed: none}},
		{"-> Session ( ) . proj ( a = 'b' , )", reference{parent: "Session", renamed: map[string]string{"b": "a"}}},
		{"-> master.Peak", reference{parent: "master.Peak", renamed: none}},
		{"-> master . proj(...)", reference{parent: "master", renamed: none}},
		{`-> Session.proj(..., 'c', '-d', "e", a='b')`, reference{parent: "Session", named: []string{"c", "d", "e"}, renamed: map[string]string{"b": "a"}}},
		{"-> [nullable] Session", reference{parent: "Session", renamed: none, nullable: true}},
		{"-> [ Unique , NULLABLE ]Session", reference{parent: "Session", renamed: none, nullable: true, unique: true}},
		{"-> Session.proj()", reference{parent: "Session", renamed: none}},
		{"-> Session.proj(a='b')", reference{parent: "Session", renamed: map[string]string{"b": "a"}}},
		{`-> Session.proj( a = "b" )`, reference{parent: "Session", renamed: map[string]string{"b": "a"}}},
		{"-> Spectrum.Peak.proj(a='b', c='d')", reference{parent: "Spectrum.Peak", renamed: map[string]string{"b": "a", "d": "c"}}},
		{"-> Session.proj(a='b')  # see (c)", reference{parent: "Session", renamed: map[string]string{"b": "a"}}},
	} {
		t.Run(c.line, func(t *testing.T) {
			d, err := Parse("---\n" + c.line)
			require.NoError(t, err)
			require.Len(t, d.lines, 1)
			require.Equal(t, c.wanted, *d.lines[0].foreign)
		})
	}
}

func TestParseWholeDefinitions(t *testing.T) {
	t.Run("sections, remarks and indexes", func(t *testing.T) {
		d, err := Parse("\n\n  # the comment\r\n# a remark: 100%\n\ta : int8\n\n-> B\n----- secondary\n# more\nc : int8\n" +
			"INDEX (a,c) # why\nunique  index(c)")
		require.NoError(t, err)
		require.Equal(t, "the comment", d.Comment)
		require.Len(t, d.lines, 5)
		require.Equal(t, []int{5, 7, 10}, []int{d.lines[0].number, d.lines[1].number, d.lines[2].number})
		require.Equal(t, []bool{true, true, false}, []bool{d.lines[0].primary, d.lines[1].primary, d.lines[2].primary})
		require.Equal(t, dialect.OnColumns("a", "c"), d.lines[3].index.Parts)
	})
	t.Run("a remark that is not first is no comment", func(t *testing.T) {
		d, err := Parse("a : int8\n# remark")
		require.NoError(t, err)
		require.Empty(t, d.Comment)
	})
	t.Run("nothing", func(t *testing.T) {
		d, err := Parse(" \n\t\n")
		require.NoError(t, err)
		require.Empty(t, d.Attrs())
	})
}
