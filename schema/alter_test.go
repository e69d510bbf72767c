package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/testdb"
)

// thing declares a table Thing, and a table Parent before it, to which it may refer.
func thing(name, text string) *Schema {
	s := New(name)
	var parents []*Table
	if parent := define(s, TierManual, "Parent", "p : int"); strings.Contains(text, "->") {
		parents = append(parents, parent)
	}
	define(s, TierManual, "Thing", text, parents...)
	return s
}

// statedOf is what the database says of a table, without its schema: all that Describe tells, and
// where the server can tell it in its own words, these, line by line.
func statedOf(t *testing.T, db *rowmill.DB, table *Table) (dialect.Table, []string) {
	t.Helper()
	found, err := describeSchema(t.Context(), db, table.schema.name, table.name)
	require.NoError(t, err)
	d := found[table.name]
	d.Schema = ""
	for i := range d.Foreign {
		d.Foreign[i].Schema = ""
	}
	for i := range d.Indexes {
		d.Indexes[i].Name = "" // servers number these
	}
	slices.SortFunc(d.Indexes, func(a, b dialect.Index) int { return strings.Compare(showIndex(a), showIndex(b)) })
	if db.Dialect().SingleWriter() {
		return d, nil
	}
	lines := strings.Split(texts(t, db, "SHOW CREATE TABLE "+tableOf(db, table))[0], "\n")
	for i, line := range lines {
		line = keyName.ReplaceAllString(strings.TrimSuffix(line, ","), "$1")
		lines[i] = strings.ReplaceAll(line, "`"+table.schema.name+"`", "")
	}
	slices.Sort(lines)
	return d, lines
}

// keyName is the name of an index, which servers make of its first column and a number.
var keyName = regexp.MustCompile("^( *(?:UNIQUE )?KEY )`[^`]+`")

// requireAsDeclared wants a table to be, to the letter, what its definition declares where nothing was before.
func requireAsDeclared(t *testing.T, db *rowmill.DB, text string, table *Table) {
	t.Helper()
	fresh := thing("fresh", text)
	require.NoError(t, fresh.Declare(t.Context(), db))
	wanted, wantedLines := statedOf(t, db, find(fresh, "Thing"))
	found, foundLines := statedOf(t, db, table)
	require.Equal(t, wanted, found)
	require.Equal(t, wantedLines, foundLines)
	for _, class := range []string{"Thing", "Parent"} {
		execute(t, db, "DROP TABLE "+tableOf(db, find(fresh, class)))
	}
	for _, name := range []string{"~attribute", lineageTableName} {
		if name == lineageTableName || db.Dialect().SingleWriter() {
			execute(t, db, "DELETE FROM "+db.Dialect().Table("fresh", name))
		}
	}
}

// told are remarks without the table's name.
func told(remarks []Remark) []string {
	var all []string
	for _, r := range remarks {
		all = append(all, strings.ReplaceAll(strings.TrimPrefix(r.String(), r.Table.FullName()+": "), r.Table.schema.name+".", "NAME."))
	}
	return all
}

// An alteration of Thing: what it was, what it is to be, and what comes of it.
type alteration struct {
	name     string
	old, new string
	row      string // the values of a row that is there
	drop     []string
	modifies bool // what a column stores, which not every server can
	refused  []string
	kept     []string
	differs  bool // from what the definition declares, by what is kept
	rows     string
}

// TestAlter declares a definition, enters a row, and alters the table to another definition. Where nothing
// is kept the table is then as if it had been declared so. Altering it once more finds nothing to do.
func TestAlter(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		for i, c := range alterations {
			t.Run(c.name, func(t *testing.T) { c.run(t, db, fmt.Sprintf("lab%d", i)) })
		}
	})
}

