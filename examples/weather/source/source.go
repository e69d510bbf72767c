// Package source is a stand-in for a service on the internet: an HTTP server that tells the weather of a few stations, year by
// year, slowly and not reliably.
//
//	POST /token                    a token, as text; it is good for a while
//	GET  /years/STATION?within=D   the years of which something was published in the time D; all without it
//	GET  /days/STATION/YEAR        the days of a year, as CSV
//
// All but /token want "Authorization: Bearer TOKEN". One in a few answers is 503, and a year or two have wrong fields.
package source

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed seattle-weather.csv
var seattle string

// Stations are those of which the source knows: Seattle, and two that are computed from it. The valley has no anemometer.
var Stations = []string{"hill", "seattle", "valley"}

// FirstYear and LastYear are those of the data.
const (
	FirstYear = 2012
	LastYear  = 2015
)

// Options say how the source behaves.
type Options struct {
	// Published are the years that it has, and when each was published.
	Published map[int]time.Time
	// Latency is how long each answer takes.
	Latency time.Duration
	// TokenLife is how long a token is good.
	TokenLife time.Duration
	// FailEvery is how many requests there are from one failure to the next; 0 is for none.
	FailEvery int
	// Mended has it answer what is right for all years.
	Mended bool
}

// A Source is the server while it runs.
type Source struct {
	URL string

	server *httptest.Server
	opts   Options

	mu       sync.Mutex // guards what follows
	requests int
	tokens   map[string]time.Time // until when each is good
}

// Start starts the server on a free port of this machine.
func Start(o Options) *Source {
	s := &Source{opts: o, tokens: map[string]time.Time{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /years/{station}", s.guarded(s.years))
	mux.HandleFunc("GET /days/{station}/{year}", s.guarded(s.days))
	s.server = httptest.NewServer(mux)
	s.URL = s.server.URL
	return s
}

// Close ends the server.
func (s *Source) Close() { s.server.Close() }

func (s *Source) token(w http.ResponseWriter, _ *http.Request) {
	token := rand.Text()
	s.mu.Lock()
	s.tokens[token] = time.Now().Add(s.opts.TokenLife)
	s.mu.Unlock()
	_, _ = fmt.Fprint(w, token)
}

// guarded answers those who have a good token, and not always.
func (s *Source) guarded(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		good := time.Now().Before(s.tokens[token])
		s.requests++
		fails := s.opts.FailEvery > 0 && s.requests%s.opts.FailEvery == 0
		s.mu.Unlock()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(s.opts.Latency):
		}
		switch {
		case !good:
			http.Error(w, "the token has expired", http.StatusUnauthorized)
		case fails:
			http.Error(w, "too busy", http.StatusServiceUnavailable)
		case !slices.Contains(Stations, r.PathValue("station")):
			http.Error(w, "there is no such station", http.StatusNotFound)
		default:
			answer(w, r)
		}
	}
}

func (s *Source) years(w http.ResponseWriter, r *http.Request) {
	since := time.Time{}
	if within := r.FormValue("within"); within != "" {
		d, err := time.ParseDuration(within)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		since = time.Now().Add(-d)
	}
	for _, year := range slices.Sorted(maps.Keys(s.opts.Published)) {
		if !s.opts.Published[year].Before(since) {
			_, _ = fmt.Fprintln(w, year)
		}
	}
}

func (s *Source) days(w http.ResponseWriter, r *http.Request) {
	station := r.PathValue("station")
	year, err := strconv.Atoi(r.PathValue("year"))
	if _, ok := s.opts.Published[year]; err != nil || !ok {
		http.Error(w, "there is no such year", http.StatusNotFound)
		return
	}
	lines := daysOf(station, year)
	if !s.opts.Mended {
		lines = spoilt(station, year, lines)
	}
	w.Header().Set("Content-Type", "text/csv")
	_, _ = fmt.Fprintln(w, strings.Join(lines, "\n"))
}

// daysOf are the lines of a year of a station, below those of the heading.
func daysOf(station string, year int) []string {
	heading, rest, _ := strings.Cut(seattle, "\n")
	lines := []string{strings.TrimSpace(heading)}
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, strconv.Itoa(year)+"-") {
			lines = append(lines, moved(station, line))
		}
	}
	return lines
}

// moved is a day of Seattle as it would have been elsewhere: on the hill, windier and colder; in the valley, dryer and hotter,
// and nobody has measured the wind.
func moved(station, line string) string {
	f := strings.Split(line, ",") // date, precipitation, greatest and least temperature, wind, weather
	scale := func(text string, by, plus float64) string {
		x, _ := strconv.ParseFloat(text, 64)
		return strconv.FormatFloat(x*by+plus, 'f', 1, 64)
	}
	switch station {
	case "hill":
		f[2], f[3], f[4] = scale(f[2], 1, -4), scale(f[3], 1, -3), scale(f[4], 1.4, 0)
	case "valley":
		f[1], f[2], f[3], f[4] = scale(f[1], 0.5, 0), scale(f[2], 1, 3), scale(f[3], 1, 1), ""
	}
	return strings.Join(f, ",")
}

// spoilt are the lines as the source answers them for years that are not right there: one that lacks a field, one that
// begins on a day that no calendar has, and one with days of another year.
func spoilt(station string, year int, lines []string) []string {
	switch {
	case station == "hill" && year == 2013:
		lines[0] = strings.Replace(lines[0], "temp_min", "tmin", 1)
	case station == "valley" && year == 2014:
		lines[1] = strings.Replace(lines[1], "2014-01-01", "2014-00-00", 1)
	case station == "valley" && year == 2015:
		last := len(lines) - 1
		lines = append(lines, strings.Replace(lines[last], "2015-12-31", "2016-01-01", 1))
	}
	return lines
}
