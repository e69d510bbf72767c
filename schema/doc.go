// Package schema declares tables.
//
// A table is a definition, a text in DataJoint's language, beside a plain Go struct that
// holds one of its rows:
//
//	var Schema = schema.New("lab")
//
//	// A Session is one recording of a subject.
//	type Session struct {
//		SubjectID int32
//		Session   int32
//		RateHz    float64
//		Signal    []float64
//	}
//
//	var Sessions = schema.Manual[Session](Schema, `
//		# One recording of a subject
//		-> Subject
//		session : int32
//		---
//		rate_hz : float64  # samples per second
//		signal  : <blob>   # the samples
//	`, Subjects)
//
// What stands above the --- is the primary key. The struct names the table, and its fields the
// attributes: SubjectID is subject_id; a tag `db:"name"` says otherwise. An embedded struct,
// as a key that several tables share, counts as its fields. "-> Subject" is a foreign key: it
// brings the primary key of Subjects, one of the tables that follow the definition.
//
// # Definitions
//
// A definition is read line by line. It is written as for DataJoint in Python, whose definitions
// can be pasted.
//
//	# Recording of a neuron                     the table's comment, if it is the first line
//	-> Session                                  a foreign key: the key of Sessions joins this one
//	neuron      : int16       # on the probe    an attribute: name : type  # comment
//	---                                         ends the primary key
//	sex = 'U'   : enum('F','M','U')             with a default value
//	depth = null: float32     # in µm           null, where not known: the field is a pointer
//	made = CURRENT_TIMESTAMP : datetime         the server's time, where no field says otherwise
//	-> [nullable] Probe                         below the ---: brings a secondary attribute
//	-> [unique] Slice                           at most one row here for each there
//	-> Neuron.proj(pre='neuron')                a foreign key under another name
//	index(depth)                                or unique index(…)
//
// Only the primary key is above the ---. A table without one has at most one row. What a foreign
// key names is the row struct of one of the tables that follow the definition, or a part's own
// "master", or another part as "Spectrum.Peak". Where tables of several schemas have that name it
// is the table's own schema's, or that of the schema before it: "-> lab.Subject". A Python module
// may stand there as well. No foreign key leads back to the table itself.
//
// The types, and the types of the fields that hold them:
//
//	int8, int16, int32, int64    an integer at least as wide, or unsigned
//	float32, float64             a float at least as wide; NaN and infinities are refused
//	bool                         bool
//	char(n), varchar(n)          string, of at most n letters
//	enum('a','b')                string
//	decimal(p,s)                 string, or a type for decimals: p digits, s of them after the point
//	date, datetime, datetime(n)  time.Time; n is how many digits of a second are kept
//	json                         json.RawMessage, or anything that package encoding/json takes
//	uuid                         uuid.UUID, of github.com/google/uuid
//	bytes                        []byte
//	<blob>                       a slice of numbers, or whatever else: DataJoint's format
//	<attach>                     a schema.Attachment: a file's name and content
//
// The types of MySQL and MariaDB themselves can stand in their place, as old tables have them:
//
//	tinyint … bigint, unsigned   an integer as wide; auto_increment or serial lets the server
//	                             number the rows, and no field is needed
//	decimal, float, double       as above
//	time                         time.Duration, or string
//	timestamp, year              time.Time, an integer
//	text, longtext, …            string
//	blob, longblob, …            []byte, or what DataJoint packed
//	binary(n), bit(n), point, …  []byte
//	set('a','b')                 string, with commas between the members
//
// A field for an attribute that may be null is a pointer, or a sql.Null[T]. A date or time is a
// wall clock: it is kept as it reads in its own zone, without the zone, and comes back in UTC.
// Agree on a zone, and convert with t.In before you insert. A default is a value of the
// attribute's type.
//
// A [Codec] adds a type of your own, and is given to [New]:
//
//	var png = schema.NewCodec("png", "bytes", encodePNG, decodePNG) // for fields of type image.Image
//	var Schema = schema.New("lab", png)                             // frame : <png>
//
// Besides attributes, an index takes values in json, by a path and the server's type of what is
// there, and expressions in parentheses. MySQL and SQLite have such indexes, and MariaDB has none.
//
//	index(settings.laser.power:decimal(8,3))
//	unique index(subject, (lower(name)))
//
// The whole grammar is in grammar.txt, in the package's folder. What Rowmill takes otherwise than
// DataJoint does, as an attribute that two lines declare, or a backslash in a default, it refuses
// in a sentence.
//
// Declarations are checked when the program starts. One that is wrong, or does not fit its
// struct, panics with the file and line of the declaration. [Schema.Declare] creates the tables
// in a database, and a [Diagram] draws them.
//
// [Describe] goes the other way: from the tables of a database, whoever made them, to their
// definitions. The command rowmill prints these, and writes a Go package of them.
//
// The package knows tables and what can be stored in them. It runs no queries.
package schema
