package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/rowmill/rowmill/internal/bench/limit"
	"github.com/rowmill/rowmill/internal/testdb"
)

// The names of servers on the command line.
const (
	mariadb = "mariadb"
	sqlite  = "sqlite"
)

// errNotInstalled says that there is no MariaDB.
var errNotInstalled = errors.New("MariaDB is not installed, and was left out: make test installs it")

// A ground is where lines are run: a server, or a folder for SQLite files.
type ground struct {
	name   string
	server string // the DSN of the server; "" for SQLite
	folder string // for SQLite
	admin  *sql.DB
	stages int
	ends   []func()
}

// newGround starts a server, or makes a folder.
func newGround(name string) (*ground, error) {
	if name == sqlite {
		folder, err := os.MkdirTemp("", "rowmill-bench-")
		if err != nil {
			return nil, err
		}
		g := &ground{name: "SQLite", folder: folder}
		g.ends = append(g.ends, func() { _ = os.RemoveAll(folder) })
		return g, nil
	}
	s, err := testdb.StartServer("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M",
		"--max-allowed-packet=64M", "--max-connections=500")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errNotInstalled
	}
	if err != nil {
		return nil, err
	}
	g, err := onServer(s.DSN())
	if err != nil {
		s.Remove()
		return nil, err
	}
	g.ends = append(g.ends, s.Remove)
	return g, nil
}

// onServer is a server that is there.
func onServer(dsn string) (*ground, error) {
	admin, err := limit.Connect(dsn, nil)
	if err != nil {
		return nil, err
	}
	admin.SetMaxOpenConns(1)
	return &ground{name: "MariaDB", server: dsn, admin: admin, ends: []func(){func() { _ = admin.Close() }}}, nil
}

func (g *ground) close() {
	for _, end := range slices.Backward(g.ends) {
		end()
	}
}

// place is a DSN and a schema for the next stage.
func (g *ground) place() (dsn, schema string) {
	g.stages++
	schema = "bench_" + strconv.Itoa(g.stages)
	if g.server != "" {
		return g.server, schema
	}
	return "sqlite:" + filepath.Join(g.folder, schema+".db"), schema
}

// clear removes what was made in a place, and in others whose schemas begin so.
func (g *ground) clear(ctx context.Context, schema string) error {
	if g.server == "" {
		for _, pattern := range []string{schema + ".db*", schema + "_*.db*"} {
			files, _ := filepath.Glob(filepath.Join(g.folder, pattern)) // the pattern is no wrong one
			for _, f := range files {
				if err := os.Remove(f); err != nil {
					return err
				}
			}
		}
		return nil
	}
	rows, err := g.admin.QueryContext(ctx, "SELECT schema_name FROM information_schema.schemata WHERE schema_name = ? OR schema_name LIKE ?",
		schema, schema+`\_%`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := g.admin.ExecContext(ctx, "DROP DATABASE `"+name+"`"); err != nil {
			return fmt.Errorf("drop %s: %w", name, err)
		}
	}
	return nil
}

// counts are what a server has done so far.
type counts struct{ statements, fsyncs int64 }

// asked is how many statements it takes to ask for the counts.
const asked = 1

// counts asks for them; of SQLite they cannot be told.
func (g *ground) counts(ctx context.Context) (c counts, err error) {
	if g.admin == nil {
		return c, nil
	}
	// Newer releases count all waits for the disk as INNODB_DATA_FSYNCS.
	err = g.admin.QueryRowContext(ctx, "SELECT CAST(SUM(IF(variable_name = 'QUESTIONS', variable_value, 0)) AS SIGNED),"+
		" CAST(SUM(IF(variable_name = 'QUESTIONS', 0, variable_value)) AS SIGNED) FROM information_schema.global_status"+
		" WHERE variable_name IN ('QUESTIONS', 'INNODB_DATA_FSYNCS', 'INNODB_OS_LOG_FSYNCS')").Scan(&c.statements, &c.fsyncs)
	return c, err
}
