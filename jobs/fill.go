package jobs

import (
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// fill puts names into a statement; n is how many keys, or workers, are meant.
func (q *Queue) fill(d dialect.Dialect, statement string, n int) string {
	jobs := d.Table(q.table.Schema().Name(), q.table.Name())
	some, atMost := d.AtMost(jobs)
	return strings.NewReplacer(
		"{insert ignore}", d.InsertIgnore(),
		"{pass over}", d.PassOver(jobs, q.key),
		"{jobs}", jobs,
		"{turns}", d.Table(q.turns.Schema().Name(), q.turns.Name()),
		"{some}", some,
		"{within}", "", // the whole queue
		"{elsewhere}", "",
		"{at most ?}", atMost,
		"{target}", d.Table(q.target.Schema().Name(), q.target.Name()),
		"{key}", dialect.QuoteAll(q.key),
		"{j.key}", q.qualified("j."),
		"{ks.key}", q.qualified("ks."),
		"{t.key}", q.qualified("t."),
		"{o.key}", q.qualified("o."),
		"{read key}", q.read(d, ""),
		"{read j.key}", q.read(d, "j."),
		"{t=j}", q.equal("t.", "j."),
		"{t=jobs}", q.equal("t.", jobs+"."),
		"{ks=jobs}", q.equal("ks.", jobs+"."),
		"{gone}", gone(d, n),
		"{skip locked}", d.SkipLocked(),
		"{scan}", d.Scan(),
		"{keys}", q.alternatives(n, ""),
		"{tokens}", q.alternatives(n, " AND "+q.held()),
		"{others}", q.alternatives(n, " AND NOT "+q.mine()),
		"{mine}", q.alternatives(n, " AND "+q.mine()),
		"{ended}", q.alternatives(n, " AND "+q.givenUp()),
		"{hidden}", hiddenNames(),
		"{stamps}", dialect.QuoteAll([]string{schema.JobStartTime, schema.JobDuration, schema.JobVersion}),
		"{given up}", "_ended = _token, _token = NULL, _lease_until = NULL", // MySQL and MariaDB set one after the other
		"{failed now}", "_first_failed = COALESCE(_first_failed, "+d.Now()+"), _last_failed = "+d.Now(),
		"{one more death}", "_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL",
		"{t.keys}", q.values("t."),
		"{j.keys}", q.values("j."),
		"{ks.keys}", q.values("ks."),
		"{?}", strings.Repeat(", ?", len(q.key))[2:],
		"{now}", d.Now(),
		"{after}", d.After(),
	).Replace(q.choose(statement))
}

// brackets are [with|without], or [with].
var brackets = regexp.MustCompile(`\[([^|\]]*)\|?([^\]]*)\]`)

// choose keeps of brackets what is for this queue.
func (q *Queue) choose(statement string) string {
	if q.bare {
		return brackets.ReplaceAllString(statement, "$2")
	}
	return brackets.ReplaceAllString(statement, "$1")
}

// held is that a job is reserved, and still its worker's own; its placeholders are for what [Reservation.own] has.
func (q *Queue) held() string {
	if q.bare {
		return "CASE WHEN status = 'reserved' THEN pid END = ? AND host = ? AND connection_id = ? AND reserved_time = ?"
	}
	return "CASE WHEN status = 'reserved' THEN _token END = ?"
}

// givenUp is that a job's last holder gave it up; its placeholders are those of held.
func (q *Queue) givenUp() string {
	if q.bare {
		return "CASE WHEN status <> 'reserved' THEN pid END = ? AND host = ? AND connection_id = ? AND COALESCE(reserved_time = ?, TRUE)"
	}
	return "_ended = ?"
}

// mine is that a job is its worker's though it does not say so, provided that his lease has not run out: a Python worker
// has changed its status behind his back, or has queued it anew. Whoever takes a job as Rowmill does draws a token, or
// counts an attempt. The placeholders are those of held. To ignore a job is up to everybody.
func (q *Queue) mine() string {
	if q.bare {
		return "CASE status WHEN 'reserved' THEN pid = ? AND host = ? AND connection_id = ? AND reserved_time = ? ELSE status <> 'ignore' END"
	}
	return "CASE WHEN _token = ? THEN status <> 'ignore' ELSE status = 'pending' AND _token IS NULL AND _attempts + _deaths = 0 END"
}

// gone is whose lease ran out or whose worker is one of n.
func gone(d dialect.Dialect, n int) string {
	return "(_lease_until IS NULL OR _lease_until < " + d.Now() + strings.Repeat(" OR _worker = ?", n) + ")"
}

func (q *Queue) qualified(prefix string) string {
	return q.join(", ", func(column string) string { return prefix + column })
}

// read is the key's columns in the list of a SELECT.
func (q *Queue) read(d dialect.Dialect, prefix string) string {
	var columns []string
	for _, a := range q.target.MakeKey() {
		columns = append(columns, d.Exact(prefix+dialect.Quote(a.Name), a.Type))
	}
	return strings.Join(columns, ", ")
}

func (q *Queue) equal(left, right string) string {
	return q.join(" AND ", func(column string) string { return left + column + " = " + right + column })
}

// values is "a = ? AND b = ?".
func (q *Queue) values(prefix string) string {
	return q.join(" AND ", func(column string) string { return prefix + column + " = ?" })
}

// alternatives wants one of n keys. Servers scan the whole table for (a, b) IN ((?, ?)), and
// use the primary key for this.
func (q *Queue) alternatives(n int, also string) string {
	if n == 0 {
		return "FALSE"
	}
	one := "(" + q.values("") + also + ")"
	return strings.Repeat(one+" OR ", n-1) + one
}

func (q *Queue) join(sep string, column func(string) string) string {
	parts := make([]string, len(q.key))
	for i, k := range q.key {
		parts[i] = column(dialect.Quote(k))
	}
	return strings.Join(parts, sep)
}
