package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// An Assay has an attribute of each kind of type.
type Assay struct {
	Assay    int32
	Tiny     int8
	Small    int16
	Medium   int32
	Big      int64
	Unsigned uint32
	Largest  uint64
	Yes      bool
	Single   float32
	Double   float64
	Price    string
	Precise  string
	Huge     string
	Born     time.Time
	Seen     time.Time
	Took     time.Duration
	Since    int16
	ID       uuid.UUID
	Name     string
	Kind     string
	Raw      []byte
	Settings json.RawMessage
	Trace    []float64
	Note     *string
	Level    *int32
}

var (
	assayLab = schema.New("assays")
	assays   = schema.Manual[Assay](assayLab, `
		assay : int32
		---
		tiny : int8
		small : int16
		medium : mediumint
		big : int64
		unsigned : int unsigned
		largest : bigint unsigned
		yes : bool
		single : float32
		double : float64
		price : decimal(6,2)
		precise : decimal(18,6)
		huge : decimal(40,10)
		born : date
		seen : datetime(6)
		took : time(3)
		since : year
		id : uuid
		name : varchar(20)
		kind : enum('a','b')
		raw : bytes
		settings : json
		trace : <blob>
		note = null : varchar(20)
		level = null : int32
	`)
)

func assay(i int32) Assay {
	return Assay{
		Assay: i, Tiny: -128, Small: -32768, Medium: -8388608, Big: math.MinInt64, Unsigned: math.MaxUint32, Largest: math.MaxInt64,
		Yes: true, Single: 1.5, Double: math.SmallestNonzeroFloat64, Price: "-12.30", Precise: "123456789012.000001",
		Huge: "-123456789012345678901234567890.0123456789",
		Born: time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), Seen: time.Date(1969, 12, 31, 23, 59, 59, 123456000, time.UTC),
		Took: -(25*time.Hour + 1500*time.Millisecond), Since: 2024, ID: uuid.MustParse("01234567-89ab-cdef-0123-456789abcdef"),
		Name: "größe", Kind: "b", Raw: []byte{0, 255}, Settings: json.RawMessage(`{"a":[1,2.5]}`), Trace: []float64{1, 2.5}, Note: new("x"), Level: new(int32(7)),
	}
}

// written is the relation as a file that is open for reading.
func written(t *testing.T, db *rowmill.DB, rel Rel) *parquet.File {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WriteParquet(t.Context(), db, &b, rel))
	f, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	return f
}

// columns are the values of each column of a file.
func columns(t *testing.T, f *parquet.File) map[string][]parquet.Value {
	t.Helper()
	all := map[string][]parquet.Value{}
	for _, group := range f.RowGroups() {
		rows := group.Rows()
		buffer := make([]parquet.Row, 100)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				for _, v := range row {
					name := f.Schema().Columns()[v.Column()][0]
					all[name] = append(all[name], v.Clone())
				}
			}
			if err != nil {
				break
			}
		}
		require.NoError(t, rows.Close())
	}
	return all
}

// TestWriteParquet reads every type again, with a library that others have.
func TestWriteParquet(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		ctx := t.Context()
		require.NoError(t, assayLab.Declare(ctx, db))
		empty := assay(2)
		empty.Note, empty.Level = nil, nil
		require.NoError(t, Insert(ctx, db, assays, assay(1), empty))
		f := written(t, db, From(assays).Project("...", "twice = 2 * assay", "half = double * 0 + 0.5").Top(All))
		var b strings.Builder
		require.NoError(t, parquet.PrintSchema(&b, "row", f.Schema()))
		require.Equal(t, parquetSchema, b.String())
		require.EqualValues(t, 2, f.NumRows())

		got := columns(t, f)
		for name, wanted := range map[string]any{
			"tiny": int32(-128), "small": int32(-32768), "medium": int32(-8388608), "big": int64(math.MinInt64),
			"unsigned": int32(-1), "largest": int64(math.MaxInt64), // as many bits
			"yes": true, "single": float32(1.5), "double": math.SmallestNonzeroFloat64, "price": int32(-1230), "precise": int64(123456789012000001),
			"born": int32(-1), "seen": int64(-1e6 + 123456), "since": int32(2024), "twice": int64(2), "half": 0.5, "level": int32(7),
			"took": "-25:00:01.5", "name": "größe", "kind": "b", "raw": "\x00\xff", "settings": `{"a":[1,2.5]}`, "trace": "[1,2.5]", "note": "x",
			"id": "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef",
		} {
			v := got[name][0]
			switch wanted := wanted.(type) {
			case int32:
				require.Equal(t, wanted, v.Int32(), name)
			case int64:
				require.Equal(t, wanted, v.Int64(), name)
			case bool:
				require.Equal(t, wanted, v.Boolean(), name)
			case float32:
				require.Equal(t, wanted, v.Float(), name)
			case float64:
				require.Equal(t, wanted, v.Double(), name)
			case string:
				require.Equal(t, wanted, string(v.ByteArray()), name)
			}
		}
		require.True(t, got["note"][1].IsNull())
		require.True(t, got["level"][1].IsNull())
		huge := got["huge"][0].ByteArray()
		require.Len(t, huge, 17)
		n := new(big.Int).SetBytes(huge)
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 8*17)) // two's complement
		require.Equal(t, "-1234567890123456789012345678900123456789", n.String())
	})
}

