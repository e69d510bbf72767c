package jobs

import (
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// fill puts names into a statement; n is how many keys, or workers, are meant. What it does not know is left for others.
func (q *Queue) fill(d dialect.Dialect, statement string, n int) string {
	var filled strings.Builder
	for rest := q.choose(statement); ; {
		before, after, found := strings.Cut(rest, "{")
		filled.WriteString(before)
		if !found {
			return filled.String()
		}
		name, after, _ := strings.Cut(after, "}")
		if text, known := q.meant(d, name, n); known {
			filled.WriteString(text)
		} else {
			filled.WriteString("{" + name + "}")
		}
		rest = after
	}
}

// meant is what a name in braces stands for. Of hundreds of keys some take as long to spell as a server takes for them.
func (q *Queue) meant(d dialect.Dialect, name string, n int) (text string, known bool) {
	switch name {
	case "jobs":
		return q.queueName(d), true
	case "target":
		return d.Table(q.target.Schema().Name(), q.target.Name()), true
	case "turns":
		return d.Table(q.turns.Schema().Name(), q.turns.Name()), true
	case "insert ignore":
		return d.InsertIgnore(), true
	case "pass over":
		return d.PassOver(q.queueName(d), q.key), true
	case "some":
		some, _ := d.AtMost(q.queueName(d))
		return some, true
	case "at most ?":
		_, atMost := d.AtMost(q.queueName(d))
		return atMost, true
	case "within", "elsewhere": // the whole queue
		return "", true
	case "skip locked":
		return d.SkipLocked(), true
	case "scan":
		return d.Scan(), true
	case "now":
		return d.Now(), true
	case "after":
		return d.After(), true
	case "hidden":
		return hiddenNames(), true
	case "stamps":
		return dialect.QuoteAll([]string{schema.JobStartTime, schema.JobDuration, schema.JobVersion}), true
	case "gone":
		return gone(d, n), true
	case "given up":
		return "_ended = _token, _token = NULL, _lease_until = NULL", true // MySQL and MariaDB set one after the other
	case "failed now":
		return "_first_failed = COALESCE(_first_failed, " + d.Now() + "), _last_failed = " + d.Now(), true
	case "one more death":
		return "_attempts = _attempts + 1, _deaths = _deaths + 1, _token = NULL, _lease_until = NULL", true
	}
	return q.meantOfKeys(d, name, n)
}

// meantOfKeys is what a name stands for that means the key, or keys.
func (q *Queue) meantOfKeys(d dialect.Dialect, name string, n int) (text string, known bool) {
	switch name {
	case "key":
		return dialect.QuoteAll(q.key), true
	case "j.key", "ks.key", "t.key", "o.key":
		return q.qualified(strings.TrimSuffix(name, "key")), true
	case "read key":
		return q.read(d, ""), true
	case "read j.key":
		return q.read(d, "j."), true
	case "t=j":
		return q.equal("t.", "j."), true
	case "t=jobs":
		return q.equal("t.", q.queueName(d)+"."), true
	case "ks=jobs":
		return q.equal("ks.", q.queueName(d)+"."), true
	case "keys":
		return q.alternatives(n, ""), true
	case "tokens":
		return q.alternatives(n, " AND "+q.held()), true
	case "others":
		return q.alternatives(n, " AND NOT "+q.mine()), true
	case "mine":
		return q.alternatives(n, " AND "+q.mine()), true
	case "ended":
		return q.alternatives(n, " AND "+q.givenUp()), true
	case "t.keys", "j.keys", "ks.keys":
		return q.values(strings.TrimSuffix(name, "keys")), true
	case "?":
		return strings.Repeat(", ?", len(q.key))[2:], true
	}
	return "", false
}

func (q *Queue) queueName(d dialect.Dialect) string {
	return d.Table(q.table.Schema().Name(), q.table.Name())
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
