package main

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/weather/weather"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// binary is the program, as "go build" makes it.
var binary string

// TestWeather builds the program, and runs it as its users do.
func TestWeather(t *testing.T) {
	binary = filepath.Join(t.TempDir(), "weather")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	t.Run("Increments", increments)
	t.Run("Killed", killed)
	t.Run("WrongUse", wrongUse)
}

// A bench is a folder and a database.
type bench struct {
	*testing.T

	dir, dsn string
}

func each(t *testing.T, f func(b bench)) {
	testdb.Each(t, func(t *testing.T, dsn string) { f(bench{t, t.TempDir(), dsn}) })
}

// command is the program, and what it prints.
func (b bench) command(args ...string) (p *exec.Cmd, stdout, stderr *bytes.Buffer) {
	p = exec.CommandContext(b.Context(), binary, append([]string{"-dsn", b.dsn}, args...)...)
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	p.Dir, p.Stdout, p.Stderr = b.dir, stdout, stderr
	return p, stdout, stderr
}

// trouble is the line that tells how often the source was busy, which depends on who asks first.
var trouble = regexp.MustCompile(`(?m)^\(The token was renewed .*\n`)

// output is what a run prints that goes well, without the line about trouble, which is there.
func (b bench) output(args ...string) string {
	b.Helper()
	p, stdout, stderr := b.command(args...)
	require.NoError(b, p.Run(), stderr.String())
	require.Regexp(b, trouble, stdout.String())
	return trouble.ReplaceAllString(stdout.String(), "")
}

const all = `
   station   year   days   mean (°C)   rain (mm)
      hill   2012    366         7.8        1226
      hill   2013    365         8.6         828
      hill   2014    365         9.3        1233
      hill   2015    365         9.6        1139
   seattle   2012    366        11.3        1226
   seattle   2013    365        12.1         828
   seattle   2014    365        12.8        1233
   seattle   2015    365        13.1        1139
    valley   2012    366        13.3         611
    valley   2013    365        14.1         412
    valley   2014    365        14.8         614
    valley   2015    365        15.1         568
`

const failures = `
Failed: 2 corrupted, 1 invalid
  hill 2013: invalid: the field temp_min is missing: the answer has date, precipitation, temp_max, tmin, wind, weather
  valley 2014: line 2: corrupted: no calendar has the day "2014-00-00"
  valley 2015: line 367: corrupted: 2016-01-01 lies outside of the year 2015, for which it was asked
These are not asked for again until the source is mended, and the program run with -retry.
`

const drawn = "\ndrawn in weather.png\n"

// some is the table without some of its lines.
func some(without ...string) string {
	text := all
	for _, w := range without {
		text = regexp.MustCompile(`(?m)^ *`+w+` .*\n`).ReplaceAllString(text, "")
	}
	return text
}

// visited is what the program tells of visits that all stations answer alike.
func visited(answer string) string {
	return "hill, " + answer + "\nseattle, " + answer + "\nvalley, " + answer + "\n"
}

