package query

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// censusOf is what Delete has told, as a census.
func censusOf(deleted []Deleted) census {
	c := census{}
	for _, d := range deleted {
		c[d.Table.String()] = [2]int{d.Rows, d.Jobs}
	}
	return c
}

// without is what is left of a census.
func (c census) without(gone census) census {
	left := census{}
	for name, n := range c {
		left[name] = [2]int{n[0] - gone[name][0], n[1] - gone[name][1]}
	}
	return left
}

// plus is what goes of several censuses together.
func plus(several ...census) census {
	sum := census{}
	for _, c := range several {
		for name, n := range c {
			sum[name] = [2]int{sum[name][0] + n[0], sum[name][1] + n[1]}
		}
	}
	return sum
}

// parentsFirst wants no table before one that it refers to.
func parentsFirst(t *testing.T, deleted []Deleted) {
	t.Helper()
	for i, d := range deleted {
		for _, f := range d.Table.ForeignKeys() {
			at := slices.IndexFunc(deleted, func(p Deleted) bool { return p.Table == f.Parent })
			require.Less(t, at, i, "%s before %s", d.Table, f.Parent)
		}
	}
}

// TestDeleteCascades deletes from every level, and compares what is told with a dry run, and with what is gone.
func TestDeleteCascades(t *testing.T) {
	// A donor's rows, and a tissue's, with three nuclei an image.
	tissue := census{"Tissue": {1}, "Atlas": {1, 1}, "Cut": {2}, "Cut.Stain": {2}, "Image": {4, 4}, "Image.Nucleus": {12}, "Contour": {12, 12}, "Remark": {8}}
	donor := census{"Donor": {1}}
	for name, n := range tissue {
		donor[name] = [2]int{2 * n[0], 2 * n[1]}
	}
	cases := []struct {
		name string
		rel  Rel
		gone census
	}{
		{"the last donor", From(donors).Where("donor = ?", 4), plus(donor, census{"Twins": {1}})},
		{"a donor who received", From(donors).Match(Donor{1, "donor"}), plus(donor, tissue, census{"Twins": {1}})},
		{"two donors", From(donors).Where("donor <= 2"), plus(donor, donor, tissue, census{"Twins": {1}})},
		{"all", From(donors), plus(donor, donor, donor, donor, census{"Twins": {2}})},
		{"no donor", From(donors).Where("name = 'nobody'"), census{}},
		{"a tissue by what it has not handed down", From(tissues).Where("recipient = 3"), tissue},
		{"a cut", From(cuts).Match(CutKey{2, 0, 1}), census{"Cut": {1}, "Cut.Stain": {1}, "Image": {2, 2}, "Image.Nucleus": {6}, "Contour": {6, 6}, "Remark": {4}}},
		{"a result has a job no more", From(images).Match(ImageKey{CutKey{2, 0, 1}, 1}), census{"Image": {1, 1}, "Image.Nucleus": {3}, "Contour": {3, 3}, "Remark": {2}}},
		{"a channel", From(channels).Match(Channel{1}), census{"Channel": {1}, "Image": {16, 16}, "Image.Nucleus": {48}, "Contour": {48, 48}, "Remark": {32}}},
		{"contours", From(contours).Where("nucleus = 2"), census{"Contour": {32, 32}, "Remark": {32}}},
		{"remarks about something", From(remarks).Where("animal IS NOT NULL AND animal < 3"), census{"Remark": {32}}},
		{"remarks about nothing", From(remarks).Where("animal IS NULL"), census{"Remark": {4}}},
		{"by a table above", From(images).In(From(donors).Where("donor = 4").Project("source = donor")), census{"Image": {8, 8}, "Image.Nucleus": {24}, "Contour": {24, 24}, "Remark": {16}}},
		{"by a table below", From(tissues).In(From(contours).Where("nucleus = 1 AND block = 1").Project("donor = animal", "tissue = block")), plus(tissue, tissue, tissue, tissue)},
		{"by the table itself", From(donors).In(From(donors).Top(1, "donor DESC").Project()), plus(donor, census{"Twins": {1}})},
		{"by what is not there", From(tissues).NotIn(From(cuts).Where("cut = 5").Project("donor = source", "tissue = block")), plus(tissue, tissue, tissue, tissue, tissue, tissue, tissue, tissue)},
		{"by a key that comes twice", From(cuts).Match(CutKey{1, 0, 0}, CutKey{1, 0, 0}).In(From(images), From(stains)), census{"Cut": {1}, "Cut.Stain": {1}, "Image": {2, 2}, "Image.Nucleus": {6}, "Contour": {6, 6}, "Remark": {4}}},
	}
	onClinics(t, func(t *testing.T, db *rowmill.DB, _ string) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := Delete(t.Context(), db, From(donors), nil)
				require.NoError(t, err)
				_, err = Delete(t.Context(), db, From(remarks), nil)
				require.NoError(t, err)
				_, err = InsertMissing(t.Context(), db, channels, Channel{0}, Channel{1})
				require.NoError(t, err)
				fillClinic(t, db, 1, 4, 3)
				require.NoError(t, Insert(t.Context(), db, twins, Twins{1, 2}, Twins{3, 4}))
				before := countClinic(t, db)

				dry, err := Delete(t.Context(), db, c.rel, &DeleteOptions{DryRun: true})
				require.NoError(t, err)
				require.Equal(t, before, countClinic(t, db), "a dry run deletes nothing")
				deleted, err := Delete(t.Context(), db, c.rel, nil)
				require.NoError(t, err)
				require.Equal(t, dry, deleted)
				require.Equal(t, before.without(censusOf(deleted)), countClinic(t, db))
				require.Equal(t, c.gone, censusOf(deleted))
				parentsFirst(t, deleted)
			})
		}
	})
}
