package schema

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// pngCodec is of an interface.
var pngCodec = NewCodec("png", "bytes",
	func(m image.Image) ([]byte, error) {
		var b bytes.Buffer
		err := png.Encode(&b, m)
		return b.Bytes(), err
	},
	func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) })

// picture is an image that comes back as it is from a PNG.
func picture(side int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = byte(i*7) | 1
	}
	return m
}

// A mesh is a type of somebody's that is used through pointers, and that is nil where there is none.
type mesh struct{ points []float32 }

var meshCodec = NewCodec("mesh", "bytes",
	func(m *mesh) ([]byte, error) { return binary.Append(nil, binary.LittleEndian, m.points) },
	func(data []byte) (*mesh, error) {
		m := &mesh{make([]float32, len(data)/4)}
		_, err := binary.Decode(data, binary.LittleEndian, m.points)
		return m, err
	})

// spikeCodec is of a slice, whose nil is something. It gives no bytes for it, and keeps those it is given.
var spikeCodec = NewCodec("spikes", "bytes",
	func(s spikes) ([]byte, error) { return s, nil },
	func(data []byte) (spikes, error) { return data, nil })

type spikes []byte

// rgb is kept as a text.
func rgb(stored string) Codec {
	return NewCodec("rgb", stored,
		func(c color.RGBA) ([]byte, error) { return fmt.Appendf(nil, "#%02x%02x%02x", c.R, c.G, c.B), nil },
		func(data []byte) (c color.RGBA, err error) {
			_, err = fmt.Sscanf(string(data), "#%02x%02x%02x", &c.R, &c.G, &c.B)
			return c, err
		})
}

// complexCodec is kept as JSON.
var complexCodec = NewCodec("complex", "json",
	func(c complex128) ([]byte, error) {
		return json.Marshal(map[string]float64{"re": real(c), "im": imag(c)})
	},
	func(data []byte) (complex128, error) {
		var c struct {
			Re float64 `json:"re"`
			Im float64 `json:"im"`
		}
		err := json.Unmarshal(data, &c)
		return complex(c.Re, c.Im), err
	})

// coded is trip for a type of a codec.
func coded[T any](codec Codec, typ string, values []T, wanted ...T) trial {
	c := trip(typ, values, wanted...)
	c.name += " in " + codec.Stored()
	c.codecs = []Codec{codec}
	return c
}

// TestCodecs carry values of their types, and NULL where there may be one.
func TestCodecs(t *testing.T) {
	small, large := picture(3), picture(200)
	grey, one := color.RGBA{1, 128, 255, 0}, 1+2i
	tryAll(t, []trial{
		coded(pngCodec, "<png>", []image.Image{small, large}),
		coded(pngCodec, "<png> or null", []image.Image{nil, small}),
		coded(pngCodec, "<png> or null", []*image.Image{nil, &small}),
		coded(pngCodec, "<png> or null", []sql.Null[image.Image]{{}, {V: small, Valid: true}}),
		coded(meshCodec, "<mesh>", []*mesh{{[]float32{math.Pi}}, {[]float32{}}}),
		coded(meshCodec, "<mesh> or null", []*mesh{nil, {[]float32{math.Pi}}, {[]float32{}}}),
		coded(meshCodec, "<mesh> or null", []sql.Null[*mesh]{{}, {V: &mesh{[]float32{}}, Valid: true}}),
		coded(spikeCodec, "<spikes>", []spikes{{1, 0, 255}, {}, nil}, spikes{1, 0, 255}, spikes{}, spikes{}),
		coded(spikeCodec, "<spikes> or null", []spikes{{1, 0, 255}, {}, nil}),
		coded(rgb("varchar(7)"), "<rgb>", []color.RGBA{grey}),
		coded(rgb("char(7)"), "<rgb>", []color.RGBA{grey, {}}),
		coded(rgb("char(7)"), "<rgb> or null", []*color.RGBA{nil, &grey}),
		coded(rgb("json"), "<rgb> or null", []*color.RGBA{nil}),
		coded(complexCodec, "<complex>", []complex128{0, one, complex(math.MaxFloat64, math.SmallestNonzeroFloat64)}),
		coded(complexCodec, "<complex> or null", []*complex128{nil, &one}),
		coded(complexCodec, "<complex> or null", []sql.Null[complex128]{{}, {V: one, Valid: true}, {V: 0, Valid: true}}),
		coded(Opaque("plot", "bytes"), "<plot>", [][]byte{{0, 1}, {}, nil}, []byte{0, 1}, []byte{}, []byte{}),
		coded(Opaque("plot", "bytes"), "<plot> or null", []json.RawMessage{nil, {}, {0, 1}}),
		coded(Opaque("npy@raw", "json"), "<npy@raw>", []json.RawMessage{[]byte(`{"path": "a/b.npy"}`)}),
		coded(Opaque("path", "varchar(9)"), "<path>", [][]byte{[]byte("☃ "), {}}),
	})
}

