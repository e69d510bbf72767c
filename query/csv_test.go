package query

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

func csvOf(t *testing.T, conn rowmill.Conn, rel Rel) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WriteCSV(t.Context(), conn, &b, rel))
	return b.String()
}

// TestWriteCSV writes every type, the same bytes on every server.
func TestWriteCSV(t *testing.T) {
	wanted := strings.Join([]string{
		"n,i8,i64,u8,u32,f32,f64,yes,dec,fixed,word,long,which,several,day,moment,stamp,clock,year,doc,id,raw,bits,data,attach,version,secret",
		`1,-128,4611686018427387905,255,4294967295,0.1,0.1,true,-1234567890123456.7890,ab,"it's ""quoted"", and` + "\n" + `long",Größe – 大 🎉,"two, or three","x,z",` +
			`2024-02-29,2024-02-29T23:59:58.120003,2024-02-29T23:59:58,-01:30:00.5,2024,"{""a"":true,""b"":[1,""x<y"",null]}",00112233-4455-6677-8899-aabbccddeeff,AP8s,Crw=,"[1.5,2]",YS50eHQAaGk=,1.2,cw==`,
		`2,0,-9223372036854775808,0,0,1.6777216e+07,1e+300,false,0.0000,"",""," spaces ",one,"",,,,00:00:00,,"""text""",,"",,"{""k"":[1,2]}",,,""`,
		`3,,,,,,,,,,,,,,,,,,,,,,,,,,`,
		"",
	}, "\r\n")
	onKinds(t, func(t *testing.T, db *rowmill.DB) {
		got := csvOf(t, db, From(kinds).OrderBy("n"))
		require.Equal(t, wanted, got)

		lines, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		require.NoError(t, err)
		require.Len(t, lines, 4)
		require.Equal(t, kinds.Untyped().Heading().Names(), lines[0])
		words, err := Column[*string](t.Context(), db, From(kinds).OrderBy("n"), "word")
		require.NoError(t, err)
		require.Equal(t, []string{*words[0], "", ""}, []string{lines[1][10], lines[2][10], lines[3][10]})
	})
}

// TestWriteCSVOfRelations writes what they have, in their order.
func TestWriteCSVOfRelations(t *testing.T) {
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		for _, c := range []struct {
			name   string
			rel    Rel
			wanted []string
		}{
			{"an order", From(subjects).OrderBy("species DESC", "KEY"), []string{"subject_id,species,weight", "2,rat,", "1,mouse,20.5", "3,mouse,"}},
			{"a page", From(subjects).Page(1, 1, "KEY"), []string{"subject_id,species,weight", "2,rat,"}},
			{"nothing", From(subjects).Where("subject_id > 9"), []string{"subject_id,species,weight"}},
			{"a projection", From(subjects).Project("kind = species", "twice = subject_id * 2").Where("subject_id = 1"), []string{"subject_id,kind,twice", "1,mouse,2"}},
			{"computed values", Universal().Aggregate(From(subjects), "n = count(*)", "mean = AVG(subject_id)", "none = MAX(NULL)", "text = 'a,b'"), []string{"n,mean,none,text", `3,2,,"a,b"`}},
			{"a hidden attribute", From(spectra).Where("peak_hz = 50").Project("_job_version"), []string{"subject_id,session,method", "1,2,fft"}},
			{"one attribute that is NULL", Universal().Aggregate(From(subjects), "none = MAX(NULL)"), []string{"none", ""}},
		} {
			t.Run(c.name, func(t *testing.T) {
				require.Equal(t, strings.Join(append(c.wanted, ""), "\r\n"), csvOf(t, db, c.rel))
			})
		}
	})
}

