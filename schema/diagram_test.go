package schema

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// newLab declares two schemas that refer to each other, with all that diagrams draw: every tier,
// parts, a table of one row, and every kind of foreign key.
func newLab() (lab, ephys *Schema) {
	lab, ephys = New("lab"), New("lab-ephys")

	type Subject struct{ SubjectID int32 }
	subjects := Manual[Subject](lab, `
		# "Subjects" & so on: <b>it's</b> [100%] {C:\new}; #1 \N &lt; %s
		subject_id : int32
	`)
	type Method struct{ Method string }
	methods := Lookup(lab, "method : varchar(16)", []Method{{"fast"}})
	type Setting struct{ V int32 }
	Lookup[Setting](lab, "# One row\n---\nv : int32", nil)
	type Session struct {
		SubjectID int32
		Session   int32
		Method    *string
	}
	sessions := Manual[Session](lab, "-> Subject\nsession : int32\n---\n-> [nullable] Method", subjects, methods)
	type Pair struct {
		A int32
		B int32
		C *int32
		D *int32
	}
	Manual[Pair](lab, `
		-> Subject.proj(a='subject_id')
		-> Subject.proj(b='subject_id')
		---
		-> [nullable] Session.proj(c='subject_id', d='session')
	`, subjects, sessions)

	type Probe struct{ Probe int32 }
	probes := Manual[Probe](ephys, "probe : int32")
	type Recording struct {
		SubjectID int32
		Session   int32
		Probe     int32
	}
	recordings := Imported[Recording](ephys, "-> Session\n---\n-> [unique] Probe", sessions, probes)
	type Channel struct {
		SubjectID int32
		Session   int32
		Channel   int16
	}
	channels := Part[Channel](recordings, "-> master\nchannel : int16")
	type Spectrum struct {
		Channel
		Method string
	}
	spectra := Computed[Spectrum](ephys, "-> Recording.Channel\n-> Method", channels, methods)
	type Peak struct {
		Spectrum
		Peak int16
	}
	peaks := Part[Peak](spectra, "-> master\npeak : int16")

	type Choice struct{ Spectrum }
	Part[Choice](sessions, "-> master\n---\n-> Spectrum", spectra) // its master's descendant is its parent
	type Review struct {
		Peak
		Note string
	}
	Manual[Review](lab, "-> Peak\n---\nnote : varchar(16)", peaks)
	return lab, ephys
}

// names are what people call the tables.
func names(tables []*Table) []string {
	all := make([]string, len(tables))
	for i, t := range tables {
		all[i] = t.String()
	}
	return all
}

// TestDiagramTexts has in testdata/diagram texts that dot (Graphviz 2.43 and 16.1) and Mermaid
// (10.2 and 11.17) were seen to draw.
func TestDiagramTexts(t *testing.T) {
	lab, ephys := newLab()
	for name, d := range map[string]*Diagram{
		"both":    lab.Diagram().Union(ephys.Diagram()),
		"one":     lab.Diagram(),
		"partway": NewDiagram(find(ephys, "Spectrum")).Up(1).Down(1), // a part without its master
		"none":    NewDiagram(),
	} {
		golden(t, d.Graphviz(), "diagram", name+".dot")
		golden(t, d.Mermaid(), "diagram", name+".mmd")
	}
}

func ExampleDiagram_Mermaid() {
	type Mouse struct{ MouseID int32 }
	type Scan struct{ MouseID, Scan int32 }
	s := New("lab")
	mice := Manual[Mouse](s, "mouse_id : int32")
	scans := Manual[Scan](s, "-> Mouse\nscan : int32", mice)

	fmt.Print(NewDiagram(scans).Up(All).Mermaid())
	// Output:
	// flowchart TB
	//     classDef manual fill:#E8F0E9,stroke:#3E7A52,color:#28513A
	//     classDef lookup fill:#F0F0F1,stroke:#808285,color:#5A5C5F
	//     classDef imported fill:#E0F4FC,stroke:#00A0DF,color:#00537A
	//     classDef computed fill:#FFEDE5,stroke:#FF5113,color:#B23200
	//     classDef part fill:#FFFFFF,stroke:#B9BBBE,color:#55585C
	//     classDef key text-decoration:underline
	//     classDef schema fill:none,stroke-dasharray:5
	//     classDef master fill:#80808018,stroke:none
	//     subgraph s1["lab"]
	//         t1["Mouse"]:::manual
	//         class t1 key
	//         t2["Scan"]:::manual
	//         class t2 key
	//     end
	//     class s1 schema
	//     t1 --> t2
}