func (c alteration) run(t *testing.T, db *rowmill.DB, name string) {
	t.Helper()
	old, s := thing(name, c.old), thing(name, c.new)
	require.NoError(t, old.Declare(t.Context(), db))
	execute(t, db, "INSERT INTO "+tableOf(db, find(s, "Parent"))+" (p) VALUES (1)")
	table := find(s, "Thing")
	if c.row != "" {
		execute(t, db, "INSERT INTO "+tableOf(db, table)+" VALUES ("+c.row+")")
	}
	before, beforeLines := statedOf(t, db, table)
	a, err := s.Alter(t.Context(), db, &AlterOptions{Drop: c.drop})
	require.NoError(t, err)
	after, afterLines := statedOf(t, db, table)
	require.Equal(t, before, after, "Alter only looks")
	require.Equal(t, beforeLines, afterLines)
	require.Equal(t, c.kept, told(a.Kept()))
	refused := told(a.Refused())
	if c.modifies && db.Dialect().SingleWriter() {
		require.NotEmpty(t, refused)
		require.Contains(t, refused[0], "SQLite cannot change")
		c.refused = refused
	}
	require.Equal(t, c.refused, refused)
	err = a.Run(t.Context(), db)
	if c.refused != nil {
		require.ErrorIs(t, err, rowmill.ErrRefused)
		require.ErrorContains(t, err, "alter schema "+name+": refused: "+name+".thing: ")
		after, afterLines := statedOf(t, db, table)
		require.Equal(t, before, after)
		require.Equal(t, beforeLines, afterLines)
		return
	}
	require.NoError(t, err, a.SQL())
	if !c.differs {
		requireAsDeclared(t, db, c.new, table)
	}
	if c.rows != "" {
		require.Equal(t, []string{c.rows}, texts(t, db, "SELECT * FROM "+tableOf(db, table)))
	}
	require.NoError(t, a.Run(t.Context(), db), "again")
	a, err = s.Alter(t.Context(), db, nil)
	require.NoError(t, err)
	require.Empty(t, a.SQL())
	require.NoError(t, s.Declare(t.Context(), db))
}

