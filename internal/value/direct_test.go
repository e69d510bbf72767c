package value

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A scanner scans by a function.
type scanner func(src any) error

// Scan implements sql.Scanner.
func (s scanner) Scan(src any) error { return s(src) }

type (
	letter  uint8
	handle  *int64
	grade   string // scans itself
	letters []letter
)

// Value implements driver.Valuer.
func (g *grade) Value() (driver.Value, error) { return string(*g), nil }

// Scan implements sql.Scanner.
func (g *grade) Scan(src any) error {
	*g = grade(fmt.Sprintf("scanned %v", src))
	return nil
}

// directTypes are the Go types into which values are scanned: those of goTypes, some more, and all of them
// behind pointers and in sql.Null.
func directTypes() []reflect.Type {
	all := append([]reflect.Type{
		reflect.TypeFor[letters](), reflect.TypeFor[handle](), reflect.TypeFor[grade](), reflect.TypeFor[*species](), reflect.TypeFor[**int64](),
		reflect.TypeFor[sql.NullString](), reflect.TypeFor[sql.NullInt32](), reflect.TypeFor[sql.NullInt16](), reflect.TypeFor[sql.NullByte](),
		reflect.TypeFor[sql.NullFloat64](), reflect.TypeFor[sql.NullBool](), reflect.TypeFor[sql.NullTime](), reflect.TypeFor[sql.Null[uuid.UUID]](),
		reflect.TypeFor[sql.Null[string]](), reflect.TypeFor[sql.Null[species]](), reflect.TypeFor[sql.Null[grade]](), reflect.TypeFor[sql.Null[money]](),
		reflect.TypeFor[sql.Null[picky]](), reflect.TypeFor[sql.Null[[]byte]](), reflect.TypeFor[sql.Null[float32]](), reflect.TypeFor[sql.Null[uint8]](),
		reflect.TypeFor[sql.Null[time.Duration]](), reflect.TypeFor[sql.Null[time.Time]](), reflect.TypeFor[sql.Null[*int64]](),
	}, goTypes...)
	for _, t := range goTypes {
		all = append(all, reflect.PointerTo(t))
	}
	return all
}

// randomSource is what a driver may hand over, right or wrong.
func randomSource(r *rand.Rand) any {
	texts := []string{
		"", "a", "a ", " a", "b,a", "0", "1", "-7", "255", "128", "65536", "1e3", "1.5", "-0", "1.10", "9223372036854775807", "18446744073709551615", "mouse", "\xff",
		"2024-02-29", "2023-02-29", "0000-00-00", "0000-01-01", "2024-13-01", "2024-01-02 03:04:05", "2024-01-02 03:04:05.", "2024-01-02 03:04:05.6", "2024-01-02 03:04:05,6",
		"2024-01-02 03:04:05.123456789", "2024-01-02 03:04:05.1234567890", "2024-01-02T03:04:05", "2024-01-02 24:00:00", "2024-01-02 03:04:60", "2024-01-02 3:04:05",
		"2024-1-2", "2024-01-02 03:04", "9999-12-31 23:59:59.999999", "03:04:05", "-838:59:59", "12:00:00.5", "null", `"a"`, "[1,2]", `"0123456789abcd"`, `{"A": 1}`,
		id.String(), string(id[:]), string(blobOf(id)), string(blobOf(1.5)), string(blobOf([]byte("0123456789"))),
	}
	integers := []int64{0, 1, -1, 127, 128, -128, -129, 255, 256, math.MaxInt16, math.MaxUint16, math.MaxInt32, math.MinInt32, math.MaxUint32, 1 << 53, math.MaxInt64, math.MinInt64}
	floats := []float64{0, math.Copysign(0, -1), 0.1, 1, -1, 3, math.MaxFloat32, math.MaxFloat32 * (1 + 1e-9), math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1)}
	switch r.IntN(10) {
	case 0:
		return nil
	case 1, 2:
		return texts[r.IntN(len(texts))]
	case 3, 4:
		return []byte(texts[r.IntN(len(texts))])
	case 5, 6:
		return integers[r.IntN(len(integers))] >> r.IntN(2)
	case 7:
		return floats[r.IntN(len(floats))]
	case 8:
		return []any{uint64(1), uint64(math.MaxUint64), float32(0.1), true, false}[r.IntN(5)]
	default:
		return []any{aMoment, aMoment.UTC(), time.Time{}}[r.IntN(3)]
	}
}

// scanBoth scans values one after the other into two variables of a type, by its Converter and by its Target.
type scanBoth struct {
	c                Converter
	general, special reflect.Value
	scanner          sql.Scanner
}