// TestCSVText quotes what a reader would take for something else.
func TestCSVText(t *testing.T) {
	for text, wanted := range map[string]string{
		"": `""`, "a": "a", "a b": "a b", " a": `" a"`, "a ": `"a "`, `"`: `""""`, "a,b": `"a,b"`, "a\nb": "\"a\nb\"", "a\rb": "\"a\rb\"", "é": "é", "'": "'", `\`: `\`, "-1": "-1", "\t": "\t",
	} {
		c := &csvWriter{}
		c.text(text)
		require.Equal(t, wanted, string(c.line), "%q", text)
		fields, err := csv.NewReader(strings.NewReader("x," + string(c.line) + "\r\n")).Read()
		require.NoError(t, err)
		require.Equal(t, text, fields[1], "%q", text)
	}
}

// A choosy writer fails after some bytes.
type choosy struct {
	left int
	do   func() error
}

func (c *choosy) Write(b []byte) (int, error) {
	if c.left -= len(b); c.left < 0 {
		if err := c.do(); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// manyRows is a relation of n³ rows, of which a table has n.
func manyRows() Rel {
	return From(subjects).Project("x = subject_id").Join(From(subjects).Project("y = subject_id")).Join(From(subjects).Project("z = subject_id", "word = species"))
}

// TestWriteCSVFails with the writer's error, or the context's, at the first or in the middle, and gives its connection back.
func TestWriteCSVFails(t *testing.T) {
	errFull := errors.New("the disk is full")
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), db, subjects, manySubjects(60)...))
		for _, left := range []int{0, 1, 4096, 500_000} {
			conn := &spy{DB: db}
			err := WriteCSV(t.Context(), conn, &choosy{left, func() error { return errFull }}, manyRows())
			require.ErrorIs(t, err, errFull, left)
			require.EqualError(t, err, "write CSV: the disk is full")
			require.ErrorContains(t, conn.rows[0].Scan(), "Rows are closed")

			ctx, cancel := context.WithCancel(t.Context())
			conn = &spy{DB: db}
			err = WriteCSV(ctx, conn, &choosy{left, func() error { cancel(); return nil }}, manyRows())
			require.ErrorIs(t, err, context.Canceled, left)
			require.Error(t, conn.rows[0].Scan(), "they are closed")
		}
		err := WriteCSV(t.Context(), db, &choosy{-1, func() error { return errFull }}, From(tags))
		require.ErrorIs(t, err, errFull, "of what is written at the end, too")

		for _, c := range []struct {
			conn   rowmill.Conn
			rel    Rel
			wanted string
		}{
			{db, From(subjects).Where("spam = 1"), `write CSV: condition "spam = 1"`}, {db, Rel{}, "write CSV: the relation is empty"},
			{refusing{}, From(tags), "write CSV: no"}, {db, From(exacts), "write CSV: the table is not there"},
		} {
			require.ErrorContains(t, WriteCSV(t.Context(), c.conn, io.Discard, c.rel), c.wanted)
		}
		require.NoError(t, db.Transact(t.Context(), func(tx *rowmill.Tx) error {
			require.Equal(t, "tag\r\nt\r\n", csvOf(t, tx, From(tags)))
			return Insert(t.Context(), tx, tags, Tag{"u"})
		}))
	})
}

// TestWriteCSVOfDamaged names the attribute of a value that cannot be read.
func TestWriteCSVOfDamaged(t *testing.T) {
	onKinds(t, func(t *testing.T, db *rowmill.DB) {
		_, err := db.Exec(t.Context(), "UPDATE "+db.Dialect().Table("kindlab", "kind")+" SET data = ?", []byte("no blob"))
		require.NoError(t, err)
		err = WriteCSV(t.Context(), db, io.Discard, From(kinds))
		require.ErrorContains(t, err, "write CSV: data: ")
	})
}

// TestWriteCSVStreams does not hold the rows: its memory is the same after the last as after the first.
func TestWriteCSVStreams(t *testing.T) {
	n := 60
	if raceDetector {
		n = 40
	}
	onEach(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, Insert(t.Context(), db, subjects, manySubjects(n)...))
		var first, most uint64
		written, next := 0, 0
		w := writerFunc(func(b []byte) {
			if written += len(b); written < next {
				return
			}
			next += 1 << 18
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if first == 0 {
				first = m.HeapAlloc
			}
			most = max(most, m.HeapAlloc)
		})
		require.NoError(t, WriteCSV(t.Context(), db, w, manyRows()))
		require.Greater(t, written, 1<<20, "rows enough")
		require.Less(t, most, first+1<<19)
	})
}

type writerFunc func([]byte)

func (w writerFunc) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}