var alterations = []alteration{
	{name: "nothing", old: "# c\nid : int32 # i\n---\na = 1 : int16 # a\nindex(a)", new: "# c\nid : int32 # i\n---\na = 1 : int16 # a\nindex(a)"},
	{
		name: "attributes", old: "id : int32\nk : int8\n---\nb : int8", row: "1, 2, 3",
		new: "id : int32\nk : int8\n---\na = 'it''s \"x\" 100%' : varchar(20) # a: \"comment\", it's \\ {0} ☃\na2 = null : <blob>\nb : int8\nc = 7 : int64\nd = null : uuid\ne = 'y' : enum('x','y')\nf=1.5:decimal(6,3)",
	},
	{
		name: "an attribute that rows have no value of", old: "id : int32", new: "id : int32\n---\na : int8\nb = CURRENT_TIMESTAMP : datetime", row: "1",
		refused: []string{
			"a: the rows that are there would have no value of it: it needs a default, which may be null, and not the time of the change",
			"b: the rows that are there would have no value of it: it needs a default, which may be null, and not the time of the change",
		},
	},
	{name: "an attribute of an empty table", old: "id : int32", new: "id : int32\n---\na : int8\nb = CURRENT_TIMESTAMP : datetime\nc : json\nd : uuid"},
	{
		name: "a new name", old: "id : int32\n---\nold : int8", new: "id : int32\n---\nnew : int8", row: "1, 2",
		refused: []string{"new: the rows that are there would have no value of it: it needs a default, which may be null, and not the time of the change; if it is old under a new name, rename that by hand",
			"old: int8 is not in the definition, and no row can be entered without it: name it among what is to be dropped, or give it a default by hand"},
	},
	{
		name: "comments", old: "# one\nid : int32 # i\n---\na : int8 # a\nb = 2 : int8", row: "1, 2, 3", rows: "1|2|3",
		new: "# two \"quoted\", it's 100% {x} \\ ? ☃ 𝄞\nid : int32 # j\n---\na : int8\nb = 2 : int8 # \"quoted\", it's 100% {x} \\ ? : # ☃ 𝄞",
	},
	{
		name: "comments of keys", old: "-> Parent\nid : int32\n---\na : int8", row: "1, 2, 3", rows: "1|2|3",
		new: "p : int32 # shared\n-> Parent\nid : int32 # j\n---\na : int8",
	},
	{
		name: "marks", old: "id : int\n---\na : tinyint\nb : longblob\nc : bool\nd : binary(16)\ne : double\nf : varchar(5)", row: "1, 2, x'33', 1, x'30313233343536373839616263646566', 1.5, 'x'",
		new: "id : int32\n---\na : bool\nb : <blob>\nc : int8\nd : uuid\ne : float64\nf : varchar(5)",
	},
	{name: "marks away", old: "id : int32\n---\nb : bytes\ne : float64", new: "id : int\n---\nb : longblob\ne : double", row: "1, x'33', 1.5", rows: "1|3|1.5"},
	{
		name: "spellings", old: "id : int32\n---\na = 1 : decimal(5, 2)\nb = 'x' : enum('x','y')", new: "id : int32\n---\na = 1.00 : decimal(5,2)\nb = \"x\" : enum( \"x\" , \"y\" )",
		row: "1, 1, 'y'",
	},
	{
		name: "wider types", modifies: true,
		old:  "id : int32\n---\na : int8\nb : smallint unsigned\nc : varchar(3)\nd : char(3)\ne : enum('a','c')\nf : decimal(5,2)\ng : datetime\nh : float32\ni : tinyblob\nj : tinytext\nk : bool\nl : set('p','r')\nm : varchar(60)\nn : varbinary(4)\no : time(1)\nq : float unsigned",
		new:  "id : int32\n---\na : int64\nb : int32\nc : varchar(300)\nd : varchar(3)\ne : enum('a','b','c','d')\nf : decimal(8,4)\ng : datetime(6)\nh : float64\ni : <blob>\nj : text\nk : int16\nl : set('o','p','q','r')\nm : text\nn : bytes\no : time(3)\nq : double",
		row:  "1, -128, 65535, 'äöü', 'ab', 'c', 123.45, '2024-02-29 01:02:03', 0.1, x'3078', 'text', 1, 'p,r', 'ü', x'31323334', '-01:02:03.4', 1.5",
		rows: "1|-128|65535|äöü|ab|c|123.4500|2024-02-29 01:02:03 +0000 UTC|0.10000000149011612|0x|text|1|p,r|ü|1234|-01:02:03.400|1.5",
	},
	{
		name: "narrower types", row: "1, 1, 1, 'x', 'a', 1, '2024-02-29', 1, x'31', 'x', '2024-02-29 01:02:03', x'30313233343536373839616263646566'",
		old: "id : int32\n---\na : int64\nb : int32\nc : varchar(5)\nd : enum('a','b')\ne : decimal(5,2)\nf : date\ng : float64\nh : longblob\ni : text\nj : datetime(3)\nk : uuid",
		new: "id : int32\n---\na : int32\nb : int unsigned\nc : char(5)\nd : enum('b','a')\ne : decimal(5,3)\nf : datetime\ng : float32\nh : blob\ni : varchar(9)\nj : datetime\nk : char(36)",
		refused: []string{
			"a: int64 is not made int32: not every value of the one is one of the other",
			"b: int32 is not made int unsigned: not every value of the one is one of the other",
			"c: varchar(5) is not made char(5): not every value of the one is one of the other",
			"d: enum('a','b') is not made enum('b','a'): not every value of the one is one of the other",
			"e: decimal(5,2) is not made decimal(5,3): not every value of the one is one of the other",
			"f: date is not made datetime: not every value of the one is one of the other",
			"g: float64 is not made float32: not every value of the one is one of the other",
			"h: longblob is not made blob: not every value of the one is one of the other",
			"i: text is not made varchar(9): not every value of the one is one of the other",
			"j: datetime(3) is not made datetime: not every value of the one is one of the other",
			"k: uuid is not made char(36): not every value of the one is one of the other",
		},
	},
	{
		name: "codecs", old: "id : int32\n---\na : <attach>\nb : bytes\nc : <blob>", new: "id : int32\n---\na : <blob>\nb : <blob>\nc : longblob", row: "1, x'31', x'32', x'33'",
		refused: []string{
			"a: <attach> is not made <blob>: what is there was encoded otherwise", "b: bytes is not made <blob>: what is there was encoded otherwise",
			"c: <blob> is not made longblob: what is there was encoded otherwise",
		},
	},
	{
		name: "to null and defaults", modifies: true, row: "1, 2, 3, 'x', 'y', 'a'", rows: "1|2|3|x|y|a",
		old: "id : int32\n---\na : int8\nb = 3 : int8\nc = 'x' : varchar(5)\nd : varchar(5)\ne = 'a' : enum('a','b')",
		new: "id : int32\n---\na = null : int8\nb = 4 : int8\nc : varchar(5)\nd = \"it's\" : varchar(5)\ne = null : enum('a','b')",
	},
	{name: "from null", modifies: true, old: "id : int32\n---\na = null : int8\nb = null : varchar(5)", new: "id : int32\n---\na : int8\nb = '' : varchar(5)", row: "1, 2, 'x'", rows: "1|2|x"},
	{
		name: "from null where there is one", old: "id : int32\n---\na = null : int8", new: "id : int32\n---\na : int8", row: "1, NULL",
		refused: []string{"a: int8 or null is not made int8: there are rows where it is null"},
	},
	{name: "a default of a key", modifies: true, old: "id : int32\nk = 1 : int8", new: "id : int32\nk = 2 : int8", row: "1, 2", rows: "1|2"},
	{
		name: "indexes", old: "id : int32\n---\na = 1 : int8\nb = 2 : int8", row: "1, 2, 3", rows: "1|2|3|5",
		new: "id : int32\n---\na = 1 : int8\nb = 2 : int8\nc = 5 : int64\nindex(a)\nunique index(b, a)\nindex(c, id)",
	},
	{
		name: "a unique index over what is there twice", old: "id : int32\n---\na = 'x' : varchar(5)\nb = null : int8", row: "1, 'y', 2), (2, 'Y', 2), (3, 'z', NULL), (4, 'z', NULL",
		new:     "id : int32\n---\na = 'x' : varchar(5)\nb = null : int8\nunique index(b)\nunique index(id, a)\nunique index(a, id)",
		refused: []string{"unique index (b): several rows have b = 2"},
	},
	{
		name: "what others added without a default", old: "id : int32\n---\na : int8\nb = null : int8", new: "id : int32", row: "1, 2, 3",
		kept:    []string{"b: int8 or null is not in the definition"},
		refused: []string{"a: int8 is not in the definition, and no row can be entered without it: name it among what is to be dropped, or give it a default by hand"},
	},
	{
		name: "what others added, with a new attribute", old: "id : int32\n---\na : int8\nb = null : int8\nc = 4 : int8\nindex(b, a)\nunique index(c)", new: "id : int32\n---\na : int8\nd = 6 : int8",
		row: "1, 2, 3, 4", differs: true, kept: []string{
			"b: int8 or null is not in the definition", `c: int8, by default "4" is not in the definition`, "index (b, a): it is not in the definition", "unique index (c): it is not in the definition",
		},
	},
	{
		name: "what is dropped", old: "id : int32\n---\na : int8\nb = null : int8\nc : varchar(9)\nindex(b, a)\nunique index(c)", new: "id : int32\n---\na : int8", row: "1, 2, 3, 'x'",
		rows: "1|2", drop: []string{"thing.b", "Thing.c", "Thing.gone"},
	},
	{
		name: "what cannot be dropped", old: "-> Parent\nk : int8\n---\na : int8\n-> [nullable] Parent.proj(q='p')", new: "-> Parent\nk : int8\n---\na : int8", row: "1, 2, 3, 1",
		drop: []string{"thing.a", "thing.q", "thing.k"},
		refused: []string{
			"k: it is to be dropped, and is in the definition", "a: it is to be dropped, and is in the definition",
			"q: it is to be dropped, and the primary key or a foreign key has it",
		},
		kept: []string{"foreign key (q): -> NAME.parent (p) is not in the definition"},
	},
	{
		name: "keys", old: "id : int32\nk : int8\n---\na : int8", new: "k : int16\nid : int64\na : int8", row: "1, 2, 3",
		refused: []string{
			"primary key: it would have to become (k, id, a) from (id, k), by which rows and the tables that refer to them are known: declare a new table, and copy the rows",
			"k: int8 is not made int16: it is in the primary key, to which other tables may refer",
			"id: int32 is not made int64: it is in the primary key, to which other tables may refer",
		},
	},
	{
		name: "a foreign key", old: "id : int32\n---\np : int32", new: "id : int32\n---\np : int32\n-> Parent\n-> [nullable] Parent.proj(q='p')", row: "1, 1",
		refused: []string{
			"foreign key (p): -> NAME.parent (p) would have to hold for rows that were entered without it: declare a new table, and copy the rows, or add it by hand",
			"foreign key (q): -> NAME.parent (p) would have to hold for rows that were entered without it: declare a new table, and copy the rows, or add it by hand",
		},
	},
	{name: "a foreign key that may be null", modifies: true, old: "id : int32\n---\n-> Parent", new: "id : int32\n---\n-> [nullable] Parent", row: "1, 1", rows: "1|1"},
	{name: "a foreign key that is unique", old: "id : int32\n---\n-> Parent", new: "id : int32\n---\n-> [unique] Parent", row: "1, 1", rows: "1|1"},
	{
		name: "a foreign key's type", old: "id : int32\n---\n-> Parent", new: "id : int32\n---\np : int64", row: "1, 1",
		refused: []string{"p: int is not made int64: a foreign key has it, and it is as what that refers to"},
		kept:    []string{"foreign key (p): -> NAME.parent (p) is not in the definition"},
	},
}