func newScanBoth(c Converter, direct Target, t reflect.Type) *scanBoth {
	s := &scanBoth{c: c, general: reflect.New(t).Elem(), special: reflect.New(t).Elem()}
	s.scanner = direct(s.special, scanner(func(src any) error { return s.c.Decode(src, s.special) }))
	return s
}

// requireSame wants both to make the same of a value.
func (s *scanBoth) requireSame(t *testing.T, src any, what string) {
	t.Helper()
	what = fmt.Sprintf("%s of %T %v", what, src, src)
	general, special := guarded(func() error { return s.c.Decode(src, s.general) }), guarded(func() error { return s.scanner.Scan(src) })
	require.Equal(t, general, special, what)
	if general == nil {
		require.Equal(t, s.general.Interface(), s.special.Interface(), what)
	}
}

// guarded is the error of a function, or what it panics with: a user's Scan may.
func guarded(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return f()
}

// TestDirectIsTheConverter: what is scanned without reflection is what the Converter makes of it.
func TestDirectIsTheConverter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	specs := []string{"", "inet6"}
	for spec := range fits {
		specs = append(specs, spec)
	}
	found := 0
	for _, spec := range specs {
		for _, optional := range []string{"", "?"} {
			typ, codec, nullable := typed(t, spec+optional)
			for _, g := range directTypes() {
				c, err := For(typ, codec, nullable, g)
				direct := Direct(typ, codec, nullable, g)
				if err != nil || direct == nil {
					continue
				}
				found++
				both := newScanBoth(c, direct, g)
				for range 300 {
					both.requireSame(t, randomSource(r), spec+optional+" in "+g.String())
				}
			}
		}
	}
	require.Greater(t, found, 500, "the usual types are scanned directly")
}

// TestDirectKeepsNothing of what a driver hands over, which uses it for the next row.
func TestDirectKeepsNothing(t *testing.T) {
	for spec, into := range map[string]any{"bytes": []byte{}, "varchar(9)": "", "varchar(9)?": sql.NullString{}, "char(9)?": new(string), "uuid": uuid.Nil, "bit(8)": gray{}} {
		typ, codec, nullable := typed(t, spec)
		dst := reflect.New(reflect.TypeOf(into)).Elem()
		target := Direct(typ, codec, nullable, dst.Type())
		require.NotNil(t, target, spec)
		scan := target(dst, scanner(func(any) error { return fmt.Errorf("%s is not scanned directly", spec) }))
		src := []byte("0123456789abcdef")
		require.NoError(t, scan.Scan(src), spec)
		kept := fmt.Sprint(reflect.Indirect(dst).Interface())
		copy(src, strings.Repeat("x", len(src)))
		require.Equal(t, kept, fmt.Sprint(reflect.Indirect(dst).Interface()), spec)
	}
}

// TestDirectMakesNewPointers, so that rows that are read before keep theirs.
func TestDirectMakesNewPointers(t *testing.T) {
	typ, codec, nullable := typed(t, "int32?")
	dst := reflect.New(reflect.TypeFor[*int32]()).Elem()
	scan := Direct(typ, codec, nullable, dst.Type())(dst, nil)
	var all []*int32
	for i := range int64(3) {
		require.NoError(t, scan.Scan(i))
		all = append(all, dst.Interface().(*int32))
	}
	require.Equal(t, []*int32{new(int32(0)), new(int32(1)), new(int32(2))}, all)
	require.NoError(t, scan.Scan(nil))
	require.Nil(t, dst.Interface())
}

// TestDirectTimes reads times as columns spell them, and what is none not otherwise than time.Parse.
func TestDirectTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	layouts := []string{time.DateOnly, time.DateTime, "2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.000000000", "2006-01-02 15:04:05.0"}
	for range 20000 {
		text := []byte(time.Unix(r.Int64N(1<<38)-1<<35, r.Int64N(1e9)).UTC().Format(layouts[r.IntN(len(layouts))]))
		wanted, err := parseTime(string(text))
		require.NoError(t, err)
		got, ok := readTime(string(text))
		require.True(t, ok, "%s", text)
		require.Equal(t, wanted, got, "%s", text)

		text[r.IntN(len(text))] = "0123456789-: .,T"[r.IntN(16)]
		wanted, err = parseTime(string(text))
		if got, ok := readTime(string(text)); ok {
			require.NoError(t, err, "%s", text)
			require.Equal(t, wanted, got, "%s", text)
		}
	}
}
