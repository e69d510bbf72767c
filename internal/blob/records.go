package blob

// elements returns the elements of s, each with its values by name as a
// map[string]any.
func (s StructArray) elements() Array[any] {
	if len(s.Fields) == 0 {
		return vector([]any{})
	}
	elements := make([]any, len(s.Data))
	for i, values := range s.Data {
		element := make(map[string]any, len(values))
		for j, v := range values {
			element[s.Fields[j]] = v
		}
		elements[i] = element
	}
	return Array[any]{s.Shape, elements}
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

// rows returns the extent of the first dimension, which is not ok if the columns
// do not share one, and how many columns there are with those of the records in
// it.
func (r RecordArray) rows() (n, columns int, ok bool) {
	for i, column := range r.Columns {
		extent := 0
		switch c := column.(type) {
		case array:
			if len(c.shape()) == 0 {
				return 0, 0, false
			}
			extent = c.shape()[0]
		case RecordArray:
			var inner int
			if extent, inner, ok = c.rows(); !ok {
				return 0, 0, false
			}
			columns += inner
		}
		if i > 0 && extent != n {
			return 0, 0, false
		}
		n = extent
	}
	columns += len(r.Columns)
	return n, columns, columns > 0
}

// row returns the part of r whose first index is i: one record, with its values
// by name as a map[string]any, where a column has no further dimension, and a
// RecordArray otherwise.
func (r RecordArray) row(i int) any {
	part, isRecord := RecordArray{r.Fields, make([]any, len(r.Columns))}, false
	for j, column := range r.Columns {
		var v any
		switch c := column.(type) {
		case array:
			if len(c.shape()) == 1 {
				v, isRecord = c.at(i), true
			} else {
				v = c.row(i)
			}
		case RecordArray:
			v = c.row(i)
			if _, ok := v.(map[string]any); ok {
				isRecord = true
			}
		}
		part.Columns[j] = v
	}
	if isRecord {
		return part.columns()
	}
	return part
}