// TestAlterByHand runs the statements through the driver alone.
func TestAlterByHand(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openDB(t, dsn)
		const text = "# it's \"a\" ? \\ ; -- {0} %s ☃\nid : int32 # \\\n---\na = 'it''s ?' : varchar(9) # it's \"a\" ? \\ ; -- {0} %s ☃\nindex(a)"
		require.NoError(t, thing("lab", "id : int").Declare(t.Context(), db))
		s := thing("lab", text)
		a, err := s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		byHand(t, dsn, a.SQL())
		requireAsDeclared(t, db, text, find(s, "Thing"))
		require.NoError(t, a.Run(t.Context(), db), "nothing is left to do")
	})
}

// TestAlterSeveral has several tables, one that is refused and one that is not there, and hidden columns.
func TestAlterSeveral(t *testing.T) {
	declare := func(a, b, c string) *Schema {
		s := New("lab")
		as := define(s, TierManual, "A", "a : int\n---\n"+a)
		bs := define(s, TierComputed, "B", "-> A\n---\n"+b, as)
		if c != "" {
			define(s, TierPart, "C", c, bs)
		}
		return s
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		older := declare("x : int64", "y : int8", "")
		b := find(older, "B")
		b.heading = NewHeading(b.heading.all[:len(b.heading.all)-1])
		require.NoError(t, older.Declare(t.Context(), db))

		a, err := declare("x : int32\nx2 = null : int8", "y : int8\ny2 = null : int8", "").Alter(t.Context(), db, nil)
		require.NoError(t, err)
		require.NotEmpty(t, a.SQL())
		before := madeIn(t, db, "lab")
		err = a.Run(t.Context(), db)
		require.ErrorIs(t, err, rowmill.ErrRefused)
		require.EqualError(t, err, "alter schema lab: refused: lab.a: x: int64 is not made int32: not every value of the one is one of the other")
		require.Equal(t, before, madeIn(t, db, "lab"))

		s := declare("x : int64\nx2 = null : int8", "y : int8\ny2 = null : int8", "")
		a, err = s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		require.Empty(t, a.Refused())
		require.NoError(t, a.Run(t.Context(), db))
		found, err := describeSchema(t.Context(), db, "lab", "")
		require.NoError(t, err)
		for _, table := range s.Tables() {
			var names []string
			for _, column := range found[table.name].Columns {
				names = append(names, column.Name)
			}
			require.Equal(t, strings.Split(map[string]string{
				"a": "a x x2", "__b": "a y y2 _job_start_time _job_duration _job_version",
			}[table.name], " "), names)
		}

		a, err = s.Alter(t.Context(), db, &AlterOptions{Drop: []string{"B.y2"}})
		require.NoError(t, err)
		require.Equal(t, []string{"y2: it is to be dropped, and is in the definition"}, told(a.Refused()))
		for name, wanted := range map[string]string{
			"y2": `"y2" is no attribute to drop: table.attribute is wanted`, "lab.b.y2": `"lab.b" is no table of the schema`, "_b.y2": `did you mean "__b"?`,
		} {
			_, err = s.Alter(t.Context(), db, &AlterOptions{Drop: []string{name}})
			require.ErrorContains(t, err, wanted)
		}
	})
}

