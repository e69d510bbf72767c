package blob

// What a blob begins with.
const (
	magicMATLAB = "mYm\x00"   // arrays, cell arrays and struct arrays only
	magicPython = "dj0\x00"   // anything
	magicZlib   = "ZL123\x00" // a compressed body
)

// The first byte of a value.
const (
	tagNone     = 0xff
	tagTuple    = 0x01
	tagList     = 0x02
	tagSet      = 0x03
	tagDict     = 0x04
	tagString   = 0x05
	tagBytes    = 0x06
	tagInt      = 0x0a
	tagBool     = 0x0b
	tagComplex  = 0x0c
	tagFloat    = 0x0d
	tagDecimal  = 'd'
	tagDatetime = 't'
	tagUUID     = 'u'
	tagArray    = 'A'
	tagCell     = 'C'
	tagStruct   = 'S'
	tagRecord   = 'F'
	tagSparse   = 'P'
)

// The element types of an array.
const (
	typeBool       = 3
	typeChar       = 4
	typeObject     = 5
	typeFloat64    = 6
	typeFloat32    = 7
	typeInt8       = 8
	typeUint8      = 9
	typeInt16      = 10
	typeUint16     = 11
	typeInt32      = 12
	typeUint32     = 13
	typeInt64      = 14
	typeUint64     = 15
	typeFunction   = 16
	typeDatetime   = 65536 // of years; twelve finer units follow
	typeDatetimeUs = typeDatetime + 8
	typeDatetimeNs = typeDatetime + 9
)

const (
	// maxDepth is how deep values may nest: deeper than Python's own stack
	// lets its packer go, and shallow enough for any stack of Go's.
	maxDepth = 1000

	// maxDims is the number of dimensions NumPy allows.
	maxDims = 64

	// minSized is the fewest bytes a sized value takes: its length and a tag. (Of
	// 32-bit counts, a length, a tag and the number of dimensions.)
	minSized = 8 + 1

	// maxBody is the longest body that is read or written: what fits into the
	// largest packet that MySQL and MariaDB send.
	maxBody = 1 << 30

	// minColumn is the fewest bytes of a record array's column: its name's end, a
	// tag and a number.
	minColumn = 1 + 1 + 4

	// compressAbove is the length of a body that is still left as it is.
	compressAbove = 1000

	// maxRatio is the most deflate can shrink anything by.
	maxRatio = 1032
)