// TestDiagramQuotes has what no name may hold today, and comments may.
func TestDiagramQuotes(t *testing.T) {
	hostile := "end \"it's\" [x](y){z}|<b>&amp; %s %% #35; `m` *a* c:\\N\\\n\x00;\xff ß"
	require.Equal(t, `"end \"it's\" [x](y){z}|<b>&amp;amp; %s %% #35; `+"`m`"+` *a* c:\\N\\  ;`+"\uFFFD"+` ß"`, dotText(hostile))
	require.Equal(t, `"end #34;it's#34; #91;x#93;#40;y#41;#123;z#125;#124;#60;b#62;#38;amp#59; #37;s #37;#37; #35;35#59; `+
		`#96;m#96; #42;a#42; c#58;#92;N#92;#10;#0;#59;#65533; ß"`, mermaidText(hostile))
}

func TestDiagramSteps(t *testing.T) {
	lab, ephys := newLab()
	d := NewDiagram(find(ephys, "Recording"), find(ephys, "Recording"))
	for _, c := range []struct {
		diagram *Diagram
		wanted  []string
	}{
		{NewDiagram(), []string{}},
		{NewDiagram().Up(All).Down(All), []string{}},
		{d, []string{"Recording"}},
		{d.Up(0).Down(-1), []string{"Recording"}},
		{d.Up(1), []string{"Session", "Probe", "Recording"}},
		{d.Up(2), []string{"Subject", "Method", "Session", "Probe", "Recording"}},
		{d.Down(1), []string{"Recording", "Recording.Channel"}},
		{d.Down(All), []string{"Recording", "Recording.Channel", "Spectrum", "Spectrum.Peak", "Session.Choice", "Review"}},
		{d.Up(1).Down(1), []string{"Session", "Pair", "Probe", "Recording", "Recording.Channel", "Session.Choice"}},
		{d.Up(1).Union(d.Down(1)), []string{"Session", "Probe", "Recording", "Recording.Channel"}},
		{d.Union(lab.Diagram(), d), []string{"Subject", "Method", "Setting", "Session", "Pair", "Recording", "Session.Choice", "Review"}},
		{d, []string{"Recording"}},
	} {
		require.Equal(t, c.wanted, names(c.diagram.Tables()))
	}
	d.Tables()[0] = nil
	require.Equal(t, []string{"Recording"}, names(d.Tables()), "a diagram is immutable")
}

func TestChildrenAndDescendants(t *testing.T) {
	lab, ephys := newLab()
	subjects, spectra := find(lab, "Subject"), find(ephys, "Spectrum")
	require.Equal(t, []string{"Session", "Pair"}, names(subjects.Children()), "two foreign keys, and one child")
	require.Equal(t, []string{"Pair", "Recording", "Session.Choice"}, names(find(lab, "Session").Children()))
	require.Equal(t, []string{"Session.Choice"}, names(find(lab, "Session").Parts()))
	require.Equal(t, []string{"Spectrum.Peak", "Session.Choice"}, names(spectra.Children()))
	require.Equal(t, []string{"Spectrum.Peak", "Session.Choice", "Review"}, names(spectra.Descendants()), "without the master of Choice")
	require.Equal(t, []string{"Session", "Pair", "Recording", "Session.Choice", "Recording.Channel", "Spectrum", "Spectrum.Peak", "Review"},
		names(subjects.Descendants()))
	require.Empty(t, find(lab, "Setting").Children())
	require.Empty(t, find(lab, "Setting").Descendants())

	subjects.Children()[0] = nil
	require.Equal(t, []string{"Session", "Pair"}, names(subjects.Children()), "the slice is the caller's")
}

