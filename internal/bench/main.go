// Command bench compares Rowmill with what does the same work: a program written by hand for these tables alone, with the
// same guarantees (package limit), and DataJoint for Python. All run in turns, on the same tables of the same server, so
// that a ratio means something where a time does not.
//
//	go run ./internal/bench           everything: about an hour, on a quiet machine
//	go run ./internal/bench -quick    the same with small N: two minutes
//	go run ./internal/bench -help     how to run a part
//
// It starts a MariaDB whose commits are durable, and ends it; where MariaDB or DataJoint is not installed it says so and
// leaves that out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if isChild() {
		serve(os.Stdin, os.Stdout)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A command is what the command line asks for.
type command struct {
	quick, list bool
	only        *regexp.Regexp
	servers     []string
	rounds      int
	out         string
}

func parse(args []string, usage io.Writer) (command, error) {
	var c command
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.BoolVar(&c.quick, "quick", false, "small N, few rounds: two minutes")
	flags.BoolVar(&c.list, "list", false, "say which lines there are, and run none")
	only := flags.String("only", "", "run only the lines whose name this regular `expression` matches")
	servers := flags.String("servers", "mariadb,sqlite", "run on these servers, of mariadb and sqlite")
	flags.IntVar(&c.rounds, "rounds", 0, "how often each is run; 0 for 5, or 3 with -quick; what is short is run up to 15 times, but not with -quick")
	flags.StringVar(&c.out, "out", ".cache/bench", "the `folder` for bench.json and bench.png")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("no argument %q is known", flags.Arg(0))
	}
	var err error
	if c.only, err = regexp.Compile("(?i)" + *only); err != nil {
		return c, fmt.Errorf("-only: %w", err)
	}
	for name := range strings.SplitSeq(*servers, ",") {
		if !slices.Contains([]string{mariadb, sqlite}, name) {
			return c, fmt.Errorf("-servers: %q is neither %s nor %s", name, mariadb, sqlite)
		}
		c.servers = append(c.servers, name)
	}
	return c, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args, os.Stderr)
	if err != nil {
		return err
	}
	var chosen []line
	for _, l := range lines {
		if c.only.MatchString(l.name) {
			chosen = append(chosen, l)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("-only matches none of the lines: -list says which there are")
	}
	if c.list {
		for _, l := range chosen {
			fmt.Fprintf(out, "%-36s N = %s\n", l.name, strings.Join(grouped(l.sizes(c.scale())), ", "))
		}
		return nil
	}
	return compare(ctx, c, chosen, out)
}

// compare runs lines on servers, and tells what came of it; what it got, if it is stopped.
func compare(ctx context.Context, c command, chosen []line, out io.Writer) error {
	python, note := findPython(ctx)
	r := &runner{scale: c.scale(), out: os.Stderr, python: python}
	if c.rounds > 0 {
		r.scale.rounds = c.rounds
	}
	report := newReport(ctx, r.scale)
	report.note(note)
	var failed error
	for _, name := range c.servers {
		if failed = r.on(ctx, name, chosen, report); failed != nil {
			break
		}
	}
	if len(report.Results) == 0 && failed != nil {
		return failed
	}
	report.write(out)
	return errors.Join(failed, report.keep(c.out))
}

func (c command) scale() scale {
	if c.quick {
		return quick
	}
	return full
}

// version is the commit that is measured, as far as git tells.
func version(ctx context.Context) string {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", args...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	commit := git("rev-parse", "--short=12", "HEAD")
	if commit != "" && git("status", "--porcelain", "--untracked-files=no") != "" {
		commit += " and changes"
	}
	return commit
}
