package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// newDescribe makes the command that prints definitions.
func (p *program) newDescribe() *cobra.Command {
	return &cobra.Command{
		Use:   "describe [SCHEMA...]",
		Short: "Print the definitions of a schema's tables",
		Long: `Print the definitions of a schema's tables, those first to which others refer, or, without
a SCHEMA, the names of the schemas that are there.`,
		Example: `  rowmill describe --dsn sqlite:lab.db lab`,
		RunE: func(cmd *cobra.Command, names []string) (err error) {
			db, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			if len(names) == 0 {
				return list(cmd.Context(), cmd.OutOrStdout(), db)
			}
			return describe(cmd.Context(), cmd.OutOrStdout(), db, names)
		},
	}
}

// list prints the names of the schemas, each on a line.
func list(ctx context.Context, w io.Writer, db *rowmill.DB) error {
	names, err := schema.List(ctx, db)
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintln(w, name)
	}
	return nil
}

// describe prints the definitions of schemas.
func describe(ctx context.Context, w io.Writer, db *rowmill.DB, names []string) error {
	schemas, err := describeAll(ctx, db, names)
	if err != nil {
		return err
	}
	first := true
	for _, s := range schemas {
		for _, t := range s.Diagram().Tables() {
			if !first {
				fmt.Fprintln(w)
			}
			first = false
			fmt.Fprintf(w, "%s (%s, %s)\n", t, t.Tier(), t.FullName())
			for line := range strings.Lines(t.Definition()) {
				fmt.Fprint(w, "    "+line)
			}
		}
		for i, o := range s.Omitted() {
			if i == 0 {
				fmt.Fprintln(w, "\nLeft out:")
			}
			fmt.Fprintf(w, "    %s.%s: %s\n", s.Name(), o.Table, o.Reason)
		}
	}
	return nil
}

// describeAll describes schemas.
func describeAll(ctx context.Context, db *rowmill.DB, names []string) ([]*schema.Schema, error) {
	schemas := make([]*schema.Schema, len(names))
	for i, name := range names {
		var err error
		if schemas[i], err = schema.Describe(ctx, db, name); err != nil {
			return nil, err
		}
	}
	return schemas, nil
}
