// Command university asks 24 questions of a university, each of them as one relation.
//
//	university [-dsn DSN] [-rows N] [-sql]
//
// It declares the tables of package registrar in a database, fills them if they are empty, and
// prints of each question how many rows answer it, and the first few. The questions stand in
// questions.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/examples/university/registrar"
)

// settings are what the command line says.
type settings struct {
	dsn  string
	rows uint
	sql  bool
}

func main() {
	var s settings
	flag.StringVar(&s.dsn, "dsn", "sqlite:university.db", "the database: sqlite:PATH or mysql://user:password@host:port/")
	flag.UintVar(&s.rows, "rows", 5, "how many rows of each answer to print")
	flag.BoolVar(&s.sql, "sql", false, "print the SELECT of each question, too")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, s, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "university:", err)
		os.Exit(1)
	}
}

// run does it all: declare, fill, ask.
func run(ctx context.Context, s settings, out io.Writer) error {
	db, err := rowmill.Open(ctx, s.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := registrar.Schema.Declare(ctx, db); err != nil {
		return err
	}
	if err := registrar.Fill(ctx, db); err != nil {
		return err
	}
	for _, q := range questions() {
		if err := tell(ctx, db, s, out, q); err != nil {
			return fmt.Errorf("question %s: %w", q.number, err)
		}
	}
	return nil
}

// questions are all of them, in the order of their numbers.
func questions() []question { return slices.Concat(restrictions, projections, joins, summaries) }