// TestCodecErrors name the attribute, wherever they come from.
func TestCodecErrors(t *testing.T) {
	text := NewCodec("text", "varchar(4)", func(s string) ([]byte, error) { return []byte(s), nil },
		func(data []byte) (string, error) { return string(data), nil })
	document := NewCodec("document", "json", func(s string) ([]byte, error) { return []byte(s), nil },
		func(data []byte) (string, error) { return string(data), nil })
	failing := NewCodec("failing", "bytes", func(int) ([]byte, error) { return nil, errOdd },
		func([]byte) (int, error) { return 5, errOdd })
	misfits := func(codec Codec, c trial) trial {
		c.codecs = []Codec{codec}
		return c
	}
	tryAll(t, []trial{
		misfits(failing, misfit("<failing>", 1)),
		misfits(text, misfit("<text>", "☃☃☃☃☃", "\xff", "four ")),
		misfits(document, misfit("<document>", "{", "", "\xff")),
		misfits(pngCodec, misfit[image.Image]("<png>", nil, image.NewRGBA(image.Rectangle{}))),
		misfits(meshCodec, misfit[*mesh]("<mesh>", nil)),
	})
	each(t, func(t *testing.T, db *rowmill.DB) {
		table := made[Cell[int]](t, db, definitionOf("<failing>"), failing)
		require.ErrorIs(t, store(t, db, table, Cell[int]{1, 1}), errOdd)
		execute(t, db, "INSERT INTO "+tableOf(db, table)+" (n, value) VALUES (1, ?)", []byte("garbage"))
		none, err := tryLoad(t, db, table)
		require.ErrorIs(t, err, errOdd)
		require.ErrorContains(t, err, "value: it is odd")
		require.Empty(t, none)
	})
}

var errOdd = errors.New("it is odd")

// TestGarbage is what others can write to the database.
func TestGarbage(t *testing.T) {
	each(t, func(t *testing.T, db *rowmill.DB) {
		pictures := made[Cell[image.Image]](t, db, definitionOf("<png>"), pngCodec)
		files := made[Cell[Attachment]](t, db, definitionOf("<attach>"))
		blobs := made[Cell[[]float64]](t, db, definitionOf("<blob>"))
		for _, garbage := range []string{"", "x", "\x89PNG\r\n\x1a\n", "mYm\x00A"} {
			for _, table := range []*Table{pictures.table, files.table, blobs.table} {
				execute(t, db, "DELETE FROM "+tableOf(db, table))
				execute(t, db, "INSERT INTO "+tableOf(db, table)+" (n, value) VALUES (1, ?)", []byte(garbage))
			}
			_, err := tryLoad(t, db, pictures)
			require.ErrorContains(t, err, "value: ")
			_, err = tryLoad(t, db, blobs)
			require.ErrorContains(t, err, "value: ")
			if garbage != "mYm\x00A" {
				_, err = tryLoad(t, db, files)
				require.ErrorContains(t, err, "value: it is no attachment")
			}
		}
	})
}

// TestPanicsOfDecoders are errors, since rows in the midst of a Scan cannot be closed; those of
// encoders are the caller's.
func TestPanicsOfDecoders(t *testing.T) {
	rash := NewCodec("rash", "bytes", func(n int) ([]byte, error) { return []byte{8: 1}[:8/n], nil },
		func(data []byte) (int, error) { return int(data[100]), nil })
	each(t, func(t *testing.T, db *rowmill.DB) {
		table := made[Cell[int]](t, db, definitionOf("<rash>"), rash)
		require.NoError(t, store(t, db, table, Cell[int]{1, 1}))
		_, err := tryLoad(t, db, table)
		require.ErrorContains(t, err, "value: panic: runtime error: index out of range [100]")
		require.ErrorContains(t, err, "codec_test.go:", "where")
		require.Panics(t, func() { _ = store(t, db, table, Cell[int]{2, 0}) })
		require.NoError(t, store(t, db, table, Cell[int]{2, 2}), "and the database goes on")
	})
}

