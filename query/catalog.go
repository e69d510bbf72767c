package query

import (
	"context"
	"fmt"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/dialect"
	"github.com/rowmill/rowmill/schema"
)

// tablesThere are the full names of the tables and queues in the schemas of tables. What is not there is looked
// for first: a statement that fails would be the end of the transaction.
func tablesThere(ctx context.Context, session rowmill.Session, tables []*schema.Table) (map[string]bool, error) {
	looked, there := map[*schema.Schema]bool{}, map[string]bool{}
	for _, t := range tables {
		s := t.Schema()
		if looked[s] {
			continue
		}
		names, err := session.Dialect().Tables(ctx, queryOn(session), s.Name())
		if err != nil {
			return nil, err
		}
		looked[s] = true
		for _, name := range names {
			there[s.Name()+"."+name] = true
		}
	}
	return there, nil
}

// undeclared says which tables refer to some tables and are none of them.
func undeclared(ctx context.Context, session rowmill.Session, tables []*schema.Table) ([]string, error) {
	known := map[string]bool{}
	for _, t := range tables {
		known[t.FullName()] = true
	}
	var unknown []string
	for _, t := range tables {
		names, err := session.Dialect().Referring(ctx, queryOn(session), t.Schema().Name(), t.Name())
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if full := name.Schema + "." + name.Table; !known[full] {
				unknown = append(unknown, fmt.Sprintf("%s is referred to by the table %s", t, full))
			}
		}
	}
	return unknown, nil
}

// queryOn lets a dialect query.
func queryOn(session rowmill.Session) dialect.Query {
	return func(ctx context.Context, query string, args ...any) (dialect.Rows, error) {
		return session.Query(ctx, query, args...)
	}
}

// namesOf are the full names of tables and of their queues.
func namesOf(tables []*schema.Table) []string {
	var names []string
	for _, t := range tables {
		names = append(names, t.FullName())
		if name := queueOf(t); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// queueOf is the full name of a table's queue; empty where it can have none.
func queueOf(t *schema.Table) string {
	if name := t.QueueName(); name != "" {
		return t.Schema().Name() + "." + name
	}
	return ""
}
