package schema

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// panicsHere is the message with which f panics, without the file and the line in front of it
// if they are those of the call. It is one that no panic has if f does not panic.
func panicsHere(f func()) (message string) {
	_, file, line, _ := runtime.Caller(1)
	defer func() {
		message = strings.TrimPrefix(fmt.Sprint(recover()), fmt.Sprintf("schema/%s:%d: ", filepath.Base(file), line))
	}()
	f()
	return ""
}

type (
	Subject struct {
		SubjectID int32
		Species   string
	}
	Trial struct {
		SubjectID int32
		Trial     int16
	}
)

// TestDeclarationPanics declares what is wrong: each case in one line, since the message names it. What is wrong with
// definitions and with the fields of structs is in testdata/errors.txt and testdata/misfits.txt.
func TestDeclarationPanics(t *testing.T) {
	s := New("lab")
	subjects := Manual[Subject](s, "subject_id : int32\n---\nspecies : varchar(16)")

	type A struct{ ID int32 }
	type small struct{ ID int32 }
	type X9_y struct{ ID int32 } //nolint:staticcheck // the name is the fault
	type Nine9 struct{ ID int32 }
	type Long2345678901234567890123456789012345678901234567890123456789012 struct{ ID int32 }
	type long = Long2345678901234567890123456789012345678901234567890123456789012
	type Long56789012345678901234567890123456789012345678901234 struct{ SubjectID int32 }
	type fits = Long56789012345678901234567890123456789012345678901234
	type Number int32
	type Named struct {
		_  struct{} `db:"other"`
		ID int32
	}
	type Hid struct {
		SubjectID int32
		Version   string `db:"_job_version"`
	}
	type None struct{ hidden int } //nolint:unused // a field that holds nothing

	for _, c := range []struct {
		wanted  string
		message string
	}{
		{`table small: its rows are of type "small"; a struct name of letters and digits, a capital first, is wanted`,
			panicsHere(func() { Manual[small](s, "id : int32") })},
		{`table X9_y: its rows are of type "X9_y"; a struct name of letters and digits, a capital first, is wanted`,
			panicsHere(func() { Manual[X9_y](s, "id : int32") })},
		{`table other: its rows are of type "other"; a struct name of letters and digits, a capital first, is wanted`,
			panicsHere(func() { Manual[Named](s, "id : int32") })},
		{`table struct { ID int32 }: its rows have no named struct type, after which the table could be called`,
			panicsHere(func() { Manual[struct{ ID int32 }](s, "id : int32") })},
		{`table *schema.A: its rows have no named struct type, after which the table could be called`,
			panicsHere(func() { Manual[*A](s, "id : int32") })},
		{`table Number: schema.Number is no struct; a row is a struct with a field for each attribute`,
			panicsHere(func() { Manual[Number](s, "number : int32") })},
		{`table Time: time.Time has no field that stands for an attribute: fields begin with a capital`,
			panicsHere(func() { Manual[timeAlias](s, "id : int32") })},
		{`table None: schema.None has no field that stands for an attribute: fields begin with a capital`,
			panicsHere(func() { Manual[None](s, "id : int32") })},
		{`table Hid: the field Version stands for an attribute "_job_version", which is not there`,
			panicsHere(func() { Computed[Hid](s, "-> Subject", subjects) })},
		{`table A: A has no field for the attribute "species" (varchar(9)): Species is wanted`,
			panicsHere(func() { Manual[A](s, "id : int32\n---\nspecies : varchar(9)") })},
		{`table Long2345678901234567890123456789012345678901234567890123456789012: the table's name "__long2345678901234567890123456789012345678901234567890123456789012" has 67 letters`,
			panicsHere(func() { Computed[long](s, "-> Subject", subjects) })},

		{`table A: line 2 (x): an attribute is written "name : type  # comment"`, panicsHere(func() { Manual[A](s, "\n  x\n") })},
		{`table A: line 2 (x): an attribute is written "name : type  # comment"`, panicsHere(func() { Part[A](subjects, "-> master\nx") })},
		{`table A: line 1 (x): an attribute is written "name : type  # comment"`, panicsHere(func() { Lookup[A](s, "x", nil) })},
		{`table A: line 1 (x): an attribute is written "name : type  # comment"`, panicsHere(func() { Imported[A](s, "x") })},
		{`table A: line 1 (x): an attribute is written "name : type  # comment"`, panicsHere(func() { Computed[A](s, "x") })},
		{`table A: line 1 (-> Subjct): -> Subjct refers to none of the tables that follow the definition (Subject); did you mean "Subject"?`,
			panicsHere(func() { Manual[A](s, "-> Subjct", subjects) })},
		{"table A: line 1 (# \xff): it is no text in UTF-8", panicsHere(func() { Manual[A](s, "# \xff") })},
		{"table A: line 1 (# " + strings.Repeat("☃", 2049) + "): the comment has 2049 letters; servers take at most 2048",
			panicsHere(func() { Manual[A](s, "# "+strings.Repeat("☃", 2049)) })},
		{"table A: line 1 (id : int8 # " + strings.Repeat("x", 1019) + "): the type and the comment have 1025 letters together; servers take at most 1024",
			panicsHere(func() { Manual[A](s, "id : int8 # "+strings.Repeat("x", 1019)) })},

		{`table Subject: the schema lab has a table Subject already, manual, declared at schema/panics_test.go:`,
			panicsHere(func() { Manual[Subject](s, "subject_id : int32\n---\nspecies : varchar(16)") })},
		{`table Subject: the schema lab has a table Subject already, manual, declared at schema/panics_test.go:`,
			panicsHere(func() { Lookup(s, "subject_id : int32\n---\nspecies : varchar(16)", []Subject{}) })},

		{`schema name "1lab": letters, digits, - and _ are wanted, a letter first`, panicsHere(func() { New("1lab") })},
		{`schema name "a.b": letters, digits, - and _ are wanted, a letter first`, panicsHere(func() { New("a.b") })},
		{`schema name "": letters, digits, - and _ are wanted, a letter first`, panicsHere(func() { New("") })},
		{`schema name "a` + strings.Repeat("b", 64) + `" has 65 letters; databases take at most 64`, panicsHere(func() { New("a" + strings.Repeat("b", 64)) })},
	} {
		if !strings.HasPrefix(c.message, c.wanted) {
			t.Errorf("wanted a panic of this line: %s\nhad: %s", c.wanted, c.message)
		}
	}

	require.Len(t, s.Tables(), 1, "a wrong table is not in its schema")
	require.Empty(t, subjects.Untyped().Children(), "and its parents do not know of it")
	Manual[Nine9](s, "id : int32  # "+strings.Repeat("☃", 1024-len(":int32:"))) // its name is good, and its comment
	Computed[fits](s, "-> Subject", subjects)
}