// TestCodecsAtTheSameTime has one codec in many goroutines.
func TestCodecsAtTheSameTime(t *testing.T) {
	table, err := newTable[Cell[image.Image]](definitionOf("<png> or null"), pngCodec)
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			row := Cell[image.Image]{1, picture(10 + i)}
			for range 20 {
				values, err := table.Binding().Values(&row)
				var back Cell[image.Image]
				for j, dest := range table.Binding().Dests(&back) {
					err = errors.Join(err, dest.(sql.Scanner).Scan(values[j]))
				}
				if err != nil || !reflect.DeepEqual(row, back) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// A codecOfAll is a codec by its methods, which may be of several types.
type codecOfAll struct{ name, stored string }

func (c codecOfAll) Name() string   { return c.name }
func (c codecOfAll) Stored() string { return c.stored }

func (codecOfAll) Fits(t reflect.Type) error {
	if t.Kind() != reflect.Int && t.Kind() != reflect.String && t.Kind() != reflect.Interface {
		return fmt.Errorf("a %s cannot hold it: an int or a string is wanted", t)
	}
	return nil
}

func (codecOfAll) Encode(v any) ([]byte, error) { return fmt.Append(nil, v), nil }

func (codecOfAll) Decode(data []byte, dst any) error {
	if p, ok := dst.(*any); ok {
		*p = string(data)
		return nil
	}
	_, err := fmt.Sscan(string(data), dst)
	return err
}

// TestOwnCodecs are types of the user's.
func TestOwnCodecs(t *testing.T) {
	all := codecOfAll{"all", "varchar(9)"}
	tryAll(t, []trial{
		coded(all, "<all>", []int{-5, 7}),
		coded(all, "<all>", []string{"x"}),
		coded(all, "<all> or null", []*string{nil, new("x")}),
		coded[any](all, "<all>", []any{nil, "x"}, "<nil>", "x"), // it says itself what nil is
		coded[any](all, "<all> or null", []any{nil, "x"}),
	})
}

// TestWrongCodecs are told of when the program starts.
func TestWrongCodecs(t *testing.T) {
	encode, decode := func(int) ([]byte, error) { return nil, nil }, func([]byte) (int, error) { return 0, nil }
	const names = " is no name of a codec: small letters, digits and underscores are, a letter first"
	for _, c := range []struct{ wanted, message string }{
		{`"PNG"` + names, panicsHere(func() { NewCodec("PNG", "bytes", encode, decode) })},
		{`""` + names, panicsHere(func() { NewCodec("", "bytes", encode, decode) })},
		{`"<png>"` + names, panicsHere(func() { NewCodec("<png>", "bytes", encode, decode) })},
		{`"1png"` + names, panicsHere(func() { NewCodec("1png", "bytes", encode, decode) })},
		{`"a:b"` + names, panicsHere(func() { NewCodec("a:b", "bytes", encode, decode) })},
		{`"png\n"` + names, panicsHere(func() { Opaque("png\n", "bytes") })},
		{`"png@a@b"` + names, panicsHere(func() { Opaque("png@a@b", "bytes") })},
		{`the codec <png> is kept in "blob", which is no core type`, panicsHere(func() { NewCodec("png", "blob", encode, decode) })},
		{`the codec <png> is kept in "longblob", which is no core type`, panicsHere(func() { NewCodec("png", "longblob", encode, decode) })},
		{`the codec <png> is kept in "<blob>", which is no core type`, panicsHere(func() { NewCodec("png", "<blob>", encode, decode) })},
		{`the codec <png> is kept in "", which is no core type`, panicsHere(func() { Opaque("png", "") })},
		{`the codec <png> is kept in int32; bytes, json, char(n) or varchar(n) is wanted`, panicsHere(func() { NewCodec("png", "int32", encode, decode) })},
		{`the codec <png> is kept in enum('a'); bytes, json, char(n) or varchar(n) is wanted`, panicsHere(func() { Opaque("png", "enum('a')") })},
		{`varchar(99999) is too long: servers take at most varchar(16383)`, panicsHere(func() { NewCodec("png", "varchar(99999)", encode, decode) })},
		{`the codec <png> is made of two functions, and one is nil`, panicsHere(func() { NewCodec("png", "bytes", encode, nil) })},
		{`the codec <png> is made of two functions, and one is nil`, panicsHere(func() { NewCodec[int]("png", "bytes", nil, decode) })},

		{`schema lab: there are two codecs <png>`, panicsHere(func() { New("lab", pngCodec, Opaque("png", "json")) })},
		{`schema lab: there are two codecs <blob>`, panicsHere(func() { New("lab", Opaque("blob", "bytes")) })},
		{`schema lab: there are two codecs <attach>`, panicsHere(func() { New("lab", Opaque("attach", "bytes")) })},
		{`schema lab: one of the codecs is nil`, panicsHere(func() { New("lab", nil) })},
		{`schema lab: "Own" is no name`, panicsHere(func() { New("lab", pngCodec, codecOfAll{"Own", "bytes"}) })},
		{`schema lab: the codec <own> is kept in date;`, panicsHere(func() { New("lab", codecOfAll{"own", "date"}) })},
	} {
		if !strings.HasPrefix(c.message, c.wanted) {
			t.Errorf("wanted a panic of this line: %s\nhad: %s", c.wanted, c.message)
		}
	}
	_, err := Parse("a : int8", pngCodec, pngCodec)
	require.EqualError(t, err, "there are two codecs <png>")
	New("lab", pngCodec, meshCodec, Opaque("npy@", "json"), Opaque("blob@s", "json"))
}

// TestCodecsInDefinitions are used in the wrong place, or for the wrong field.
func TestCodecsInDefinitions(t *testing.T) {
	for definition, wanted := range map[string]string{
		"---\na : <pgn>":                  "line 2 (a : <pgn>): \"<pgn>\" is no type; did you mean \"<png>\"?",
		"---\na : <bolb>":                 "did you mean \"<blob>\"?",
		"---\na : <atach>":                "did you mean \"<attach>\"?",
		"---\na : <PNG>":                  "\"<PNG>\" is no type",
		"---\na : <png@raw>":              "\"<png@raw>\" is no type; did you mean \"<png>\"?",
		"---\na : <>":                     "is no type",
		"---\na : <png":                   "is no type",
		"---\na : png":                    "is no type; did you mean \"<png>\"?",
		"a : <png>":                       "\"a\" is part of the primary key, which cannot be of type <png>",
		"a : <rgb>":                       "\"a\" is part of the primary key, which cannot be of type <rgb>",
		"---\na = '' : <png>":             "<png> can have no default but null",
		"---\na = '#000000' : <rgb>":      "<rgb> can have no default but null",
		"---\na : <rgb>\nindex(a)":        "\"a\" is <rgb>: servers have no indexes of that",
		"---\na : <png>\nindex(a.b)":      "only json has values on paths",
		"---\na : <rgb>\nunique index(a)": "\"a\" is <rgb>: servers",
	} {
		_, err := newTable[struct{ A image.Image }](definition, pngCodec, rgb("varchar(7)"))
		require.ErrorContains(t, err, wanted, definition)
	}

	s := New("lab", pngCodec, rgb("char(7)"))
	type Wrong struct {
		N     int32
		Image *image.NRGBA
	}
	type Null struct {
		N      int32
		Colour color.RGBA
	}
	type Sealed struct {
		N int32
		A []byte
	}
	for _, c := range []struct{ wanted, message string }{
		{`table Wrong: the field Image: "image" is <png>: *image.NRGBA cannot hold it: image.Image is wanted`,
			panicsHere(func() { Manual[Wrong](s, "n : int32\n---\nimage : <png>") })},
		{`table Null: the field Colour: "colour" is <rgb> or NULL, which color.RGBA cannot hold: a *color.RGBA or sql.Null[color.RGBA] is wanted`,
			panicsHere(func() { Manual[Null](s, "n : int32\n---\ncolour = null : <rgb>") })},
		{`table Sealed: the field A: "a" is <attach>: []uint8 cannot hold it: a schema.Attachment is wanted`,
			panicsHere(func() { Manual[Sealed](s, "n : int32\n---\na : <attach>") })},
		{`table Wrong: the field Image: "image" is <plot>: *image.NRGBA cannot hold it: a []byte or a json.RawMessage is wanted`,
			panicsHere(func() { Manual[Wrong](New("lab", Opaque("plot", "bytes")), "n : int32\n---\nimage : <plot>") })},
	} {
		if !strings.HasPrefix(c.message, c.wanted) {
			t.Errorf("wanted a panic of this line: %s\nhad: %s", c.wanted, c.message)
		}
	}
}