const parquetSchema = `message row {
	required int32 assay (INT(32,true));
	required int32 tiny (INT(8,true));
	required int32 small (INT(16,true));
	required int32 medium (INT(32,true));
	required int64 big (INT(64,true));
	required int32 unsigned (INT(32,false));
	required int64 largest (INT(64,false));
	required boolean yes;
	required float single;
	required double double;
	required int32 price (DECIMAL(6,2));
	required int64 precise (DECIMAL(18,6));
	required fixed_len_byte_array(17) huge (DECIMAL(40,10));
	required int32 born (DATE);
	required int64 seen (TIMESTAMP(isAdjustedToUTC=false,unit=MICROS));
	required binary took (STRING);
	required int32 since (INT(16,true));
	required fixed_len_byte_array(16) id (UUID);
	required binary name (STRING);
	required binary kind (STRING);
	required binary raw;
	required binary settings (JSON);
	required binary trace (JSON);
	optional binary note (STRING);
	optional int32 level (INT(32,true));
	optional int64 twice (INT(64,true));
	optional double half;
}`

// TestWriteParquetOfNothing has files without rows, and relations that cannot be one.
func TestWriteParquetOfNothing(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		f := written(t, db, From(blanks).Project("n = 1"))
		require.Zero(t, f.NumRows())
		require.Equal(t, [][]string{{"blank"}, {"n"}}, f.Schema().Columns())

		err := WriteParquet(t.Context(), db, &bytes.Buffer{}, From(setups).Project())
		require.EqualError(t, err, "write Parquet: the relation has no attributes, and a file wants at least one column")
		err = WriteParquet(t.Context(), db, &bytes.Buffer{}, From(subjects).Where("weigth > 1"))
		require.ErrorIs(t, err, rowmill.ErrNoAttribute)
		err = WriteParquet(t.Context(), db, &full{1}, From(subjects))
		require.ErrorIs(t, err, errFull)
		err = WriteParquet(t.Context(), refusing{}, &bytes.Buffer{}, From(subjects))
		require.ErrorIs(t, err, errNo)
	})
}

var errFull = errors.New("full")

// full is a writer that takes some bytes only.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// TestWriteParquetOfComputed has values of another type come after the rows that told the type.
func TestWriteParquetOfComputed(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), db, subjects, manySubjects(tellingRows+5)...))
		rel := From(subjects).Where("subject_id >= 1000").Project("s = NULLIF(species, species)", "w = 2 * weight").Top(All)
		got := columns(t, written(t, db, rel))
		require.True(t, got["s"][0].IsNull())
		require.InDelta(t, 2*(tellingRows+4), got["w"][tellingRows+4].Double(), 0)
		if !db.Dialect().SingleWriter() {
			return // other servers have one type in a column
		}
		mixed := rel.Project("x = CASE WHEN subject_id > 2001 THEN 'text' ELSE subject_id END").Top(All)
		err := WriteParquet(t.Context(), db, &bytes.Buffer{}, mixed)
		require.EqualError(t, err, "write Parquet: x: it is a string, and in rows before it was a int64")
	})
}

// TestWriteParquetStreams writes far more than it keeps in memory, in several row groups.
func TestWriteParquetStreams(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, bigLab.Declare(t.Context(), db))
		text := []byte(strings.Repeat("0123456789abcdef", 1<<16))
		for n := range int32(64) { // of 1 MiB each
			require.NoError(t, Insert(t.Context(), db, bigs, Big{n, text}))
		}
		w := &weigher{}
		before := w.heap()
		require.NoError(t, WriteParquet(t.Context(), db, w, From(bigs)))
		require.Less(t, w.most-before, uint64(48<<20))
		require.Greater(t, w.writes, 4)
	})
}

// A weigher forgets what is written, and looks at the memory.
type weigher struct {
	writes int
	most   uint64
}

func (w *weigher) Write(b []byte) (int, error) {
	if w.writes++; w.writes%16 > 0 {
		return len(b), nil
	}
	w.most = max(w.most, w.heap())
	return len(b), nil
}

func (*weigher) heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
