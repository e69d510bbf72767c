// Package weather is a pipeline that imports the weather of some stations from a source on the internet:
//
//	Station ←──┬─ Visit
//	Asking  ←──┘
//	Station ← Year ← DailyWeather (with its Days) ←─┬─ MonthlySummary
//	                                        Month ←─┘
//
// Each time that somebody wants to know what is new he enters an asking. A visit asks the source which years of a station were published since
// the last time, and enters those. Each year is a job: it is fetched, looked at and kept whole, or not at all.
//
// The tables are declared in tables.go; make.go has the functions that make their rows, client.go what asks the source, and
// answer.go what looks at its answers.
package weather

import (
	"time"

	"github.com/rowmill/rowmill/examples/weather/source"
	"github.com/rowmill/rowmill/schema"
)

// Schema holds the tables of the pipeline.
var Schema = schema.New("weather")

// A Station is where weather is observed.
type Station struct{ Station string }

// Stations are those of the source.
var Stations = schema.Lookup(Schema, `
	# Where weather is observed
	station : varchar(16)  # name, as the source has it
`, stations())

func stations() []Station {
	var all []Station
	for _, s := range source.Stations {
		all = append(all, Station{s})
	}
	return all
}

// An Asking is a time at which somebody wants to know what is new.
type Asking struct{ Asking int32 }

// Askings are entered when the program is started.
var Askings = schema.Manual[Asking](Schema, `
	# A time to ask the source what is new
	asking : int32  # counting from 1
	---
	asked = CURRENT_TIMESTAMP : datetime
`)

// A VisitKey identifies a visit.
type VisitKey struct {
	Station string
	Asking  int32
}

// A Visit is what the source had that was new.
type Visit struct {
	VisitKey

	Whole  bool
	Listed int16
	Found  int16
}

// Visits are made by [Importer.Visits].
var Visits = schema.Imported[Visit](Schema, `
	# What the source had that was new
	-> Station
	-> Asking
	---
	whole  : bool   # it was asked for all years, as there had been no visit before
	listed : int16  # how many years it told
	found  : int16  # how many of them were not known
`, Stations, Askings)

// A YearKey identifies a year of a station.
type YearKey struct {
	Station string
	Year    int16
}

// A Year is a year of a station that the source has.
type Year struct{ YearKey }

// Years are entered by visits.
var Years = schema.Manual[Year](Schema, `
	# A year of a station that the source has
	-> Station
	year : int16
`, Stations)

// A DailyWeather is the weather of a year.
type DailyWeather struct {
	YearKey

	Days int16
}

// DailyWeathers are made by [Importer.DailyWeathers].
var DailyWeathers = schema.Imported[DailyWeather](Schema, `
	# The weather of a year, day by day
	-> Year
	---
	days : int16  # how many
`, Years)

// A Day is the weather of a day.
type Day struct {
	YearKey

	Date            time.Time
	PrecipitationMM float64 `db:"precipitation_mm"`
	TempMaxC        float64
	TempMinC        float64
	WindMS          *float64 `db:"wind_ms"`
	Weather         string
}

// Days come with their year.
var Days = schema.Part[Day](DailyWeathers, `
	# The weather of a day
	-> master
	date : date
	---
	precipitation_mm : float64      # rain and snow, in mm
	temp_max_c       : float64      # greatest temperature, in °C
	temp_min_c       : float64      # least temperature, in °C
	wind_ms = null   : float64      # mean wind, in m/s; null where it is not measured
	weather          : varchar(16)  # in a word
`)

// A Month is a month of any year.
type Month struct{ Month int8 }

// Months are those of the calendar.
var Months = schema.Lookup(Schema, `
	# A month of any year
	month : int8  # 1…12
`, months())

func months() []Month {
	var all []Month
	for m := range int8(12) {
		all = append(all, Month{m + 1})
	}
	return all
}

// A MonthKey identifies a month of a year of a station.
type MonthKey struct {
	YearKey

	Month int8
}

// A MonthlySummary is the weather of a month.
type MonthlySummary struct {
	MonthKey

	Days            int16
	PrecipitationMM float64 `db:"precipitation_mm"`
	MeanMaxC        float64
	MeanMinC        float64
}

// MonthlySummaries are made by [MakeMonthlySummaries].
var MonthlySummaries = schema.Computed[MonthlySummary](Schema, `
	# The weather of a month
	-> DailyWeather
	-> Month
	---
	days             : int16    # how many are known
	precipitation_mm : float64  # rain and snow of all days, in mm
	mean_max_c       : float64  # mean of the days' greatest temperatures, in °C
	mean_min_c       : float64  # mean of the days' least temperatures, in °C
`, DailyWeathers, Months)
