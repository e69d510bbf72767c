package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// A Version is what a codec of the tests keeps.
type Version struct{ Major, Minor int }

var versionCodec = schema.NewCodec("version", "varchar(16)",
	func(v Version) ([]byte, error) { return fmt.Appendf(nil, "%d.%d", v.Major, v.Minor), nil },
	func(b []byte) (v Version, err error) {
		_, err = fmt.Sscanf(string(b), "%d.%d", &v.Major, &v.Minor)
		return v, err
	})

// A Kind has an attribute of every type, each of which may be NULL.
type Kind struct {
	N       int32
	I8      *int8
	I64     *int64
	U8      *uint8
	U32     *uint32
	F32     *float32
	F64     *float64
	Yes     *bool
	Dec     *string
	Fixed   *string
	Word    *string
	Long    *string
	Which   *string
	Several *string
	Day     *time.Time
	Moment  *time.Time
	Stamp   *time.Time
	Clock   *time.Duration
	Year    *int16
	Doc     any
	ID      *uuid.UUID `db:"id"`
	Raw     []byte
	Bits    []byte
	Data    any
	Attach  *schema.Attachment
	Version *Version
	Secret  []byte
}

var (
	kindLab = schema.New("kindlab", versionCodec, schema.Opaque("secret", "bytes"))
	kinds   = schema.Manual[Kind](kindLab, `
		n : int32
		---
		i8 = null : int8
		i64 = null : int64
		u8 = null : tinyint unsigned
		u32 = null : int unsigned
		f32 = null : float32
		f64 = null : float64
		yes = null : bool
		dec = null : decimal(20,4)
		fixed = null : char(6)
		word = null : varchar(40)
		long = null : text
		which = null : enum('one','two, or three')
		several = null : set('x','y','z')
		day = null : date
		moment = null : datetime(6)
		stamp = null : timestamp
		clock = null : time(3)
		year = null : year
		doc = null : json
		id = null : uuid
		raw = null : bytes
		bits = null : bit(12)
		data = null : <blob>
		attach = null : <attach>
		version = null : <version>
		secret = null : <secret>
	`)
)

var (
	someDay    = time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	someMoment = time.Date(2024, 2, 29, 23, 59, 58, 120_003_000, time.UTC)
	someID     = uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")
)

// fillKinds enters a row with values, one with empty and extreme ones, and one of NULLs, in another order.
func fillKinds(t *testing.T, db *rowmill.DB) {
	t.Helper()
	require.NoError(t, kindLab.Declare(t.Context(), db))
	require.NoError(t, Insert(t.Context(), db, kinds, Kind{N: 3}, Kind{
		1, new(int8(-128)), new(int64(1<<62 + 1)), new(uint8(255)), new(uint32(1<<32 - 1)), new(float32(0.1)), new(0.1), new(true), new("-1234567890123456.7890"), new("ab"),
		new(`it's "quoted", and` + "\nlong"), new("Größe – 大 🎉"), new("two, or three"), new("x,z"), &someDay, &someMoment, new(someMoment.Truncate(time.Second)), new(-90*time.Minute - 500*time.Millisecond), new(int16(2024)),
		map[string]any{"b": []any{1.0, "x<y", nil}, "a": true}, &someID, []byte{0, 0xff, ','}, []byte{0x0a, 0xbc}, []float64{1.5, 2}, &schema.Attachment{Name: "a.txt", Content: []byte("hi")}, &Version{1, 2}, []byte("s"),
	}, Kind{
		N: 2, I8: new(int8(0)), I64: new(int64(-1 << 63)), U8: new(uint8(0)), U32: new(uint32(0)), F32: new(float32(16777216)), F64: new(1e300), Yes: new(false), Dec: new("0.0000"), Fixed: new(""), Word: new(""), Long: new(" spaces "),
		Which: new("one"), Several: new(""), Doc: "text", Raw: []byte{}, Data: map[string]any{"k": []int64{1, 2}}, Clock: new(time.Duration(0)), Secret: []byte{},
	}))
}

