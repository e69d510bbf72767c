package value

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/datatype"
)

// typed is a type by its spelling; "" is a computed one, "x?" one that may be NULL.
func typed(t *testing.T, spec string) (typ datatype.Type, codec Codec, nullable bool) {
	t.Helper()
	spec, nullable = strings.CutSuffix(spec, "?")
	if spec == "" {
		return datatype.Type{}, nil, nullable
	}
	name, isCodec := strings.CutPrefix(spec, "<")
	if !isCodec {
		typ, ok := datatype.Parse(spec)
		require.Equal(t, spec != "inet6", ok, spec)
		return typ, nil, nullable
	}
	name, _ = strings.CutSuffix(name, ">")
	codec, stored := codecs[name].Codec, codecs[name].stored
	require.NotNil(t, codec, spec)
	typ, ok := datatype.OfCodec(name, stored)
	require.True(t, ok)
	return typ, codec, nullable
}

// codecs are those that tests know.
var codecs = map[string]struct {
	Codec
	stored string
}{
	"blob": {Blob, "bytes"}, "upper": {upper{}, "bytes"}, "upperv": {upper{}, "varchar(9)"}, "keyed": {keyed{}, "json"}, "kept": {kept{}, "bytes"},
}

// upper keeps strings in capitals, and the empty one as no bytes at all.
type upper struct{}

func (upper) Fits(t reflect.Type) error {
	if t != reflect.TypeFor[string]() {
		return fmt.Errorf("%s cannot hold it: a string is wanted", t)
	}
	return nil
}

func (upper) Encode(v any) ([]byte, error) {
	switch s := v.(string); s {
	case "":
		return nil, nil
	case "refused":
		return nil, fmt.Errorf("%q cannot be kept", s)
	default:
		return []byte(strings.ToUpper(s)), nil
	}
}

func (upper) Decode(data []byte, dst any) error {
	*dst.(*string) = strings.ToLower(string(data))
	return nil
}

// keyed keeps pointers to tags.
type keyed struct{}

func (keyed) Fits(t reflect.Type) error {
	if t != reflect.TypeFor[*tag]() {
		return fmt.Errorf("%s cannot hold it: a *value.tag is wanted", t)
	}
	return nil
}

func (keyed) Encode(v any) ([]byte, error)      { return json.Marshal(v) }
func (keyed) Decode(data []byte, dst any) error { return json.Unmarshal(data, dst) }

// kept hands over slices of bytes.
type kept struct{}

func (kept) Fits(t reflect.Type) error {
	if t.Kind() != reflect.Slice {
		return fmt.Errorf("%s cannot hold it: a []byte is wanted", t)
	}
	return nil
}

func (kept) Encode(v any) ([]byte, error) { return v.([]byte), nil }

func (kept) Decode(data []byte, dst any) error {
	*dst.(*[]byte) = append([]byte{}, data...)
	return nil
}

// money is a decimal type as those of libraries are: its Scan takes what drivers hand over, but no NULL.
//
//nolint:recvcheck // Value and Scan are so everywhere
type money struct{ cents int64 }

func (m money) Value() (driver.Value, error) {
	if m.cents == math.MinInt64 {
		return nil, fmt.Errorf("no such sum")
	}
	return strconv.FormatFloat(float64(m.cents)/100, 'f', -1, 64), nil
}

func (m *money) Scan(src any) error {
	var f float64
	var err error
	switch src := src.(type) {
	case string:
		f, err = strconv.ParseFloat(src, 64)
	case int64:
		f = float64(src)
	case float64:
		f = src
	default:
		return fmt.Errorf("a %T is no money", src)
	}
	m.cents = int64(math.Round(f * 100))
	return err
}

// cents is a decimal type as the standard library's are, and a number of another meaning.
type cents int64

func (c cents) MarshalText() ([]byte, error) {
	if c < 0 {
		return nil, fmt.Errorf("%d are less than none", int64(c))
	}
	return fmt.Appendf(nil, "%d.%02d", c/100, c%100), nil
}

func (c *cents) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(strings.ReplaceAll(string(text), ".", ""), 10, 64)
	*c = cents(n)
	return err
}

// held is a type that hands over what it was given, and is given what it holds, as drivers know them.
//
//nolint:recvcheck // as above
type held struct{ it any }

func (h held) Value() (driver.Value, error) { return h.it, nil }
func (h *held) Scan(src any) error          { h.it = src; return nil }

// picky panics where it is given what it does not expect, as NULL.
type picky int64

func (p *picky) Value() (driver.Value, error) { return int64(*p), nil }
func (p *picky) Scan(src any) error           { *p = picky(src.(int64)); return nil }

func encode(t *testing.T, spec string, v any) (any, error) {
	t.Helper()
	typ, codec, nullable := typed(t, spec)
	c, err := For(typ, codec, nullable, reflect.TypeOf(v))
	require.NoError(t, err, "%s from %T", spec, v)
	return c.Encode(reflect.ValueOf(v))
}

// decode decodes into a variable of the type of into, which holds that already.
func decode(t *testing.T, spec string, src, into any) (any, error) {
	t.Helper()
	typ, codec, nullable := typed(t, spec)
	dst := reflect.New(reflect.TypeOf(into)).Elem()
	dst.Set(reflect.ValueOf(into))
	c, err := For(typ, codec, nullable, dst.Type())
	require.NoError(t, err, "%s into %T", spec, into)
	err = c.Decode(src, dst)
	return dst.Interface(), err
}

func null[T any](v T) sql.Null[T] { return sql.Null[T]{V: v, Valid: true} }

var (
	id      = uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")
	aMoment = time.Date(2024, 2, 29, 23, 59, 58, 123456789, time.FixedZone("", 2*3600))
)