// TestAlterOfWhatHasChanged makes an alteration, and then the table is changed by somebody else.
func TestAlterOfWhatHasChanged(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, thing("lab", "id : int32\n---\na = 1 : int8").Declare(t.Context(), db))
		s := thing("lab", "id : int32\n---\na = 1 : int8\nb : int8")
		a, err := s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		require.Empty(t, a.Refused(), "the table is empty")
		execute(t, db, "INSERT INTO "+tableOf(db, find(s, "Thing"))+" (id) VALUES (1)")
		require.EqualError(t, a.Run(t.Context(), db), "alter schema lab: table Thing: refused: lab.thing: "+
			"b: the rows that are there would have no value of it: it needs a default, which may be null, and not the time of the change")

		s = thing("lab", "id : int32\n---\na = 1 : int8\nb = 2 : int8\nc = 3 : int8")
		a, err = s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		colleague, err := thing("lab", "id : int32\n---\na = 1 : int8\nc = 3 : int8").Alter(t.Context(), db, nil)
		require.NoError(t, err)
		require.NoError(t, colleague.Run(t.Context(), db))
		require.EqualError(t, a.Run(t.Context(), db), "alter schema lab: table Thing: it has changed since the alteration was made: make it anew")
		a, err = s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		require.NoError(t, a.Run(t.Context(), db))
	})
}