// naturalKinds are the rows of fillKinds as maps, without the NULLs of the second.
func naturalKinds() [3]map[string]any {
	null := map[string]any{}
	for _, name := range kinds.Untyped().Heading().Names() {
		null[name] = nil
	}
	null["n"] = int64(3)
	return [3]map[string]any{
		{
			"n": int64(1), "i8": int64(-128), "i64": int64(1<<62 + 1), "u8": uint64(255), "u32": uint64(1<<32 - 1), "f32": float64(float32(0.1)), "f64": 0.1, "yes": true,
			"dec": "-1234567890123456.7890", "fixed": "ab", "word": "it's \"quoted\", and\nlong", "long": "Größe – 大 🎉", "which": "two, or three", "several": "x,z", "day": someDay, "moment": someMoment,
			"stamp": someMoment.Truncate(time.Second), "clock": -90*time.Minute - 500*time.Millisecond, "year": int64(2024), "doc": map[string]any{"b": []any{1.0, "x<y", nil}, "a": true}, "id": someID,
			"raw": []byte{0, 0xff, ','}, "bits": []byte{0x0a, 0xbc}, "data": []float64{1.5, 2}, "attach": schema.Attachment{Name: "a.txt", Content: []byte("hi")}, "version": Version{1, 2}, "secret": []byte("s"),
		},
		{
			"n": int64(2), "i8": int64(0), "i64": int64(-1 << 63), "u8": uint64(0), "u32": uint64(0), "f32": 16777216.0, "f64": 1e300, "yes": false, "dec": "0.0000", "fixed": "", "word": "", "long": " spaces ",
			"which": "one", "several": "", "doc": "text", "raw": []byte{}, "data": map[string]any{"k": []int64{1, 2}}, "clock": time.Duration(0), "secret": []byte{},
		},
		null,
	}
}

func onKinds(t *testing.T, f func(t *testing.T, db *rowmill.DB)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		fillKinds(t, db)
		f(t, db)
	})
}

// filled is a value without the difference between no bytes and none.
func filled(v any) any {
	if b, ok := v.([]byte); ok && len(b) == 0 {
		return []byte{}
	}
	return v
}

// TestFetchMaps has every attribute's natural type in maps, in anys, and in columns.
func TestFetchMaps(t *testing.T) {
	onKinds(t, func(t *testing.T, db *rowmill.DB) {
		wanted := naturalKinds()
		got, err := Fetch[map[string]any](t.Context(), db, From(kinds).OrderBy("n"))
		require.NoError(t, err)
		require.Len(t, got, 3)
		for i, row := range wanted {
			require.Len(t, got[i], len(wanted[0]))
			for name := range wanted[0] {
				require.Equal(t, row[name], filled(got[i][name]), "%s of row %d", name, i+1)
			}
		}
		for name := range wanted[0] {
			values, err := Column[any](t.Context(), db, From(kinds).OrderBy("n"), name)
			require.NoError(t, err)
			require.Equal(t, []any{wanted[0][name], wanted[1][name], wanted[2][name]}, []any{values[0], filled(values[1]), values[2]}, name)
		}
		for m, err := range Each[map[string]any](t.Context(), db, From(kinds).Project("two = n * 2").Where("n = 2")) {
			require.NoError(t, err)
			require.Equal(t, map[string]any{"n": int64(2), "two": int64(4)}, m)
		}
	})
}

// TestFetchComputed has the four types of computed attributes, on every server.
func TestFetchComputed(t *testing.T) {
	onKinds(t, func(t *testing.T, db *rowmill.DB) {
		for expr, wanted := range map[string]any{
			"i64 + 0": int64(1<<62 + 1), "COUNT(*)": int64(1), "SUM(n)": int64(1), "AVG(n)": 1.0, "f64 * 2": 0.2, "MAX(word)": "it's \"quoted\", and\nlong", "n = 1": int64(1), "MAX(day)": "2024-02-29",
			"MAX(moment)": "2024-02-29 23:59:58.120003", "NULL": nil, "'x'": "x", "LENGTH(raw)": int64(3), "n / 2.0": 0.5, "CASE WHEN n = 1 THEN long END": "Größe – 大 🎉", "1.5": 1.5, "MAX(year)": int64(2024),
		} {
			rel := Universal().Aggregate(From(kinds).Where("n = 1"), "x = "+expr)
			if !strings.Contains(expr, "(") || strings.HasPrefix(expr, "LENGTH") {
				rel = From(kinds).Where("n = 1").Project("x = " + expr)
			}
			got, err := Column[any](t.Context(), db, rel, "x")
			require.NoError(t, err, expr)
			require.Equal(t, []any{wanted}, got, expr)
		}
	})
}

