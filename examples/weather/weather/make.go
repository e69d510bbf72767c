package weather

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

// An Importer makes rows of what a source tells.
type Importer struct {
	client  *Client
	overlap time.Duration
	db      *rowmill.DB
}

// NewImporter is an importer that asks with a client. The overlap is how much farther back than the last visit it asks, since
// the source may be slow to tell of what it has published.
func NewImporter(db *rowmill.DB, c *Client, overlap time.Duration) *Importer {
	return &Importer{client: c, overlap: overlap, db: db}
}

// Makers are all makers of the pipeline.
func (i *Importer) Makers() []*populate.Maker {
	return []*populate.Maker{i.Visits(), i.DailyWeathers(), MakeMonthlySummaries}
}

// Patience is how often and how late the source is asked again that is busy.
var Patience = jobs.RetryPolicy{MaxTransient: 10, Backoff: 50 * time.Millisecond, MaxBackoff: 2 * time.Second}

// Visits asks the source which years are new.
func (i *Importer) Visits() *populate.Maker { return populate.New(Visits, i.visit) }

func (i *Importer) visit(ctx context.Context, tx *populate.Tx, key VisitKey) error {
	since, before, err := tx.Job().Since(ctx)
	if err != nil {
		return err
	}
	path := "/years/" + url.PathEscape(key.Station)
	if before {
		// The time is by the clock of the database, and the source has another: what they agree in is how long ago it is.
		now, err := jobs.For(Visits).Now(ctx, i.db)
		if err != nil {
			return err
		}
		path += "?within=" + (now.Sub(since) + i.overlap).String()
	}
	text, err := i.client.Get(ctx, path)
	if err != nil {
		return err
	}
	years, err := parseYears(key.Station, text)
	if err != nil {
		return err
	}
	found, err := query.InsertMissing(ctx, tx, Years, years...)
	if err != nil {
		return err
	}
	return query.Insert(ctx, tx, Visits, Visit{key, !before, int16(len(years)), int16(found)})
}

func parseYears(station, text string) ([]Year, error) {
	var years []Year
	for word := range strings.FieldsSeq(text) {
		year, err := strconv.ParseInt(word, 10, 16)
		if err != nil {
			return nil, populate.Invalid(fmt.Errorf("a list of years has %q, which is none", word))
		}
		years = append(years, Year{YearKey{station, int16(year)}})
	}
	return years, nil
}

// DailyWeathers fetches years: several at once, and one after the other is kept.
func (i *Importer) DailyWeathers() *populate.Maker {
	return populate.Staged(DailyWeathers,
		func(ctx context.Context, tx *populate.Tx, _ YearKey) (Year, error) {
			return query.One[Year](ctx, tx, tx.Upstream(Years))
		},
		i.fetch,
		keepYear)
}

// fetch asks the source, with no transaction open meanwhile, and looks at what it answers.
func (i *Importer) fetch(ctx context.Context, key YearKey, _ Year) ([]Day, error) {
	text, err := i.client.Get(ctx, fmt.Sprintf("/days/%s/%d", url.PathEscape(key.Station), key.Year))
	if err != nil {
		return nil, err
	}
	return parse(key, text)
}

func keepYear(ctx context.Context, tx *populate.Tx, key YearKey, days []Day) error {
	if err := query.Insert(ctx, tx, DailyWeathers, DailyWeather{key, int16(len(days))}); err != nil {
		return err
	}
	return query.Insert(ctx, tx, Days, days...)
}

// MakeMonthlySummaries computes the summaries that are missing.
var MakeMonthlySummaries = populate.New(MonthlySummaries, summarize)

func summarize(ctx context.Context, tx *populate.Tx, key MonthKey) error {
	s := MonthlySummary{MonthKey: key}
	for d, err := range query.Each[Day](ctx, tx, tx.Upstream(Days)) {
		if err != nil {
			return err
		}
		if int8(d.Date.Month()) != key.Month {
			continue
		}
		s.Days++
		s.PrecipitationMM += d.PrecipitationMM
		s.MeanMaxC += d.TempMaxC
		s.MeanMinC += d.TempMinC
	}
	if s.Days == 0 {
		return populate.Skip("the year has no day in this month")
	}
	s.MeanMaxC, s.MeanMinC = s.MeanMaxC/float64(s.Days), s.MeanMinC/float64(s.Days)
	return query.Insert(ctx, tx, MonthlySummaries, s)
}

// Ask enters an asking: the next run of the makers visits the source. It is the last one again if that was not answered by all
// stations, as where the program was killed.
func Ask(ctx context.Context, db *rowmill.DB) error {
	open := query.From(Askings, Stations).NotIn(query.From(Visits))
	if waits, err := query.Exists(ctx, db, open); err != nil || waits {
		return err
	}
	n, err := query.Count(ctx, db, query.From(Askings))
	if err != nil {
		return err
	}
	_, err = query.InsertMissing(ctx, db, Askings, Asking{int32(n + 1)})
	return err
}
