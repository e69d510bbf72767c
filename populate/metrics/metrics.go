// Package metrics has metrics of populate for Prometheus. Who does not import it does not link Prometheus.
//
//	observer, err := metrics.New(prometheus.DefaultRegisterer)
//	…
//	report, err := lab.MakeSpectra.Populate(ctx, db, &populate.Options{Observer: observer})
//
// All metrics have the labels schema and table: the name of the schema, and that of the row struct.
//
//	rowmill_jobs_total{outcome}            jobs that ended in this process, by what became of them (populate.Outcome)
//	rowmill_make_duration_seconds{outcome} how long makes took, a histogram
//	rowmill_makes_running                  makes that run in this process
//	rowmill_jobs_held                      jobs that this process has reserved: those that run, and those that wait
//	rowmill_queue_jobs{status}             jobs in the queue, over all processes, when this process last looked
//	rowmill_queue_changes_total{change}    jobs that this process has added to the queue, removed from it, …
//
// A lease that was lost is a job with the outcome lost_lease.
package metrics

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rowmill/rowmill/jobs"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/schema"
)

// Metrics are what is counted of any number of makers. They are a [populate.Observer] and a prometheus.Collector,
// and safe for concurrent use.
type Metrics struct {
	ended, changes        *prometheus.CounterVec
	running, held, queued *prometheus.GaugeVec
	durations             *prometheus.HistogramVec
}

var (
	_ populate.Observer    = (*Metrics)(nil)
	_ prometheus.Collector = (*Metrics)(nil)
)

// New makes metrics and registers them. Where reg has them already, those are returned: so any number of parts of a
// program may ask for theirs, and share them.
//
// For several databases in one process, wrap the registerer, each time with a label of the same name, lest their
// tables be mixed up:
//
//	metrics.New(prometheus.WrapRegistererWith(prometheus.Labels{"database": "lab"}, reg))
//
// The error is that of the registerer: that some have that label and others do not, say.
func New(reg prometheus.Registerer) (*Metrics, error) {
	m := newMetrics()
	err := reg.Register(m)
	if already, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if existing, ok := already.ExistingCollector.(*Metrics); ok {
			return existing, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("register the metrics of Rowmill: %w", err)
	}
	return m, nil
}

// The bounds of durations grow by four, from 1 ms to 4.7 h: makes take any time.
const (
	shortest = time.Millisecond
	factor   = 4
	bounds   = 13
)

func newMetrics() *Metrics {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "rowmill", Name: name, Help: help}, []string{"schema", "table", label})
	}
	gauge := func(name, help string, label ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "rowmill", Name: name, Help: help}, append([]string{"schema", "table"}, label...))
	}
	return &Metrics{
		ended:   counter("jobs_total", "Jobs that ended in this process, by what became of them.", "outcome"),
		changes: counter("queue_changes_total", "Jobs that this process has added to the queue, removed from it, or set free.", "change"),
		running: gauge("makes_running", "Makes that run in this process."),
		held:    gauge("jobs_held", "Jobs that this process has reserved."),
		queued:  gauge("queue_jobs", "Jobs in the queue over all processes, when this process last looked.", "status"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "rowmill", Name: "make_duration_seconds", Help: "How long makes took, by what became of them.",
			Buckets: prometheus.ExponentialBuckets(shortest.Seconds(), factor, bounds),
		}, []string{"schema", "table", "outcome"}),
	}
}

func (m *Metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.ended, m.changes, m.running, m.held, m.queued, m.durations}
}

// Describe describes all metrics, for the registerer.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.collectors() {
		c.Describe(to)
	}
}

// Collect collects all metrics, for the registerer.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.collectors() {
		c.Collect(to)
	}
}

// Claimed counts jobs that are held.
func (m *Metrics) Claimed(t *schema.Table, n int) {
	m.held.WithLabelValues(t.Schema().Name(), t.String()).Add(float64(n))
}

// Begun counts a make that runs.
func (m *Metrics) Begun(t *schema.Table) {
	m.running.WithLabelValues(t.Schema().Name(), t.String()).Inc()
}

// Ended counts what became of a job.
func (m *Metrics) Ended(t *schema.Table, e populate.Ending) {
	lab, table, outcome := t.Schema().Name(), t.String(), string(e.Outcome)
	m.held.WithLabelValues(lab, table).Dec()
	m.ended.WithLabelValues(lab, table, outcome).Inc()
	if e.Began {
		m.running.WithLabelValues(lab, table).Dec()
		m.durations.WithLabelValues(lab, table, outcome).Observe(e.Took.Seconds())
	}
}

// Refreshed counts what was done to the queue.
func (m *Metrics) Refreshed(t *schema.Table, did jobs.Refreshed) {
	for change, n := range map[string]int{
		"added": did.Added, "repended": did.Repended, "removed": did.Removed, "settled": did.Settled,
		"rescued": did.Rescued, "buried": did.Buried,
	} {
		m.changes.WithLabelValues(t.Schema().Name(), t.String(), change).Add(float64(n))
	}
}

// Queued keeps how many jobs there are.
func (m *Metrics) Queued(t *schema.Table, n map[jobs.Status]int) {
	for _, s := range []jobs.Status{jobs.Pending, jobs.Reserved, jobs.Success, jobs.Error, jobs.Ignore} {
		m.queued.WithLabelValues(t.Schema().Name(), t.String(), string(s)).Set(float64(n[s]))
	}
}
