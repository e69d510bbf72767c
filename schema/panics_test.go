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
	ID struct{ ID int32 }
)

// TestDeclarationPanics declares what is wrong: each case in one line, since the message names it.
func TestDeclarationPanics(t *testing.T) {
	s, other := New("lab"), New("other")
	subjects := Manual[Subject](s, "subject_id : int32\n---\nspecies : varchar(16)")
	trials := Manual[Trial](s, "-> Subject\ntrial : int16", subjects)
	empty := Lookup[struct0](other, "---\nv : int8", nil)
	ids := Manual[ID](other, "id : int32")

	type A struct{ ID int32 }
	type B struct{ SubjectID int32 }
	type small struct{ ID int32 }
	type X9_y struct{ ID int32 } //nolint:staticcheck // the name is the fault
	type Nine9 struct{ ID int32 }
	type Long2345678901234567890123456789012345678901234567890123456789012 struct{ ID int32 }
	type long = Long2345678901234567890123456789012345678901234567890123456789012
	type Queue6789012345678901234567890123456789012345678901234567890123 struct{ SubjectID int32 }
	type queue = Queue6789012345678901234567890123456789012345678901234567890123
	type Long567890123456789012345678901234567890123456789012345 struct{ SubjectID int32 }
	type key = Long567890123456789012345678901234567890123456789012345
	type Long56789012345678901234567890123456789012345678901234 struct{ SubjectID int32 }
	type fits = Long56789012345678901234567890123456789012345678901234
	type twice struct {
		ID  int32
		Id2 int32 `db:"id"` //nolint:staticcheck // it is to be like the other
	}
	type Twice struct{ twice }
	type Wrong struct {
		ID   int32
		Name int32
	}
	type Narrow struct{ ID int16 }
	type Null struct {
		ID int32
		N  int32
	}
	type At struct {
		ID int32
		At string
	}
	type Extra struct {
		ID     int32
		Specis string
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
		{`table : its rows have no named struct type, after which the table could be called`,
			panicsHere(func() { Manual[struct{ ID int32 }](s, "id : int32") })},
		{`table : its rows have no named struct type, after which the table could be called`,
			panicsHere(func() { Manual[*A](s, "id : int32") })},
		{`table Time: time.Time has no field that stands for an attribute`,
			panicsHere(func() { Manual[timeAlias](s, "id : int32") })},
		{`table Long2345678901234567890123456789012345678901234567890123456789012: the table's name "__long2345678901234567890123456789012345678901234567890123456789012" has 67 letters`,
			panicsHere(func() { Computed[long](s, "-> Subject", subjects) })},
		{`table A: line 2 (idd integer): an attribute is written`,
			panicsHere(func() { Manual[A](s, "\nidd integer") })},

		{`table A: line 1: -> Subjct refers to none of the tables that follow the definition (Subject, Trial); did you mean "Subject"?`,
			panicsHere(func() { Manual[A](s, "-> Subjct\nid : int32", subjects, trials) })},
		{`table A: line 1: -> Subject refers to none of the tables that follow the definition ()`,
			panicsHere(func() { Manual[A](s, "-> Subject\nid : int32") })},
		{`table A: Trial follows the definition, which does not refer to it: add a line "-> Trial", or leave it out`,
			panicsHere(func() { Manual[A](s, "id : int32", trials) })},
		{`table B: a part's primary key refers to its master: add a line "-> master" above the ---`,
			panicsHere(func() { Part[B](subjects, "subject_id : int32") })},
		{`table A: line 1: only a part has a master`,
			panicsHere(func() { Manual[A](s, "-> master\nid : int32") })},
		{`table A: line 1: Struct0 has no primary key to which a foreign key could refer`,
			panicsHere(func() { Manual[A](s, "-> Struct0\nid : int32", empty) })},
		{`table A: line 1: "subjet_id" is not in the primary key of Subject; did you mean "subject_id"?`,
			panicsHere(func() { Manual[A](s, "-> Subject.proj(id='subjet_id')", subjects) })},
		{`table A: line 1: "species" is not in the primary key of Subject`,
			panicsHere(func() { Manual[A](s, "-> Subject.proj(id='species')", subjects) })},
		{`table A: line 1: "trial" of Trial is called "subject_id" here, as another attribute of its key is`,
			panicsHere(func() { Manual[A](s, "-> Trial.proj(subject_id='trial')", trials) })},
		{`table A: line 2: "id" is int64 here, and int32 in ID, to which the foreign key refers`,
			panicsHere(func() { Manual[A](s, "id : int64\n-> ID", ids) })},

		{`table A: line 2: "id" is declared twice`,
			panicsHere(func() { Manual[A](s, "id : int32\nid : int32") })},
		{`table B: line 2: "subject_id" is declared twice`,
			panicsHere(func() { Manual[B](s, "-> Subject\nsubject_id : int32", subjects) })},
		{`table A: line 1 (-> [nullable] Subject): a key cannot be nullable`,
			panicsHere(func() { Manual[A](s, "-> [nullable] Subject", subjects) })},
		{`table A: line 1 (id = null : int32): "id" is part of the primary key, which cannot be null`,
			panicsHere(func() { Manual[A](s, "id = null : int32") })},
		{`table A: an index names "di", which is no attribute; did you mean "id"?`,
			panicsHere(func() { Manual[A](s, "id : int32\nindex(di)") })},

		{`table A: "id" is in the primary key, and no foreign key brings it: the rows of computed tables are told by their parents`,
			panicsHere(func() { Computed[A](s, "-> Subject\nid : int32", subjects) })},
		{`table A: "id" is in the primary key, and no foreign key brings it: the rows of imported tables are told by their parents`,
			panicsHere(func() { Imported[A](s, "id : int32") })},
		{`table B: it has no foreign key in its primary key, from which the rows that ought to exist would be known`,
			panicsHere(func() { Computed[B](s, "---\n-> Subject", subjects) })},

		{`table Extra: the field Specis stands for an attribute "specis", which is not there; did you mean "species"?`,
			panicsHere(func() { Manual[Extra](s, "id : int32\n---\nspecies : varchar(9)") })},
		{`table A: A has no field for the attribute "species" (varchar(9))`,
			panicsHere(func() { Manual[A](s, "id : int32\n---\nspecies : varchar(9)") })},
		{`table Twice: the fields ID and Id2 both stand for "id"`,
			panicsHere(func() { Manual[Twice](s, "id : int32") })},
		{`table Wrong: the field Name: "name" is varchar(9), which int32 cannot hold: a string is wanted`,
			panicsHere(func() { Manual[Wrong](s, "id : int32\n---\nname : varchar(9)") })},
		{`table Narrow: the field ID: "id" is int32, which int16 cannot hold: an int32 or wider is wanted`,
			panicsHere(func() { Manual[Narrow](s, "id : int32") })},
		{`table Null: the field N: "n" is int32 or NULL, which int32 cannot hold: a *int32 or sql.Null[int32] is wanted`,
			panicsHere(func() { Manual[Null](s, "id : int32\n---\nn = null : int32") })},
		{`table At: the field At: "at" is datetime, which string cannot hold: a time.Time is wanted`,
			panicsHere(func() { Manual[At](s, "id : int32\n---\nat : datetime") })},
		{`table Hid: the field Version stands for an attribute "_job_version", which is not there`,
			panicsHere(func() { Computed[Hid](s, "-> Subject", subjects) })},
		{`table None: schema.None has no field that stands for an attribute`,
			panicsHere(func() { Manual[None](s, "id : int32") })},

		{`table Subject: the schema lab has a table Subject already, manual, declared at schema/panics_test.go:`,
			panicsHere(func() { Manual[Subject](s, "subject_id : int32\n---\nspecies : varchar(16)") })},
		{`table Subject: the schema lab has a table Subject already, manual, declared at schema/panics_test.go:`,
			panicsHere(func() { Lookup(s, "subject_id : int32\n---\nspecies : varchar(16)", []Subject{}) })},
		{`table Trial: the schema lab has a table Trial already, manual, declared at schema/panics_test.go:`,
			panicsHere(func() { Computed[Trial](s, "-> Trial", trials) })},
		{`table Queue6789012345678901234567890123456789012345678901234567890123: its queue's name "~~queue6789012345678901234567890123456789012345678901234567890123" has 65 letters; databases take at most 64`,
			panicsHere(func() { Imported[queue](s, "-> Subject", subjects) })},
		{`table Long567890123456789012345678901234567890123456789012345: servers call its foreign key "__long567890123456789012345678901234567890123456789012345_ibfk_1", of 64 letters, and take at most 63: a shorter name is wanted`,
			panicsHere(func() { Computed[key](s, "-> Subject", subjects) })},
		{`table A: line 2 (x): an attribute is written`,
			panicsHere(func() { Part[A](subjects, "-> master\nx") })},
		{`table A: line 1 (x): an attribute is written`,
			panicsHere(func() { Lookup[A](s, "x", nil) })},
		{`table A: line 1 (x): an attribute is written`,
			panicsHere(func() { Imported[A](s, "x") })},

		{`schema name "1lab": letters, digits, - and _ are wanted, a letter first`, panicsHere(func() { New("1lab") })},
		{`schema name "a.b": letters, digits, - and _ are wanted, a letter first`, panicsHere(func() { New("a.b") })},
		{`schema name "": letters, digits, - and _ are wanted, a letter first`, panicsHere(func() { New("") })},
		{`schema name "a` + strings.Repeat("b", 64) + `" has 65 letters; databases take at most 64`, panicsHere(func() { New("a" + strings.Repeat("b", 64)) })},
	} {
		if !strings.HasPrefix(c.message, c.wanted) {
			t.Errorf("wanted a panic of this line: %s\nhad: %s", c.wanted, c.message)
		}
	}

	require.Len(t, s.Tables(), 2, "a wrong table is not in its schema")
	require.Empty(t, subjects.Untyped().Parts())
	Manual[Nine9](s, "id : int32") // its name is good
	Computed[fits](s, "-> Subject", subjects)
}

// A Struct0 has no key: its table has one row at most.
type Struct0 struct{ V int8 }

type struct0 = Struct0

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
