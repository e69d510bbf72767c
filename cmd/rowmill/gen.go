package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/rowmill/rowmill/cmd/rowmill/internal/gen"
)

// newGen makes the command that writes Go packages.
func (p *program) newGen() *cobra.Command {
	var name, file string
	var force bool
	cmd := &cobra.Command{
		Use:   "gen SCHEMA...",
		Short: "Write a Go package for a schema's tables",
		Long: `Write a Go package for a schema's tables, and those of other schemas to which they refer: for
each table a struct of its rows, and a variable with its definition. It is a beginning: from
then on the package is yours to edit, and to declare the tables with.`,
		Example: `  rowmill gen --dsn sqlite:lab.db lab -o lab/tables.go`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("gen wants the name of a schema: rowmill describe tells which are there")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, names []string) (err error) {
			db, err := p.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			schemas, err := describeAll(cmd.Context(), db, names)
			if err != nil {
				return err
			}
			source, err := gen.Package(name, schemas...)
			if err != nil {
				return err
			}
			if file == "" {
				_, err = cmd.OutOrStdout().Write(source)
				return err
			}
			return writeFile(file, source, force)
		},
	}
	cmd.Flags().StringVar(&name, "package", "", "name of the package; the schema's unless given")
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write, in a folder of its own; standard output unless given")
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return cmd
}

// writeFile writes a new file, and its folder if that is not there.
func writeFile(name string, content []byte, force bool) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil { //nolint:gosec // as go mod init would
		return err
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(name, flags, 0o666) //nolint:gosec // the same
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and may have been edited: --force writes over it", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
