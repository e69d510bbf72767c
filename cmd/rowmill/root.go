package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/spell"
)

// A program is what all commands share.
type program struct {
	dsn string
}

// newRoot makes the command with all that are below it. To add one, write a function as those that are named here.
func newRoot() *cobra.Command {
	p := &program{}
	root := &cobra.Command{
		Use:   "rowmill",
		Short: "Look at databases of tables, and write Go packages for them",
		Long: `Look at databases of tables, whoever declared them: Rowmill, or DataJoint for Python.

The database is named by --dsn or, without it, by the environment variable ROWMILL_DSN,
where nobody sees the password that is in it:

  sqlite:PATH                         a file
  mysql://user:password@host:port/    a MySQL or MariaDB server`,
		Example: `  rowmill describe --dsn sqlite:lab.db           which schemas are there
  rowmill describe --dsn sqlite:lab.db lab       the definitions of a schema's tables
  rowmill gen --dsn sqlite:lab.db lab -o lab/tables.go`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var known []string
			for _, c := range cmd.Commands() {
				known = append(known, c.Name())
			}
			return fmt.Errorf("%q is none of its commands%s", args[0], spell.Guess(args[0], known))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&p.dsn, "dsn", "", "the database; ROWMILL_DSN unless given")
	root.AddCommand(p.newDescribe(), p.newGen(), newVersion())
	return root
}

// open opens the database, which must be there: a file would be made otherwise.
func (p *program) open(ctx context.Context) (*rowmill.DB, error) {
	dsn := p.dsn
	if dsn == "" {
		dsn = os.Getenv("ROWMILL_DSN")
	}
	if rest, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		path, _, _ := strings.Cut(strings.TrimPrefix(rest, "//"), "?")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && path != "" { //nolint:gosec // the user's own file
			return nil, fmt.Errorf("there is no file %s", path)
		}
	}
	return rowmill.Open(ctx, dsn)
}