// TestAlterAtOnce has several run the same alteration at once, in their own pools, as processes would.
func TestAlterAtOnce(t *testing.T) {
	testdb.Each(t, func(t *testing.T, dsn string) {
		db := openDB(t, dsn)
		const text = "# c\nid : int32\n---\na = 1 : int8 # a\nb = 2 : int8\nc = null : <blob>\nunique index(id, a)\nindex(b)"
		require.NoError(t, thing("lab", "id : int32\n---\na = 1 : int8").Declare(t.Context(), db))
		var all errgroup.Group
		begin := make(chan struct{})
		for range 4 {
			own := openDB(t, dsn)
			a, err := thing("lab", text).Alter(t.Context(), own, nil)
			require.NoError(t, err)
			require.NotEmpty(t, a.SQL())
			all.Go(func() error {
				<-begin
				return a.Run(t.Context(), own)
			})
		}
		close(begin)
		require.NoError(t, all.Wait())
		requireAsDeclared(t, db, text, find(thing("lab", text), "Thing"))
	})
}

// TestAlterKeepsWhatItDoesNotKnow has columns of which the server knows more than a definition can say.
func TestAlterKeepsWhatItDoesNotKnow(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		if db.Dialect().SingleWriter() {
			t.Skip("SQLite changes no column")
		}
		old := thing("lab", "id : int")
		require.NoError(t, old.Declare(t.Context(), db))
		name := tableOf(db, find(old, "Thing"))
		execute(t, db, "ALTER TABLE "+name+" ADD COLUMN stamp TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,"+
			" ADD COLUMN word VARCHAR(9) COLLATE latin1_german1_ci NOT NULL, ADD COLUMN note VARCHAR(9) NOT NULL")
		s := thing("lab", "id : int\n---\nstamp = CURRENT_TIMESTAMP : timestamp # when\nword : varchar(9) # a\nnote : varchar(9) # b")
		require.NoError(t, s.Declare(t.Context(), db))
		a, err := s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		refused := told(a.Refused())
		require.Len(t, refused, 2)
		require.Regexp(t, `^stamp: timestamp, by default CURRENT_TIMESTAMP is not made .*: it is "(?i:on update current_timestamp).*" in the database, which would be lost: change it by hand$`, refused[0])
		require.Equal(t, `word: varchar(9) is not made varchar(9): it is "collate latin1_german1_ci" in the database, which would be lost: change it by hand`, refused[1])
	})
}

// TestAlterIndexOfAnExpression wants an index that not every server has.
func TestAlterIndexOfAnExpression(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, thing("lab", "id : int32\n---\na = 1 : int8").Declare(t.Context(), db))
		s := thing("lab", "id : int32\n---\na = 1 : int8\nb = null : int8\ndoc = null : json\nindex(doc.path.to:char(9))")
		a, err := s.Alter(t.Context(), db, nil)
		require.NoError(t, err)
		before := madeIn(t, db, "lab")
		if err := a.Run(t.Context(), db); err != nil {
			require.ErrorContains(t, err, "alter schema lab: table Thing: index (doc.path.to:char(9)) is wanted, which not every server has")
			require.Equal(t, before, madeIn(t, db, "lab"), "all or nothing")
			return
		}
		require.Empty(t, differencesOf(t, db, s))
	})
}
