package blob

// elements returns each element of s with its values by name, as a
// map[string]any.
func (s StructArray) elements() []any {
	elements := make([]any, len(s.Data))
	for i, values := range s.Data {
		element := make(map[string]any, len(values))
		for j, v := range values {
			element[s.Fields[j]] = v
		}
		elements[i] = element
	}
	return elements
}

// columns returns the columns of r by name, as Decode would return them alone.
func (r RecordArray) columns() map[string]any {
	columns := make(map[string]any, len(r.Columns))
	for i, column := range r.Columns {
		if a, ok := column.(array); ok {
			column = a.natural()
		}
		columns[r.Fields[i]] = column
	}
	return columns
}

// rows returns each row of r with its values by name, as a map[string]any. It is
// not ok if the columns are not equally long, or have more than one dimension.
func (r RecordArray) rows() (rows []any, ok bool) {
	for i, column := range r.Columns {
		values, ok := columnValues(column)
		if !ok || i > 0 && len(values) != len(rows) {
			return nil, false
		}
		if i == 0 {
			rows = make([]any, len(values))
		}
		for j, v := range values {
			if i == 0 {
				rows[j] = make(map[string]any, len(r.Columns))
			}
			rows[j].(map[string]any)[r.Fields[i]] = v
		}
	}
	return rows, true
}

func columnValues(column any) (values []any, ok bool) {
	switch c := column.(type) {
	case RecordArray:
		return c.rows()
	case array:
		if len(c.shape()) != 1 {
			return nil, false
		}
		values = make([]any, c.size())
		for i := range values {
			values[i] = c.at(i)
		}
		return values, true
	}
	return nil, false
}
