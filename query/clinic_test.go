package query

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/schema"
)

// The tables of the tests of deleting: seven levels in two schemas, with keys that are renamed on the way,
// parts, queues, and foreign keys that may be NULL.
var (
	clinic  = schema.New("clinic")
	imaging = schema.New("imaging")
)

type (
	Donor struct {
		Donor int32
		Name  string
	}
	Tissue struct {
		Donor     int32
		Tissue    int16
		Recipient *int32
	}
	Twins  struct{ A, B int32 }
	CutKey struct {
		Source int32
		Block  int16
		Cut    int16
	}
	Cut struct {
		CutKey
		Microns float32
	}
	Stain struct {
		CutKey
		Stain string
	}
	Atlas struct {
		Source int32
		Block  int16
		Region string
	}
	Channel  struct{ Channel int8 }
	ImageKey struct {
		CutKey
		Channel int8
	}
	Image struct {
		ImageKey
		Quality float64
	}
	Nucleus struct {
		ImageKey
		Nucleus int16
	}
	Contour struct {
		Animal     int32
		Block, Cut int16
		Channel    int8
		Nucleus    int16
		Roundness  float64
	}
	Remark struct {
		Remark     int32
		Animal     *int32
		Block, Cut *int16
		Channel    *int8
		Nucleus    *int16
	}
)

var (
	donors  = schema.Manual[Donor](clinic, "donor : int32\n---\nname : varchar(16)")
	tissues = schema.Manual[Tissue](clinic, `
		-> Donor
		tissue : int16
		---
		-> [nullable] Donor.proj(recipient='donor')
	`, donors)
	twins = schema.Manual[Twins](clinic, `
		-> Donor.proj(a='donor')
		-> Donor.proj(b='donor')
	`, donors)
	atlases = schema.Imported[Atlas](imaging, "-> Tissue.proj(source='donor', block='tissue')\n---\nregion : varchar(8)", tissues)
	cuts    = schema.Manual[Cut](imaging, `
		-> Tissue.proj(source='donor', block='tissue')
		cut : int16
		---
		microns : float32
	`, tissues)
	stains   = schema.Part[Stain](cuts, "-> master\nstain : varchar(8)")
	channels = schema.Lookup(imaging, "channel : int8", []Channel{{0}, {1}})
	images   = schema.Computed[Image](imaging, `
		-> Cut
		-> Channel
		---
		quality : float64
	`, cuts, channels)
	nuclei   = schema.Part[Nucleus](images, "-> master\nnucleus : int16")
	contours = schema.Computed[Contour](imaging, `
		-> Image.Nucleus.proj(animal='source')
		---
		roundness : float64
	`, nuclei)
	remarks = schema.Manual[Remark](imaging, `
		remark : int32
		---
		-> [nullable] Contour
	`, contours)
	clinical = []schema.Declared{donors, tissues, twins, atlases, channels, cuts, stains, images, nuclei, contours, remarks}
)

// A census is how many rows there are of each table, and jobs.
type census map[string][2]int