// TestColumn has values of one attribute, in the relation's order, as any type that fits.
func TestColumn(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		all := From(subjects).OrderBy("subject_id DESC")
		ids, err := Column[int32](t.Context(), db, all, "subject_id")
		require.NoError(t, err)
		require.Equal(t, []int32{3, 2, 1}, ids)
		wide, err := Column[int64](t.Context(), db, all, "subject_id")
		require.NoError(t, err)
		require.Equal(t, []int64{3, 2, 1}, wide)
		species, err := Column[string](t.Context(), db, all, "species")
		require.NoError(t, err)
		require.Equal(t, []string{"mouse", "rat", "mouse"}, species)
		weights, err := Column[*float64](t.Context(), db, all, "weight")
		require.NoError(t, err)
		require.Equal(t, []*float64{nil, nil, new(20.5)}, weights)
		none, err := Column[string](t.Context(), db, all.Where("subject_id > 9"), "species")
		require.NoError(t, err)
		require.Empty(t, none)

		_, err = Column[float64](t.Context(), db, all, "weight")
		require.EqualError(t, err, `fetch column "weight": "weight" is float64 or NULL, which float64 cannot hold: a *float64 or sql.Null[float64] is wanted`)
		_, err = Column[int](t.Context(), db, all, "specis")
		require.ErrorIs(t, err, rowmill.ErrNoAttribute)
		require.ErrorContains(t, err, `did you mean "species"?`)
		_, err = Column[int](t.Context(), db, all.Project("n = weight"), "n")
		require.ErrorContains(t, err, `fetch column "n": `)
		_, err = Column[string](t.Context(), db, Rel{}, "n")
		require.ErrorContains(t, err, `fetch column "n": the relation is empty`)
	})
}

// TestKeys has keys alone, as structs, maps or values.
func TestKeys(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ones, err := Keys[int32](t.Context(), db, From(subjects).Where("species = 'mouse'").OrderBy("subject_id DESC"))
		require.NoError(t, err)
		require.Equal(t, []int32{3, 1}, ones)
		keys, err := Keys[SessionKey](t.Context(), db, From(sessions).OrderBy("rate_hz DESC", "KEY"))
		require.NoError(t, err)
		require.Equal(t, []SessionKey{{1, 2}, {1, 1}, {2, 1}}, keys)
		maps, err := Keys[map[string]any](t.Context(), db, From(sessions).Where("subject_id = 2"))
		require.NoError(t, err)
		require.Equal(t, []map[string]any{{"subject_id": int64(2), "session": int64(1)}}, maps)
		anys, err := Keys[any](t.Context(), db, From(tags))
		require.NoError(t, err)
		require.Equal(t, []any{"t"}, anys)

		_, err = Keys[struct{ SubjectID int32 }](t.Context(), db, From(sessions))
		require.ErrorContains(t, err, `has no field for the attribute "session"`)
		_, err = Keys[Session](t.Context(), db, From(sessions))
		require.Error(t, err, "it has fields that are no key")
		_, err = Keys[int32](t.Context(), db, From(sessions))
		require.ErrorContains(t, err, "int32 holds one attribute, and the relation has 2 (subject_id, session)")
	})
}

// TestFetchValues fetches relations of one attribute into values, and says what fits.
func TestFetchValues(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ids, err := Fetch[int32](t.Context(), db, From(subjects).Project().OrderBy("subject_id"))
		require.NoError(t, err)
		require.Equal(t, []int32{1, 2, 3}, ids)
		species, err := Fetch[any](t.Context(), db, Universal("species").In(From(subjects)).OrderBy("species"))
		require.NoError(t, err)
		require.Equal(t, []any{"mouse", "rat"}, species)
		n, err := One[int](t.Context(), db, Universal().Aggregate(From(subjects), "n = count(*)"))
		require.NoError(t, err)
		require.Equal(t, 3, n)
		_, err = Fetch[string](t.Context(), db, From(subjects))
		require.ErrorContains(t, err, "string holds one attribute, and the relation has 3")
		_, err = Fetch[string](t.Context(), db, From(subjects).Project())
		require.EqualError(t, err, `fetch string: "subject_id" is int32, which string cannot hold: an int32 is wanted`)
	})
}
