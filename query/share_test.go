package query_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// The tables of this file are declared, under one name or another, from Go or from Python, and used by the other.

type Source struct{ ID int32 }

type Method struct {
	Method string
	Order  int16
}

type SourceInfo struct {
	ID int32
	N  int64
}

type Channel struct {
	ID      int32
	Channel int16
	Data    []int64
}

type Outcome struct {
	ID     int32
	Method string
	Value  float64
}

type Pair struct {
	A      int32 `db:"id_a"`
	B      int32 `db:"id_b"`
	Method *string
	ID     int32
}

type Everything struct {
	K           uuid.UUID
	S           string
	I8          int8
	I16         int16
	I32         int32
	I64         *int64
	F32         float32
	F64         float64
	Dec         string
	Flag        bool
	Vc          string
	Ch          *string
	D           time.Time
	D0          *time.Time
	Dt, Dt3     time.Time
	Dt6         *time.Time
	En          string
	Js, Js2     json.RawMessage
	Uu          *uuid.UUID
	By          []byte
	Bl          []float64
	ID          *int32
	MethodAlias string
}

type Native struct {
	A   uint32
	At  time.Time `db:"ts"`
	T   time.Duration
	Y   int16
	Tu  uint8
	Si  *int16
	Mb  []byte
	Lt  string
	Fl  float64
	Num string
	Bi  uint64
}

// A sharedLab is a schema with all types, all forms of foreign keys, a part and a lookup.
type sharedLab struct {
	schema     *schema.Schema
	sources    *schema.TableOf[Source]
	methods    *schema.TableOf[Method]
	infos      *schema.TableOf[SourceInfo]
	channels   *schema.TableOf[Channel]
	outcomes   *schema.TableOf[Outcome]
	pairs      *schema.TableOf[Pair]
	everything *schema.TableOf[Everything]
	natives    *schema.TableOf[Native]
}