// onClinics runs f on every kind of server, where the clinic is declared, with queues.
func onClinics(t *testing.T, f func(t *testing.T, db *rowmill.DB, dsn string)) {
	t.Helper()
	testdb.Each(t, func(t *testing.T, dsn string) {
		db, err := rowmill.Open(t.Context(), dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		require.NoError(t, clinic.Declare(t.Context(), db))
		require.NoError(t, imaging.Declare(t.Context(), db))
		for _, d := range []schema.Declared{atlases, images, contours} {
			table := d.Untyped()
			def := dialect.Table{Schema: "imaging", Name: table.QueueName()}
			for _, a := range table.MakeKey() {
				def.Key = append(def.Key, a.Name)
				def.Columns = append(def.Columns, dialect.Column{Name: a.Name, Type: a.Type})
			}
			for _, s := range db.Dialect().CreateTable(def) {
				_, err := db.Exec(t.Context(), s.SQL, s.Args...)
				require.NoError(t, err)
			}
		}
		f(t, db, dsn)
	})
}

// fillClinic enters donors from first on with two tissues each, two cuts of each tissue, two images of
// each cut, and so many nuclei in each image. There is a remark about every second contour, and one about
// nothing; the second tissue of a donor is received by the one before, if there is one. Every
// key that could be made, or was, has a job.
func fillClinic(t *testing.T, db *rowmill.DB, first, last int32, perImage int16) {
	t.Helper()
	ctx := t.Context()
	var (
		allDonors   []Donor
		allTissues  []Tissue
		allAtlases  []Atlas
		allCuts     []Cut
		allStains   []Stain
		allImages   []Image
		allNuclei   []Nucleus
		allContours []Contour
		allRemarks  []Remark
	)
	for d := first; d <= last; d++ {
		allDonors = append(allDonors, Donor{d, "donor"})
		allRemarks = append(allRemarks, Remark{Remark: -d})
		for i := range int16(2) {
			allTissues, allAtlases = append(allTissues, Tissue{d, i, nil}), append(allAtlases, Atlas{d, i, "CA1"})
			for j := range int16(2) {
				s := CutKey{d, i, j}
				allCuts, allStains = append(allCuts, Cut{s, 4.5}), append(allStains, Stain{s, "nissl"})
				for k := range int8(2) {
					image := ImageKey{s, k}
					allImages = append(allImages, Image{image, 1})
					for n := range perImage {
						allNuclei = append(allNuclei, Nucleus{image, n})
						allContours = append(allContours, Contour{d, i, j, k, n, 0.5})
						if n%2 == 0 {
							allRemarks = append(allRemarks, Remark{int32(len(allContours)) + 100_000*first, &d, &i, &j, &k, &n})
						}
					}
				}
			}
		}
		if d > first {
			allTissues[len(allTissues)-1].Recipient = new(d - 1)
		}
	}
	require.NoError(t, Insert(ctx, db, donors, allDonors...))
	require.NoError(t, Insert(ctx, db, tissues, allTissues...))
	require.NoError(t, Insert(ctx, made{db}, atlases, allAtlases...))
	require.NoError(t, Insert(ctx, db, cuts, allCuts...))
	require.NoError(t, Insert(ctx, db, stains, allStains...))
	require.NoError(t, Insert(ctx, made{db}, images, allImages...))
	require.NoError(t, Insert(ctx, made{db}, nuclei, allNuclei...))
	require.NoError(t, Insert(ctx, made{db}, contours, allContours...))
	require.NoError(t, Insert(ctx, db, remarks, allRemarks...))
	table := db.Dialect().Table
	for queue, from := range map[string]string{
		table("imaging", atlases.Untyped().QueueName()):  "donor, tissue FROM " + table("clinic", "tissue") + " WHERE donor",
		table("imaging", images.Untyped().QueueName()):   "source, block, cut, channel FROM " + table("imaging", "__image") + " WHERE source",
		table("imaging", contours.Untyped().QueueName()): "source, block, cut, channel, nucleus FROM " + table("imaging", "__image__nucleus") + " WHERE source",
	} {
		_, err := db.Exec(ctx, "INSERT INTO "+queue+" SELECT "+from+" >= ?", first)
		require.NoError(t, err)
	}
}

// countClinic counts what is there.
func countClinic(t *testing.T, db *rowmill.DB) census {
	t.Helper()
	c := census{}
	for _, d := range clinical {
		table := d.Untyped()
		n := [2]int{countOf(t, db, table)}
		if name := table.QueueName(); name != "" {
			n[1] = numberOf(t, db, "SELECT COUNT(*) FROM "+db.Dialect().Table("imaging", name))
		}
		c[table.String()] = n
	}
	return c
}

func numberOf(t *testing.T, conn rowmill.Session, sql string, args ...any) int {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	defer rows.Close()
	n := 0
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&n))
	return n
}
