package jobs

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/query"
	"github.com/rowmill/rowmill/schema"
)

// A Status is the state of a job.
type Status string

// The states of a job (see the package comment).
const (
	Pending  Status = "pending"  // waits to be made
	Reserved Status = "reserved" // is being made
	Success  Status = "success"  // has been made, and was kept for the record
	Error    Status = "error"    // failed
	Ignore   Status = "ignore"   // is not to be made
)

// ErrLeaseLost says that the job is no longer reserved with this token. Its lease ran out and somebody
// else has it or had it, or a person removed it.
var ErrLeaseLost = errors.New("the lease of the job was lost")

// ErrNothingMade says that there is no row of the job's key, and so the job cannot be completed.
var ErrNothingMade = errors.New("no row was made for the key")

const (
	// DefaultPriority is DataJoint's.
	DefaultPriority = 5
	// maxDeaths is after how many deaths of its worker a job becomes an error.
	maxDeaths = 3
	// maxMessage is the length of error_message.
	maxMessage = 2047
)

// A Queue is the queue of an Imported or Computed table. It does not change, and is safe for
// concurrent use.
type Queue struct {
	target *schema.Table
	table  *schema.Table
	turns  *schema.Table
	key    []string
	filled sync.Map // of fixedKey: its SQL
	bare   bool     // it lacks the hidden columns
	forms  *forms

	firstChunk int           // see chunks.go
	turnLease  time.Duration // see turn.go
}

// For is the queue of a table. It panics if the table is not made by a make function, and so
// has no queue.
func For(table schema.Declared) *Queue {
	target := table.Untyped()
	if !target.Tier().Made() {
		panic(fmt.Sprintf("jobs.For(%s): a %s table has no queue; an imported or computed one has", target, target.Tier()))
	}
	q := &Queue{target: target, turns: turnsTable(target), firstChunk: firstChunk, turnLease: turnLease}
	var attrs []schema.Attr
	for _, a := range target.MakeKey() {
		if slices.ContainsFunc(columns(), func(c schema.Attr) bool { return c.Name == a.Name }) {
			panic(fmt.Sprintf("jobs.For(%s): the key has an attribute %q, and so has every queue: rename the foreign key with proj", target, a.Name))
		}
		q.key = append(q.key, a.Name)
		attrs = append(attrs, keyAttr(a))
	}
	name := "~~" + strings.TrimLeft(target.Name(), "_")
	comment := "Job queue for " + dialect.Quote(target.Schema().Name()) + "." + dialect.Quote(target.Name())
	q.table = schema.Auxiliary(target, name, target.String()+" jobs", comment,
		schema.NewHeading(slices.Concat(attrs, columns(), hidden)),
		[]dialect.Index{{Parts: dialect.OnColumns("status", "priority", "scheduled_time")}})
	q.forms = &forms{whole: q, lacks: &Queue{
		target: q.target, table: q.table, turns: q.turns, key: q.key, bare: true, firstChunk: firstChunk, turnLease: turnLease,
	}}
	q.forms.lacks.forms = q.forms
	return q
}

// keyAttr is an attribute of the target's key as DataJoint declares it in a queue: with the
// mark of its core type only where the server's type has the same name.
func keyAttr(a schema.Attr) schema.Attr {
	a.Comment = ""
	switch a.Type.Kind {
	case datatype.Integer, datatype.Float, datatype.Bool:
		a.Unmarked = true
	default:
		a.Unmarked = false
	}
	return a
}

// columns are DataJoint's, to the letter.
func columns() []schema.Attr {
	def, err := schema.Parse(`
		---
		status : enum('pending', 'reserved', 'success', 'error', 'ignore')
		priority : int8
		created_time = CURRENT_TIMESTAMP(3) : datetime(3)
		scheduled_time = CURRENT_TIMESTAMP(3) : datetime(3)
		reserved_time = null : datetime(3)
		completed_time = null : datetime(3)
		duration = null : float64
		error_message = "" : varchar(2047)
		error_stack = null : <blob>
		user = "" : varchar(255)
		host = "" : varchar(255)
		pid = 0 : int32
		connection_id = 0 : int64
		version = "" : varchar(64)`)
	if err != nil {
		panic(err)
	}
	return def.Attrs()
}

// hidden are the columns that DataJoint does not know, and leaves alone.
var hidden = []schema.Attr{
	{Name: "_token", Type: datatype.MustParse("uuid"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_ended", Type: datatype.MustParse("uuid"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_worker", Type: datatype.MustParse("varchar(128)"), Unmarked: true, Default: "''"},
	{Name: "_lease_until", Type: datatype.MustParse("datetime(3)"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_attempts", Type: datatype.MustParse("int32"), Unmarked: true, Default: "'0'"},
	{Name: "_deaths", Type: datatype.MustParse("int32"), Unmarked: true, Default: "'0'"},
	{Name: "_retried", Type: datatype.MustParse("int32"), Unmarked: true, Default: "'0'"},
	{Name: "_first_failed", Type: datatype.MustParse("datetime(3)"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_last_failed", Type: datatype.MustParse("datetime(3)"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_kind", Type: datatype.MustParse("varchar(32)"), Unmarked: true, Default: "''"},
	{Name: "_completeness", Type: datatype.MustParse("float64"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_log", Type: datatype.MustParse("longtext"), Unmarked: true, Nullable: true, Default: "NULL"},
	{Name: "_state", Type: datatype.MustParse("longblob"), Unmarked: true, Nullable: true, Default: "NULL"},
}

// Untyped is the queue as a table: its rows can be asked for as those of any table.
func (q *Queue) Untyped() *schema.Table { return q.table }

// Bind ties a key's struct type to the queue's key. Its error says what does not fit.
func (q *Queue) Bind(key reflect.Type) (*schema.Binding, error) {
	b, err := schema.Bind(key, schema.NewHeading(q.target.MakeKey()))
	if err != nil {
		return nil, err
	}
	return b.Select(q.key)
}

// With is the relation of the jobs that have one of these states.
func (q *Queue) With(statuses ...Status) query.Rel {
	if len(statuses) == 0 {
		return query.From(q)
	}
	args := make([]any, len(statuses))
	for i, s := range statuses {
		if !slices.Contains([]Status{Pending, Reserved, Success, Error, Ignore}, s) {
			return query.Invalid(fmt.Errorf("%q is no status of a job: pending, reserved, success, error and ignore are", s))
		}
		args[i] = string(s)
	}
	return query.From(q).Where("status IN ("+strings.Repeat(", ?", len(args))[2:]+")", args...)
}
