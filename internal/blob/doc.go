// Package blob encodes and decodes DataJoint's <blob> format: the bytes in
// which a table keeps a value that is no number, text or time of SQL's.
//
// A blob made by Python or by MATLAB can be read here, and what is written here
// is read there as the natural value of that language: a []float64 is a NumPy
// vector, a [][]float64 a matrix, a map or a struct a dict.
//
// # The bytes
//
// Numbers are little-endian; u16, u32 and u64 are unsigned, i32 and i64 signed,
// f64 is a double. A sized value is preceded by its own length in bytes.
//
//	file    = body | "ZL123\0" u64(length of body) zlib(body)
//	body    = ("mYm\0" | "dj0\0") value          nothing may follow the value
//	sized   = u64(length) value
//	name    = bytes without a zero, then "\0"
//	shape   = u64(dimensions) u64(extent)...
//
//	value   = ff                                 None
//	        | 01 | 02 | 03  u64(n) sized...      tuple, list, set
//	        | 04  u64(n) (sized sized)...        dict: key, value
//	        | 05  u64(n) UTF-8 of n bytes        str
//	        | 06  u64(n) n bytes                 bytes
//	        | 0a  u16(n) two's complement in n   int of any size
//	        | 0b  one byte                       bool
//	        | 0c  f64(real) f64(imaginary)       complex
//	        | 0d  f64                            float
//	        | 'd' u64(n) ASCII of n bytes        Decimal
//	        | 't' i32(date) i64(time)            date, time or datetime
//	        | 'u' sixteen bytes                  UUID, most significant first
//	        | 'A' shape u32(type) u32(complex) element...
//	        | 'C' shape sized...                 MATLAB cell array
//	        | 'S' shape u32(n) name... sized...  MATLAB struct array
//	        | 'F' u32(n) name... value...        NumPy record array: columns
//	        | 'P'                                MATLAB sparse array: not read
//
// The body is compressed when it is longer than 1000 bytes and gets shorter by
// it. One of more than 1 GiB is neither written nor read. Its header is "mYm\0"
// while only what MATLAB knows is used (A of at least one dimension, C and S) and
// "dj0\0" otherwise; readers treat both alike.
//
// A date is the decimal number yyyymmdd and a time is hhmmss followed by six
// digits of microseconds; −1 stands for the half that is absent. Neither has a
// time zone.
//
// The elements of A, C and S lie in column-major order: the first index varies
// fastest. An array of no dimensions is one element, a NumPy scalar. The
// element types are
//
//	 3 bool, one byte                 4 char, a UTF-16 unit
//	 5 object, each a sized value     6 float64      7 float32
//	 8 int8     9 uint8              10 int16       11 uint16
//	12 int32   13 uint32             14 int64       15 uint64
//	16 function: not read
//	65536…65548 datetime64 of Y M W D h m s ms us ns ps fs as, int64 since 1970
//
// and a complex array has all real parts before all imaginary ones. The values
// of a struct array come element by element, each with all its fields; a record
// array has one A (or F) a field, and no lengths between them.
//
// On 32-bit machines MATLAB wrote "mYm\0" with u32 in the place of every u64,
// that of the compressed file included. Such blobs are read, too: a u64 would be
// impossibly large there. They are never written, and an empty cell or struct
// array alone in one, whose u64 would be a possible one, is taken for a blob that
// was cut short.
//
// # Go values
//
// Encode writes the Go value on the left as what stands on the right; Decode
// returns the first Go type of a line.
//
//	nil, a nil pointer                         → None
//	bool                                       → bool
//	int64, *big.Int when larger, every int     → int
//	float64, float32                           → float
//	complex128, complex64                      → complex
//	string, types of that kind                 → str
//	[]byte, arrays of bytes                    → bytes
//	[]T: bool, sized ints, floats, complex     → array of one dimension
//	Array[T]; [][]T and deeper, [m][n]T        → array
//	[]time.Time and deeper, Array[time.Time]   → array of datetime64[us], or of [ns]
//	[]Datetime64, Array[Datetime64]            → array of datetime64 of its unit
//	Datetime64                                 → NumPy's datetime64
//	Array[any], Array of any other type        → array of objects
//	[]any, every other slice                   → list
//	Tuple, Set                                 → tuple, set
//	map[string]any, structs, other maps        → dict
//	Dict                                       → dict whose keys are not all strings
//	time.Time                                  → datetime
//	Date, TimeOfDay                            → date, time
//	Decimal                                    → Decimal
//	uuid.UUID                                  → UUID
//	CellArray, StructArray, RecordArray        → the arrays C, S and F
//
// Nested slices are one array of as many dimensions if they are rectangular,
// which is to say that slices beside each other are equally long; it has the
// extents of these even where there are no elements: [][]float64{{}, {}} has two
// rows and no columns. (Slices that are not there have no length: [][]float64{}
// is 0 by 0, and [][3]float64{} is 0 by 3.) If they are ragged, they are a list
// of their rows, which Unmarshal puts into the same slices again.
//
// A slice of uint8 is bytes, not an array. Whoever wants an array of uint8
// writes an Array[uint8], or a slice of a type of their own:
//
//	type gray uint8 // [][]gray is an array of two dimensions
//
// Likewise Array[float32]{Data: []float32{x}}, of no dimensions, is a NumPy
// scalar. Decode returns a NumPy scalar as a plain Go value, keeping its type,
// and a MATLAB char array of one row as a string. What no plain value stands for
// remains an Array of no dimensions: an object, a NaT, a datetime64 in a year that
// Python's datetime does not know.
//
// Slices and maps that are nil are written as empty ones: a result without
// elements is not an unknown result. In an array of times the zero time.Time is
// NumPy's NaT, and nanoseconds are kept where the range of datetime64[ns], the
// years 1678 to 2261, holds all of them; elsewhere times are cut to microseconds.
package blob
