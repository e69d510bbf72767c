package query

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/value"
	"github.com/rowmill/rowmill/schema"
)

// WriteCSV writes the relation's rows as comma-separated values (RFC 4180, in UTF-8), below a line with the names of
// its attributes, in the order that the relation has, if it has one. Rows are written as they arrive: memory
// does not grow with their number. After an error, what was written is not whole.
//
// NULL is empty, and an empty text is "", as PostgreSQL and DuckDB have it; so a line is empty where the only
// attribute is NULL. Numbers are written with all digits that tell them apart, bools as true and false, dates as
// 2006-01-02, datetimes as 2006-01-02T15:04:05.999 (a wall clock, in no zone), times as 15:04:05.999, bytes in
// base64, json without spaces and with sorted keys, and <blob> as JSON: arrays and lists as lists, dicts as
// objects, bytes in base64, what is no number as null. Values of other codecs are written as what is stored.
func WriteCSV(ctx context.Context, conn rowmill.Conn, w io.Writer, rel Rel) error {
	if err := writeCSV(ctx, conn, w, rel); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func writeCSV(ctx context.Context, conn rowmill.Conn, w io.Writer, rel Rel) error {
	h, err := rel.Heading()
	if err != nil {
		return err
	}
	c := &csvWriter{w: bufio.NewWriter(w), attrs: h.Attrs()}
	for i, a := range c.attrs {
		c.separate(i)
		c.text(a.Name)
	}
	if err := c.end(); err != nil {
		return err
	}
	if err := handOver(ctx, conn, rel, h, c.row); err != nil {
		return err
	}
	return c.w.Flush()
}

// A csvWriter writes lines.
type csvWriter struct {
	w     *bufio.Writer
	attrs []schema.Attr
	line  []byte
}

func (c *csvWriter) row(values []any) error {
	for i, v := range values {
		c.separate(i)
		c.value(c.attrs[i].Type, v)
	}
	return c.end()
}

func (c *csvWriter) separate(i int) {
	if i > 0 {
		c.line = append(c.line, ',')
	}
}

// end ends the line.
func (c *csvWriter) end() error {
	_, err := c.w.Write(append(c.line, '\r', '\n'))
	c.line = c.line[:0]
	return err
}

func (c *csvWriter) value(typ datatype.Type, v any) {
	switch v := v.(type) {
	case nil:
	case int64:
		c.line = strconv.AppendInt(c.line, v, 10)
	case uint64:
		c.line = strconv.AppendUint(c.line, v, 10)
	case float64:
		bits := 64
		if typ.Kind == datatype.Float {
			bits = typ.Bits
		}
		c.line = strconv.AppendFloat(c.line, v, 'g', -1, bits)
	case bool:
		c.line = strconv.AppendBool(c.line, v)
	case time.Time:
		if typ.Kind == datatype.Date {
			c.line = v.AppendFormat(c.line, time.DateOnly)
		} else {
			c.line = v.AppendFormat(c.line, isoTime)
		}
	case time.Duration:
		c.line = append(c.line, value.Clock(v)...)
	case uuid.UUID:
		c.line = append(c.line, v.String()...)
	case []byte:
		c.text(base64.StdEncoding.EncodeToString(v))
	default:
		c.text(fmt.Sprint(v))
	}
}

// isoTime is a wall clock's time as ISO 8601 has it, with as many digits of a second as are not zero.
const isoTime = "2006-01-02T15:04:05.999999"

// text quotes what would not be read as it is, and the empty text, to tell it from NULL.
func (c *csvWriter) text(s string) {
	if s != "" && !strings.ContainsAny(s, "\",\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		c.line = append(c.line, s...)
		return
	}
	c.line = append(c.line, '"')
	c.line = append(c.line, strings.ReplaceAll(s, `"`, `""`)...)
	c.line = append(c.line, '"')
}
