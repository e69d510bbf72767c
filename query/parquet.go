package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// WriteParquet writes the relation's rows as a Parquet file, with a column for each attribute, in the order that the
// relation has, if it has one. Rows are written as they arrive, some megabytes at a time: memory does not
// grow with their number. After an error, what was written is no file.
//
// Columns have the attributes' types: integers of their widths, floats, bools, decimals, dates, timestamps in
// microseconds (of a wall clock, in no zone), UUIDs, strings, bytes and JSON. A <blob> is JSON, as [WriteCSV]
// writes it; values of other codecs are what is stored, and a time of the day is a string. What may be NULL
// is optional. A computed attribute is a column of the type that it has in the first rows, a thousand or some
// megabytes of them, and a string where it is NULL in all of these; rows in which it has another are an error.
func WriteParquet(ctx context.Context, conn rowmill.Conn, w io.Writer, rel Rel) error {
	if err := writeParquet(ctx, conn, w, rel); err != nil {
		return fmt.Errorf("write Parquet: %w", err)
	}
	return nil
}

func writeParquet(ctx context.Context, conn rowmill.Conn, w io.Writer, rel Rel) error {
	h, err := rel.Heading()
	if err != nil {
		return err
	}
	if len(h.Attrs()) == 0 {
		return errors.New("the relation has no attributes, and a file wants at least one column")
	}
	p := &parquetWriter{w: w, attrs: h.Attrs(), telling: 1}
	if slices.ContainsFunc(p.attrs, isComputed) {
		p.telling = tellingRows
	}
	if err := handOver(ctx, conn, rel, h, p.row); err != nil {
		return err
	}
	return p.close()
}

const (
	// tellingRows are looked at to find the types of computed attributes.
	tellingRows = 1000
	// groupBytes is about how much of the rows is kept in memory until it is written.
	groupBytes = 8 << 20
	// So many rows, or bytes, go to the library together: it makes a page of what it is given.
	rowsAtOnce  = 256
	bytesAtOnce = 1 << 20
)

// A parquetWriter writes a file. It keeps the first rows back, which tell the types of computed attributes.
type parquetWriter struct {
	w       io.Writer
	attrs   []schema.Attr
	first   [][]any
	telling int // how many rows are kept back

	columns []parquetColumn // once they are known
	file    *parquet.GenericWriter[any]
	rows    []parquet.Row
	// In bytes: of what is kept in memory, and of rows alone.
	size, inRows int
}

// row writes a row. The slice is not kept.
func (p *parquetWriter) row(values []any) error {
	if p.file != nil {
		return p.write(values)
	}
	p.first = append(p.first, append([]any{}, values...))
	p.size += sizeOf(values)
	if len(p.first) < p.telling && p.size < groupBytes {
		return nil
	}
	return p.open()
}

// open begins the file, with the rows that were kept back.
func (p *parquetWriter) open() error {
	layout := rowLayout{}
	options := []parquet.WriterOption{parquet.Compression(&parquet.Snappy), parquet.CreatedBy("rowmill", "", "")}
	for i, a := range p.attrs {
		c := columnOf(a, p.first, i)
		p.columns = append(p.columns, c)
		layout.fields = append(layout.fields, &rowField{c.node, a.Name})
		if a.Type.Large() || isComputed(a) { // the library would keep the least and the greatest value of each page
			options = append(options, parquet.SkipPageBounds(a.Name))
		}
	}
	p.file = parquet.NewGenericWriter[any](p.w, append(options, parquet.NewSchema("row", layout))...)
	p.size = 0
	for _, values := range p.first {
		if err := p.write(values); err != nil {
			return err
		}
	}
	p.first = nil
	return nil
}

func (p *parquetWriter) write(values []any) error {
	row := make(parquet.Row, len(values))
	for i, v := range values {
		cell, err := p.columns[i].cell(v)
		if err != nil {
			return fmt.Errorf("%s: %w", p.attrs[i].Name, err)
		}
		row[i] = cell.Level(0, p.columns[i].level(v), i)
	}
	p.rows = append(p.rows, row)
	size := sizeOf(values)
	p.size, p.inRows = p.size+size, p.inRows+size
	if len(p.rows) < rowsAtOnce && p.inRows < bytesAtOnce {
		return nil
	}
	if err := p.hand(); err != nil || p.size < groupBytes {
		return err
	}
	p.size = 0
	return p.file.Flush()
}

// hand gives the library what was collected.
func (p *parquetWriter) hand() error {
	_, err := p.file.WriteRows(p.rows)
	clear(p.rows) // which may be large
	p.rows, p.inRows = p.rows[:0], 0
	return err
}

func (p *parquetWriter) close() error {
	if p.file == nil {
		if err := p.open(); err != nil {
			return err
		}
	}
	if err := p.hand(); err != nil {
		return err
	}
	return p.file.Close()
}
