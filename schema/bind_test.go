package schema

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// keyHeading has an attribute of each type that a key is matched by.
func keyHeading(t *testing.T) *Heading {
	t.Helper()
	d, err := Parse("id : int32\nday : date\n---\nat : datetime(3)\nu : uuid\nname = null : varchar(8)")
	require.NoError(t, err)
	return NewHeading(d.Attrs())
}

// TestMatch has a struct and a map say the same of a row.
func TestMatch(t *testing.T) {
	type day struct{ Day time.Time }
	type key struct {
		ID int32
		day
		At   time.Time
		U    uuid.UUID
		Name *string
	}
	at := time.Date(2024, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("east", 3600))
	u := uuid.MustParse("01234567-89ab-cdef-0011-223344556677")
	k := key{7, day{at}, at, u, nil}
	h := keyHeading(t)
	names := []string{"id", "day", "at", "u", "name"}
	for what, given := range map[string]any{
		"struct": k, "pointer": &k, "map": map[string]any{"name": nil, "u": u, "id": int64(7), "at": at, "day": at},
	} {
		gotNames, values, err := Match(given, h)
		require.NoError(t, err, what)
		require.Equal(t, names, gotNames, what)
		require.Equal(t, []any{int64(7), "2024-01-02", "2024-01-02 03:04:05.678", u[:], nil}, values, what)
	}
	_, _, err := Match(map[string]any{"idd": 1, "naem": 2}, h)
	require.ErrorIs(t, err, rowmill.ErrNoAttribute)
	require.EqualError(t, err, `no such attribute: idd; did you mean "id"?, naem; did you mean "name"?`)
}

func TestBindingSelect(t *testing.T) {
	type row struct {
		Name *string
		ID   int32
	}
	b, err := Bind(reflect.TypeFor[row](), keyHeading(t))
	require.NoError(t, err)
	require.Equal(t, []string{"name", "id"}, b.Attrs(), "in the order of the fields")
	require.ErrorContains(t, b.Covers(keyHeading(t)), `row has no field for the attribute "day" (date)`)

	selected, err := b.Select([]string{"id"})
	require.NoError(t, err)
	values, err := selected.Values(&row{nil, 5})
	require.NoError(t, err)
	require.Equal(t, []any{int64(5)}, values)
	_, err = b.Select([]string{"id", "u"})
	require.EqualError(t, err, `schema.row has no field for the attribute "u"`)

	fresh := b.New().(*row)
	dests := b.Dests(fresh)
	require.Len(t, dests, 2)
	type scanner interface{ Scan(src any) error }
	require.NoError(t, dests[0].(scanner).Scan([]byte("x")))
	require.NoError(t, dests[1].(scanner).Scan(int64(9)))
	require.Equal(t, &row{new("x"), 9}, fresh)
	require.NoError(t, dests[0].(scanner).Scan(nil))
	require.Nil(t, fresh.Name)
	require.EqualError(t, dests[1].(scanner).Scan(nil), "id is NULL, which a int32 cannot hold: a pointer is wanted")
	require.ErrorContains(t, dests[1].(scanner).Scan("nine"), "id: ")
}