// timeAlias is a struct without fields of its own to fill.
type timeAlias = time.Time

// TestDeclarationsThatAreRight are those that look like the wrong ones.
func TestDeclarationsThatAreRight(t *testing.T) {
	s, far := New("lab"), New("far")
	subjects := Manual[Subject](far, "subject_id : int32\n---\nspecies : varchar(16)")
	type ABTest struct {
		SubjectID int32
		Other     int32
		Hidden    int `db:"-"`
		private   int //nolint:unused // passed over
	}
	tests := Manual[ABTest](s, "-> Subject\n-> Subject.proj(other='subject_id')\nn = 5 : int8", subjects)
	require.Equal(t, "a_b_test", tests.Untyped().Name())
	require.Equal(t, "lab.a_b_test", tests.Untyped().FullName())
	require.Equal(t, []string{"subject_id", "other", "n"}, tests.Untyped().Heading().Key())
	require.Equal(t, []string{"subject_id", "other"}, tests.Binding().Attrs(), "what has a default needs no field")

	type Spectrum struct{ SubjectID int32 }
	spectra := Computed[Spectrum](s, "-> Subject", subjects)
	type Peak struct {
		Spectrum
		Peak int8
	}
	peaks := Part[Peak](spectra, "-> Spectrum\npeak : int8").Untyped()
	require.Equal(t, "__spectrum__peak", peaks.Name())
	require.Equal(t, "Spectrum.Peak", peaks.String())
	require.Equal(t, TierPart, peaks.Tier())
	require.Same(t, spectra.Untyped(), peaks.Master())
	require.Equal(t, []*Table{peaks}, spectra.Untyped().Parts())
	require.Equal(t, []*Table{spectra.Untyped(), subjects.Untyped()}, peaks.Ancestors())
	require.Empty(t, subjects.Untyped().Ancestors())

	type Review struct {
		SubjectID int32
		Peak      int8
		Note      string
	}
	reviews := Manual[Review](s, "-> Peak\n---\nnote : varchar(9)", peaks)
	require.Equal(t, []string{"subject_id", "peak"}, reviews.Untyped().Heading().Key())
	require.Equal(t, []*Table{peaks, spectra.Untyped(), subjects.Untyped()}, reviews.Untyped().Ancestors(), "the master of a parent")

	// A line of its own and a foreign key may share an attribute, which then comes from the parent.
	type Shared struct{ SubjectID int32 }
	shared := Computed[Shared](s, "subject_id : int32  # mine\n-> Subject", subjects).Untyped()
	a, ok := shared.Heading().Attr("subject_id")
	require.True(t, ok)
	require.Equal(t, "far.subject.subject_id", a.Origin)
	require.Len(t, shared.MakeKey(), 1)
}