func newSharedLab(name string) sharedLab {
	l := sharedLab{schema: schema.New(name)}
	s := l.schema
	l.sources = schema.Manual[Source](s, `
		# a source, äöü ☃
		id : int32  # it's its number
	`)
	l.methods = schema.Lookup(s, `
		method : varchar(16)
		---
		order : int16
	`, []Method{{"a", 1}, {"b", 2}, {`ü'\`, 3}})
	l.infos = schema.Imported[SourceInfo](s, `
		-> Source
		---
		n = 0 : int64
	`, l.sources)
	l.channels = schema.Part[Channel](l.infos, `
		-> master
		channel : int16
		---
		data : <blob>
	`)
	l.outcomes = schema.Computed[Outcome](s, `
		-> SourceInfo
		-> Method
		---
		value : float64
	`, l.infos, l.methods)
	l.pairs = schema.Manual[Pair](s, `
		-> Source.proj(id_a='id')
		-> Source.proj(id_b='id')
		---
		-> [nullable] Method
		-> [unique] SourceInfo
	`, l.sources, l.methods, l.infos)
	l.everything = schema.Manual[Everything](s, `
		# every core type
		k : uuid
		s = "x" : char(4)
		---
		i8 : int8
		i16 = 7 : int16
		i32 = -1 : int32
		i64 = null : int64
		f32 : float32
		f64 = 2.5 : float64
		dec = 1.25 : decimal(8,3)
		flag = 1 : bool
		vc = "it's" : varchar(40)   # apostrophe "quoted" comment
		ch = null : char(10)
		d : date
		d0 = null : date
		dt : datetime
		dt3 = CURRENT_TIMESTAMP(3) : datetime(3)
		dt6 = null : datetime(6)
		en : enum('small', 'a-b', 'ü')
		js = null : json
		js2 : json
		uu = null : uuid
		by : bytes
		bl = null : <blob>
		-> [nullable] Source
		-> Method.proj(method_alias='method')
		index (d, dt)
	`, l.sources, l.methods)
	l.natives = schema.Manual[Native](s, `
		# the server's own types
		a : int unsigned
		---
		ts : timestamp
		t : time
		y : year
		tu = 3 : tinyint unsigned
		si = null : smallint
		mb : mediumblob
		lt : longtext
		fl : double
		num : numeric(8,2)
		bi : bigint unsigned
	`)
	return l
}

// definitions are what Python has to know to declare the tables.
func (l sharedLab) definitions(t *testing.T) string {
	t.Helper()
	var tables []map[string]string
	for _, table := range l.schema.Tables() {
		one := map[string]string{"name": table.String(), "tier": table.Tier().String(), "definition": table.Definition(), "master": ""}
		if table.Master() != nil {
			one["master"] = table.Master().String()
		}
		tables = append(tables, one)
	}
	text, err := json.Marshal(tables)
	require.NoError(t, err)
	return string(text)
}

// canon spells a value as the function of that name in testdata/share.py does.
func canon(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case bool:
		if v {
			return "1"
		}
		return "0"
	case float64:
		return fmt.Sprintf("%016x", math.Float64bits(v))
	case float32:
		return canon(float64(v))
	case []float64:
		if v == nil {
			return "-"
		}
		texts := make([]string, len(v))
		for i, x := range v {
			texts[i] = canon(x)
		}
		return strings.Join(texts, " ")
	case []byte:
		return hex.EncodeToString(v)
	case json.RawMessage:
		return canonJSON(v)
	case time.Duration:
		return strconv.FormatInt(v.Microseconds(), 10)
	case time.Time:
		return v.Format("2006-01-02 15:04:05.000000")
	default:
		return fmt.Sprint(v)
	}
}

// canonJSON is a document without what means nothing: the order of its members, and space.
func canonJSON(text json.RawMessage) string {
	if text == nil {
		return "-"
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return err.Error()
	}
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(plain.String())
}

// maybe is canon of what may be nil.
func maybe[T any](v *T) string {
	if v == nil {
		return canon(nil)
	}
	return canon(*v)
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func (e Everything) canon() []string {
	d0 := "-"
	if e.D0 != nil {
		d0 = day(*e.D0)
	}
	return []string{
		canon(e.K), e.S, canon(e.I8), canon(e.I16), canon(e.I32), maybe(e.I64), canon(e.F32), canon(e.F64), e.Dec, canon(e.Flag), e.Vc, maybe(e.Ch),
		day(e.D), d0, canon(e.Dt), canon(e.Dt3), maybe(e.Dt6), e.En, canon(e.Js), canon(e.Js2), maybe(e.Uu), canon(e.By), canon(e.Bl), maybe(e.ID), e.MethodAlias,
	}
}

func (n Native) canon() []string {
	return []string{
		canon(n.A), canon(n.At), canon(n.T), canon(n.Y), canon(n.Tu), maybe(n.Si), canon(n.Mb), n.Lt, canon(n.Fl), n.Num, canon(n.Bi),
	}
}

// canonOf spells rows.
func canonOf[Row interface{ canon() []string }](rows []Row) [][]string {
	texts := make([][]string, len(rows))
	for i, r := range rows {
		texts[i] = r.canon()
	}
	return texts
}

// ordered are the rows of a table in the order of its key.
func ordered[Row any](t *testing.T, db *rowmill.DB, table schema.Declared, key ...string) []Row {
	t.Helper()
	rows, err := query.Fetch[Row](t.Context(), db, query.From(table).Top(query.All, key...))
	require.NoError(t, err)
	return rows
}

// tableOf is the table of a schema that is called so.
func tableNamed(t *testing.T, s *schema.Schema, name string) *schema.Table {
	t.Helper()
	for _, table := range s.Tables() {
		if table.String() == name {
			return table
		}
	}
	require.Fail(t, "no table", name)
	return nil
}

// entering may enter rows that only a make may.
type entering struct{ rowmill.Conn }

func (entering) Stamp(*schema.Table) ([]string, []squirrel.Sqlizer) { return nil, nil }

const manyShared = 1000

// TestPythonsTablesInGo has Python declare tables and enter rows. Go finds what Python put in: through structs of its own, and
// through tables of which it only knows the description.
func TestPythonsTablesInGo(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		peer := testdb.StartPython(t, dsn, nil, "testdata/share.py")
		db := openShared(t, dsn)
		lab := newSharedLab("djpy")
		peer.Do("py = declare('djpy', json.loads(" + strconv.Quote(lab.definitions(t)) + "))")
		var put map[string][][]string
		peer.Ask(fmt.Sprintf("fill(py, 1, %d)", manyShared), &put)

		described, err := schema.Describe(t.Context(), db, "djpy")
		require.NoError(t, err)
		require.Empty(t, described.Omitted())
		require.Equal(t, put["Everything"], canonOf(ordered[Everything](t, db, tableNamed(t, described, "Everything"), "k", "s")))
		require.NoError(t, lab.schema.Declare(t.Context(), db))
		require.Equal(t, put["Everything"], canonOf(ordered[Everything](t, db, lab.everything, "k", "s")))
		require.Equal(t, put["Native"], canonOf(ordered[Native](t, db, lab.natives, "a")))
		require.Len(t, put["Everything"], manyShared)

		channels := ordered[Channel](t, db, lab.channels, "id", "channel")
		require.Len(t, channels, 120)
		for _, c := range channels {
			require.Len(t, c.Data, int(c.ID)*int(c.Channel))
			for i, x := range c.Data {
				require.EqualValues(t, i, x)
			}
		}
		for class, table := range map[string]schema.Declared{"Source": lab.sources, "SourceInfo": lab.infos, "Outcome": lab.outcomes, "Pair": lab.pairs, "Method": lab.methods} {
			var theirs int
			peer.Ask("len(py."+class+"())", &theirs)
			n, err := query.Count(t.Context(), db, query.From(table))
			require.NoError(t, err)
			require.Equal(t, theirs, n, class)
		}
	})
}

func openShared(t *testing.T, dsn string) *rowmill.DB {
	t.Helper()
	db, err := rowmill.Open(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// A draw draws values at random.
type draw struct{ *rand.Rand }

func (d draw) text(most int) string {
	letters := []rune("ab Zé☃𝄞'\"\\%\n\t{}?`")
	text := make([]rune, d.IntN(most))
	for i := range text {
		text[i] = letters[d.IntN(len(letters))]
	}
	return string(text) + "."
}

func (d draw) moment(unit time.Duration) time.Time {
	return time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.Int64N(1e9))*time.Second).AddDate(d.IntN(8000), 0, 0).
		Add(time.Duration(d.Int64N(int64(time.Second))).Truncate(unit))
}

func (d draw) bytes() []byte {
	b := make([]byte, d.IntN(40))
	for i := range b {
		b[i] = byte(d.IntN(256))
	}
	return b
}

// perhaps is a value, or nil three times of ten.
func perhaps[T any](d draw, v T) *T {
	if d.IntN(10) < 3 {
		return nil
	}
	return &v
}

func (d draw) everything() Everything {
	e := Everything{
		S:  []string{"x", "ab", "é☃", "zzzz"}[d.IntN(4)],
		I8: int8(d.Uint64()), I16: int16(d.Uint64()), I32: int32(d.Uint64()), I64: perhaps(d, int64(d.Uint64())),
		// DataJoint reads a float32 as the server shows it, to six digits.
		F32: float32(d.IntN(2000)-1000) / 8, F64: []float64{d.NormFloat64(), 0.1, -1e300, 5e-300}[d.IntN(4)],
		Dec: fmt.Sprintf("%d.%03d", d.IntN(200000)-100000, d.IntN(1000)), Flag: d.IntN(2) == 0, Vc: d.text(39), Ch: perhaps(d, d.text(9)),
		D: d.moment(time.Second).Truncate(24 * time.Hour), D0: perhaps(d, d.moment(time.Second).Truncate(24*time.Hour)),
		Dt: d.moment(time.Second), Dt3: d.moment(time.Millisecond), Dt6: perhaps(d, d.moment(time.Microsecond)),
		En: []string{"small", "a-b", "ü"}[d.IntN(3)], Js2: d.document(), Uu: perhaps(d, uuid.UUID{}), By: d.bytes(),
		ID: perhaps(d, int32(d.IntN(50)+1)), MethodAlias: []string{"a", "b", `ü'\`}[d.IntN(3)],
	}
	for i := range e.K {
		e.K[i] = byte(d.IntN(256))
	}
	if e.Uu != nil {
		e.Uu[d.IntN(16)] = 7
	}
	if d.IntN(3) > 0 {
		e.Js = d.document()
	}
	if d.IntN(3) > 0 {
		e.Bl = make([]float64, d.IntN(200))
		for i := range e.Bl {
			e.Bl[i] = d.NormFloat64()
		}
	}
	return e
}

func (d draw) document() json.RawMessage {
	text, err := json.Marshal(map[string]any{"n": d.Int64N(1 << 53), d.text(4): []any{d.text(9), true, nil, map[string]any{}}})
	if err != nil {
		panic(err)
	}
	return text
}

func (d draw) native(a uint32) Native {
	return Native{
		A: a, At: time.Unix(31536000+d.Int64N(2_000_000_000), 0).UTC(), T: time.Duration(d.IntN(6_000_000)-3_000_000) * time.Second,
		Y: int16(1901 + d.IntN(255)), Tu: uint8(d.Uint64()), Si: perhaps(d, int16(d.Uint64())), Mb: d.bytes(), Lt: d.text(300),
		Fl: d.NormFloat64(), Num: fmt.Sprintf("%d.%02d", d.IntN(20000)-10000, d.IntN(100)), Bi: d.Uint64() >> 1,
	}
}

// fill enters rows as the function of that name in testdata/share.py does.
func (l sharedLab) fill(t *testing.T, db *rowmill.DB, d draw) (put map[string][][]string) {
	t.Helper()
	var every []Everything
	for range manyShared {
		every = append(every, d.everything())
	}
	var natives []Native
	for a := range uint32(manyShared / 10) {
		natives = append(natives, d.native(a))
	}
	var sources []Source
	for i := range int32(50) {
		sources = append(sources, Source{i + 1})
	}
	ctx, free := t.Context(), entering{db}
	require.NoError(t, query.Insert(ctx, db, l.sources, sources...))
	for i := int32(1); i <= 40; i++ {
		require.NoError(t, query.Insert(ctx, free, l.infos, SourceInfo{i, d.Int64()}))
		for c := range int16(3) {
			data := make([]int64, int(i)*int(c))
			for x := range data {
				data[x] = int64(x)
			}
			require.NoError(t, query.Insert(ctx, free, l.channels, Channel{i, c, data}))
		}
		if d.IntN(2) == 0 {
			require.NoError(t, query.Insert(ctx, free, l.outcomes, Outcome{i, "a", d.NormFloat64()}, Outcome{i, "b", d.NormFloat64()}))
		}
		require.NoError(t, query.Insert(ctx, db, l.pairs, Pair{i, int32(d.IntN(50) + 1), perhaps(d, "a"), i}))
	}
	require.NoError(t, query.Insert(ctx, db, l.everything, every...))
	require.NoError(t, query.Insert(ctx, db, l.natives, natives...))
	return map[string][][]string{"Everything": canonOf(every), "Native": canonOf(natives)}
}

// TestGosTablesInPython has Go declare tables and enter rows. Python finds what Go put in: through classes of its own, and
// through a virtual schema. It joins, restricts and aggregates tables of both makers, and so does Go, to the same end.
func TestGosTablesInPython(t *testing.T) {
	testdb.EachServer(t, func(t *testing.T, dsn string) {
		db, lab, theirs := openShared(t, dsn), newSharedLab("djgo"), newSharedLab("djpy")
		require.NoError(t, lab.schema.Declare(t.Context(), db))
		put := lab.fill(t, db, draw{rand.New(rand.NewPCG(1, 2))})
		peer := testdb.StartPython(t, dsn, nil, "testdata/share.py")
		peer.Do("seen = dj.VirtualModule('seen', 'djgo')\ngo = declare('djgo', json.loads(" + strconv.Quote(lab.definitions(t)) + "))")
		for _, how := range []string{"go", "seen"} {
			var got [][]string
			peer.Ask("rows("+how+".Native)", &got)
			require.Equal(t, put["Native"], got, how)
			peer.Ask("rows("+how+".Everything)", &got)
			require.ElementsMatch(t, put["Everything"], got, how)
			peer.Do("for c in " + how + ".SourceInfo.Channel().to_dicts(): assert c['data'].tolist() == list(range(c['id'] * c['channel'])), c")
		}
		peer.Do("py = declare('djpy', json.loads(" + strconv.Quote(theirs.definitions(t)) + "))\nfill(py, 2, 20)")
		require.NoError(t, theirs.schema.Declare(t.Context(), db))
		acrossMakers(t, db, peer, lab, theirs)
		var warnings []string
		peer.Ask("logged", &warnings)
		require.NotContains(t, strings.ToLower(strings.Join(warnings, "\n")), "lineage")
		t.Logf("DataJoint has warned of: %q", warnings)
	})
}

// A Mixed is a row of a table that Python declares, of whose parents one is Go's.
type Mixed struct {
	ID     int32
	Method string
	X      int32
}

// A Blended is the same the other way round.
type Blended struct {
	ID     int32
	Method string
	Y      int32
}

// acrossMakers compares what both sides find in tables that refer to tables of either.
func acrossMakers(t *testing.T, db *rowmill.DB, peer *testdb.PythonPeer, lab, theirs sharedLab) {
	t.Helper()
	peer.Do(`
class Mixed(dj.Manual):
    definition = """
    # made by Python
    -> go.Source
    -> py.Method
    ---
    x : int32
    """
schema('pymix')(Mixed)
Mixed.insert({"id": i, "method": m, "x": i * j} for i in range(1, 50, 3) for j, m in enumerate("ab") if (i + j) % 4)
`)
	mix, blend := schema.New("pymix"), schema.New("gomix")
	mixed := schema.Manual[Mixed](mix, "-> Source\n-> Method\n---\nx : int32", lab.sources, theirs.methods)
	blended := schema.Manual[Blended](blend, "-> Source\n-> Method\n---\ny : int32", theirs.sources, lab.methods)
	require.NoError(t, mix.Declare(t.Context(), db))
	require.NoError(t, blend.Declare(t.Context(), db))
	for i := int32(1); i < 50; i += 2 {
		require.NoError(t, query.Insert(t.Context(), db, blended, Blended{i, `ü'\`, i}, Blended{i, "a", 3 * i}))
	}
	peer.Do("blend = dj.VirtualModule('blend', 'gomix')")
	for _, c := range []struct {
		python string
		here   query.Rel
	}{
		{"go.Source * Mixed", query.From(lab.sources, mixed)},
		{"seen.Source * Mixed", query.From(lab.sources, mixed)},
		{"Mixed * py.Method & 'x > 20'", query.From(mixed, theirs.methods).Where("x > 20")},
		{"go.Source & Mixed", query.From(lab.sources).In(query.From(mixed))},
		{"seen.Source - Mixed", query.From(lab.sources).NotIn(query.From(mixed))},
		{"Mixed & (seen.SourceInfo & 'n % 2 = 0')", query.From(mixed).In(query.From(lab.infos).Where("n % 2 = 0"))},
		{"Mixed - seen.SourceInfo", query.From(mixed).NotIn(query.From(lab.infos))},
		{"go.SourceInfo.Channel & (Mixed & 'x > 20')", query.From(lab.channels).In(query.From(mixed).Where("x > 20"))},
		{"seen.SourceInfo.Channel.proj() * Mixed", query.From(lab.channels).Project().Join(query.From(mixed))},
		{"seen.SourceInfo.aggr(Mixed, n='count(x)') & 'n > 1'", query.From(lab.infos).Project().Aggregate(query.From(mixed), "n = count(x)").Where("n > 1")},
		{"dj.U('method').aggr(Mixed, n='count(*)')", query.Universal("method").Aggregate(query.From(mixed), "n = count(*)")},
		{"blend.Blended * py.Source * seen.Method", query.From(blended, theirs.sources, lab.methods)},
		{"py.Source.aggr(blend.Blended, m='max(y)') & 'm > 50'", query.From(theirs.sources).Aggregate(query.From(blended), "m = max(y)").Where("m > 50")},
		{"(py.SourceInfo & blend.Blended).proj() * py.Outcome", query.From(theirs.infos).In(query.From(blended)).Project().Join(query.From(theirs.outcomes))},
		{"go.Pair.proj(id='id_b') * Mixed", query.From(lab.pairs).Project("source = id_a", "id = id_b").Join(query.From(mixed))},
		{"go.Everything.proj() * go.Source", query.From(lab.everything).Project().Join(query.From(lab.sources))},
	} {
		var theirs int
		peer.Ask("len("+c.python+")", &theirs)
		n, err := query.Count(t.Context(), db, c.here)
		require.NoError(t, err, c.python)
		require.Equal(t, theirs, n, c.python)
		require.Positive(t, n, c.python)
	}
	// Both refuse to join what is called alike, and comes from different tables.
	peer.Tell("len(go.Outcome * Mixed)")
	require.ErrorContains(t, peer.Await(nil), "lineage")
	_, err := query.Count(t.Context(), db, query.From(lab.outcomes).Join(query.From(mixed)))
	require.ErrorContains(t, err, "method")
}
