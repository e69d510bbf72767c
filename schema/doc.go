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
// A definition is read line by line. Its first line may be a comment on the table.
//
//	# Recording of a neuron                     the table's comment
//	-> Session                                  a foreign key: the key of Sessions joins this one
//	neuron      : int16       # on the probe    an attribute: name : type  # comment
//	---                                         ends the primary key
//	sex = 'U'   : enum('F','M','U')             with a default value
//	depth = null: float32     # in µm           null, where not known: the field is a pointer
//	made = CURRENT_TIMESTAMP : datetime         the server's time, where no field says otherwise
//	-> [nullable] Probe                         below the ---: brings a secondary attribute
//	-> Neuron.proj(pre='neuron')                a foreign key under another name
//	index(depth)                                or unique index(…)
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
//	<attach>                     [Attachment]: a file
//	<name>                       what the codec of that name is for: see [NewCodec]
//
// The types of MySQL and MariaDB themselves, as older tables have them, can be named too:
//
//	int unsigned, mediumint, …   an integer at least as wide; with auto_increment, 0 lets the server choose
//	float, double, real          a float at least as wide
//	time, time(n)                time.Duration, or string
//	timestamp, timestamp(n)      time.Time
//	year                         an integer of 16 bits or more
//	tinytext, …, longtext        string
//	tinyblob, …, longblob        []byte, or what <blob> holds: DataJoint before 2.0 kept it there
//	binary(n), varbinary(n)      []byte
//	bit(n)                       []byte, the highest bits first
//	set('a','b')                 string: members, with commas between
//
// What is stored comes back as it was, on every server, and what does not fit is an error, but for
// this: a moment, or a time.Duration, is cut to the digits of a second that are kept; a float32 keeps a
// float64 rounded, and -0 comes back as 0; a char drops the spaces at its end, as members of an enum do; a
// decimal comes back with all of its digits after the point, and a set with its members in their order; a
// binary and a bit are filled up with zeros. A json is kept as a value: its spaces, the order of its keys
// and one of two equal keys may be lost, and on MySQL a number that is neither a 64-bit integer nor a
// float64. SQLite has no integer above the largest int64.
//
// A field for an attribute that may be null is a pointer, or a sql.Null[T], or of a type that can be
// nil anyway, as a slice and an interface are. A date or time is a wall clock: it is kept as it reads
// in its own zone, without the zone, and comes back in UTC. Agree on a zone, and convert with t.In
// before you insert. A default is a value of the attribute's type. The grammar is in grammar.txt, in
// the package's folder.
//
// Declarations are checked when the program starts. One that is wrong, or does not fit its
// struct, panics with the file and line of the declaration. [Schema.Declare] creates the tables
// in a database, and a [Diagram] draws them.
//
// The package knows tables and what can be stored in them. It runs no queries.
package schema