// TestPartsThatReferToEachOther has a part that refers to its master by another part alone.
func TestPartsThatReferToEachOther(t *testing.T) {
	s := New("lab")
	type Spectrum struct{ ID int32 }
	type Peak struct{ ID, Peak int32 }
	type Shoulder struct{ ID, Peak, Shoulder int32 }
	spectra := Manual[Spectrum](s, "id : int32")
	peaks := Part[Peak](spectra, "-> master\npeak : int32")
	shoulders := Part[Shoulder](spectra, "-> master.Peak\nshoulder : int32", peaks).Untyped()
	require.Equal(t, []*Table{peaks.Untyped(), shoulders}, spectra.Untyped().Parts())
	require.Equal(t, []*Table{peaks.Untyped(), spectra.Untyped()}, shoulders.Ancestors())
	require.Equal(t, []*Table{peaks.Untyped()}, shoulders.parents())
	require.Equal(t, []*Table{peaks.Untyped(), shoulders}, spectra.Untyped().Descendants())
}

// TestNamesOfSeveralSchemas has a name that means the table's own schema, unless another's stands before it.
func TestNamesOfSeveralSchemas(t *testing.T) {
	near, far := New("near"), New("far")
	type Both struct {
		ID        int32
		SubjectID int32
	}
	theirs := Manual[Subject](far, "subject_id : int32\n---\nspecies : varchar(16)")
	ours := func() Declared {
		type Subject struct{ ID int32 }
		return Manual[Subject](near, "id : int32")
	}()
	both := Manual[Both](near, "-> Subject\n-> far.Subject", theirs, ours).Untyped()
	require.Equal(t, []*Table{ours.Untyped(), theirs.Untyped()}, both.parents())
}

// TestAncestors has a table that only a part of an ancestor leads to, and two ways to the same one.
func TestAncestors(t *testing.T) {
	s := New("lab")
	type Stim struct{ Stim int32 }
	type Rig struct{ Rig int32 }
	type Sess struct{ Sess, Rig int32 }
	type Trial struct{ Sess, Trial, Stim int32 }
	type Note struct{ Sess, Note int32 }
	type Res struct{ Sess, Trial int32 }
	type Below struct{ Sess, Trial int32 }
	stims := Manual[Stim](s, "stim : int32")
	rigs := Manual[Rig](s, "rig : int32")
	sessions := Manual[Sess](s, "sess : int32\n---\n-> Rig", rigs)
	trials := Part[Trial](sessions, "-> master\ntrial : int32\n---\n-> Stim", stims)
	notes := Part[Note](sessions, "-> master\nnote : int32")
	results := Computed[Res](s, "-> Sess\n-> Sess.Trial", sessions, trials)
	below := Computed[Below](s, "-> Res", results)
	names := func(t Declared) (all []string) {
		for _, a := range t.Untyped().Ancestors() {
			all = append(all, a.String())
		}
		return all
	}
	require.Equal(t, []string{"Sess", "Sess.Trial", "Sess.Note", "Rig", "Stim"}, names(results))
	require.Equal(t, append([]string{"Res"}, names(results)...), names(below))
	require.Equal(t, []string{"Sess", "Sess.Note", "Stim", "Rig"}, names(trials))
	require.Equal(t, []string{"Rig"}, names(sessions), "what refers to a table is not upstream of it")
	require.Equal(t, []string{"Sess", "Sess.Trial", "Rig", "Stim"}, names(notes))
}