// TestDeclareChildrenAtOnce declares children of one table in many schemas while others look.
func TestDeclareChildrenAtOnce(t *testing.T) {
	const many = 32
	type Subject struct{ SubjectID int32 }
	type Scan struct{ SubjectID, Other int32 }
	type Piece struct{ SubjectID, Other, Piece int32 }
	subjects := Manual[Subject](New("lab"), "subject_id : int32").Untyped()
	var all errgroup.Group
	for i := range many {
		all.Go(func() error {
			scans := Manual[Scan](New(fmt.Sprint("lab", i)), "-> Subject\n-> Subject.proj(other='subject_id')", subjects)
			Part[Piece](scans, "-> master\npiece : int32")
			if children := subjects.Children(); !slices.Contains(children, scans.Untyped()) {
				return fmt.Errorf("%s is not among %v", scans, children)
			}
			return nil
		})
		all.Go(func() error {
			_ = NewDiagram(subjects).Down(All).Mermaid()
			return nil
		})
	}
	require.NoError(t, all.Wait())
	require.Len(t, subjects.Children(), many)
	require.Len(t, subjects.Descendants(), 2*many)
	require.Len(t, NewDiagram(subjects).Down(All).Tables(), 1+2*many)
}

func TestDiagramOrder(t *testing.T) {
	lab, ephys := newLab()
	wanted := []string{
		"Subject", "Method", "Setting", "Session", "Pair",
		"Probe", "Recording", "Recording.Channel", "Spectrum", "Spectrum.Peak", // what Session.Choice needs
		"Session.Choice", "Review",
	}
	require.Equal(t, wanted, names(lab.Diagram().Union(ephys.Diagram()).Tables()))
	require.Equal(t, wanted, names(ephys.Diagram().Union(lab.Diagram()).Tables()), "whatever was first")
}

// TestDiagramOrderOfAnyTables orders tables that refer to each other at random, across schemas.
func TestDiagramOrderOfAnyTables(t *testing.T) {
	apart := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 0))
		tables := randomTables(r)
		ordered := newDiagram(tables).Tables()
		require.ElementsMatch(t, tables, ordered)

		r.Shuffle(len(tables), func(i, j int) { tables[i], tables[j] = tables[j], tables[i] })
		require.Equal(t, ordered, newDiagram(tables).Tables(), "one order of one set")
		some := newDiagram(tables[:r.IntN(len(tables))])
		less := slices.DeleteFunc(some.Up(All).Tables(), func(o *Table) bool { return !slices.Contains(some.tables, o) })
		require.Equal(t, less, some.Tables(), "what is left out counts")

		unit := map[*Table]*Table{} // of tables that stand together, the first
		for i, o := range ordered {
			for _, p := range o.parents() {
				require.Contains(t, ordered[:i], p, "seed %d: %s refers to %s", seed, o, p)
			}
			unit[o] = o
			if o.master != nil && unit[ordered[i-1]] == o.master {
				unit[o] = o.master
			}
		}
		for _, o := range ordered {
			if o.master != nil && unit[o] != o.master {
				apart++
				unit[o] = o.master
				require.False(t, sortable(ordered, unit), "seed %d: %s could stand right after its master", seed, o)
				unit[o] = o
			}
		}
	}
	require.NotZero(t, apart, "some parts have to stand apart from their master")
}

// randomTables are tables of three schemas, some of them parts, each of which refers to some of
// those before it.
func randomTables(r *rand.Rand) []*Table {
	schemas := []*Schema{New("a"), New("b"), New("c")}
	var tables []*Table
	for i := range 2 + r.IntN(12) {
		o := &Table{schema: schemas[r.IntN(3)], class: fmt.Sprint("T", i), name: fmt.Sprint("t", i)}
		if i > 0 && r.IntN(2) == 0 {
			if m := tables[r.IntN(i)]; m.master == nil {
				o.master, o.schema, o.foreign = m, m.schema, []ForeignKey{{Parent: m}}
			}
		}
		for range r.IntN(3) {
			if i > 0 {
				o.foreign = append(o.foreign, ForeignKey{Parent: tables[r.IntN(i)]})
			}
		}
		if err := o.schema.add(o); err != nil {
			panic(err)
		}
		tables = append(tables, o)
	}
	return tables
}

// sortable tells whether tables have an order in which those of each unit stand together: again
// and again it strikes out a unit that refers to no other one that is left.
func sortable(tables []*Table, unit map[*Table]*Table) bool {
	left := slices.Clone(tables)
	for len(left) > 0 {
		blocked := map[*Table]bool{}
		for _, o := range left {
			for _, p := range o.parents() {
				if unit[p] != unit[o] && slices.Contains(left, p) {
					blocked[unit[o]] = true
				}
			}
		}
		before := len(left)
		left = slices.DeleteFunc(left, func(o *Table) bool { return !blocked[unit[o]] })
		if len(left) == before {
			return false
		}
	}
	return true
}