// increments has the source publish more and more, and mend what it had answered wrongly. Each run asks for what is new, and
// fetches no year again that it has, or that failed by its own fault.
func increments(t *testing.T) {
	each(t, func(b bench) {
		exact := []string{"-overlap", "0s"} // the source and the database have one clock here
		out := b.output(append(exact, "-until", "2013")...)
		require.Equal(b, visited("asked for all years: 2 years, of which 2 were not known")+
			"DailyWeather: 5 made, 1 failed\nMonthlySummary: 60 made, 0 failed\n"+
			some(`hill\s+201[345]`, `seattle\s+201[45]`, `valley\s+201[45]`)+
			regexp.MustCompile(`(?m)^  valley.*\n`).ReplaceAllString(strings.Replace(failures, "2 corrupted, ", "", 1), "")+drawn, out)

		out = b.output(exact...)
		require.Equal(b, visited("asked for what is new: 2 years, of which 2 were not known")+
			"DailyWeather: 4 made, 2 failed\nMonthlySummary: 48 made, 0 failed\n"+
			some(`hill\s+2013`, `valley\s+201[45]`)+failures+drawn, out)

		out = b.output(append(exact, "-mended")...)
		require.Equal(b, visited("asked for what is new: 0 years, of which 0 were not known")+
			"DailyWeather: 0 made, 0 failed\nMonthlySummary: 0 made, 0 failed\n"+
			some(`hill\s+2013`, `valley\s+201[45]`)+failures+drawn, out, "nobody has asked again")

		out = b.output(append(exact, "-mended", "-retry")...)
		require.Equal(b, visited("asked for what is new: 0 years, of which 0 were not known")+
			"DailyWeather: 3 made, 0 failed\nMonthlySummary: 36 made, 0 failed\n"+all+drawn, out)

		out = b.output("-mended")
		require.Equal(b, visited("asked for what is new: 4 years, of which 0 were not known")+
			"DailyWeather: 0 made, 0 failed\nMonthlySummary: 0 made, 0 failed\n"+all+drawn, out, "what is asked for twice does no harm")
		b.isPicture()
		db := b.open()
		require.Equal(b, 3*1461, b.count(db, query.From(weather.Days)))
		runs := populate.Runs(weather.Schema).Where("status = 'success' AND name = ?", "DailyWeather")
		require.Equal(b, 3, b.count(db, runs), "that which nothing was left for, and those in which all went well")
	})
}

func (b bench) open() *rowmill.DB {
	b.Helper()
	db, err := rowmill.Open(b.Context(), b.dsn)
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

func (b bench) count(db *rowmill.DB, rel query.Rel) int {
	b.Helper()
	n, err := query.Count(b.Context(), db, rel)
	require.NoError(b, err)
	return n
}

func (b bench) isPicture() {
	b.Helper()
	f, err := os.Open(filepath.Join(b.dir, "weather.png"))
	require.NoError(b, err)
	defer func() { _ = f.Close() }()
	picture, err := png.Decode(f)
	require.NoError(b, err)
	require.Equal(b, 1600, picture.Bounds().Dx())
}

// killed kills the program in the middle of each of its tables. The next run goes on where it was: what comes out is what comes of
// a run that nobody disturbs.
func killed(t *testing.T) {
	each(t, func(b bench) {
		db := b.open()
		for _, table := range []schema.Declared{weather.Visits, weather.DailyWeathers, weather.MonthlySummaries} {
			p, _, _ := b.command()
			require.NoError(b, p.Start())
			require.Eventually(b, func() bool {
				n, err := query.Count(b.Context(), db, query.From(table))
				return err == nil && n > 0
			}, time.Minute, time.Millisecond)
			require.NoError(b, p.Process.Kill())
			require.Error(b, p.Wait())
		}
		out := b.output()
		require.Contains(b, out, some(`hill\s+2013`, `valley\s+201[45]`)+"\nFailed: ")
		require.True(b, strings.HasSuffix(out, failures+drawn), out)
		require.Equal(b, 9*12, b.count(db, query.From(weather.MonthlySummaries)))
		require.Equal(b, 12, b.count(db, query.From(weather.Years)))
		for _, table := range []schema.Declared{weather.Visits, weather.DailyWeathers, weather.MonthlySummaries} {
			require.Zero(b, b.count(db, jobs.For(table).With(jobs.Pending, jobs.Reserved)), table)
		}
		died := populate.Runs(weather.Schema).Where("status = 'error' AND message LIKE 'its process died%'")
		require.Positive(b, b.count(db, died))
	})
}

// wrongUse says what is wrong.
func wrongUse(t *testing.T) {
	b := bench{t, t.TempDir(), "nowhere:"}
	p, _, stderr := b.command()
	require.Error(t, p.Run())
	require.Contains(t, stderr.String(), "weather: ")
	b.dsn = "sqlite:weather.db"
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "weather-source.json"), []byte("{"), 0o600))
	p, _, stderr = b.command()
	require.Error(t, p.Run())
	require.Contains(t, stderr.String(), "weather: what the source has published: unexpected end of JSON input")
}
