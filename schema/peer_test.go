package schema

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// newPeer declares, under any schema name, the tables for which it is known to the letter
// what DataJoint for Python sends to the server. The definitions are its own.
func newPeer(name string) *Schema {
	s := New(name)

	type Source struct{ ID int32 }
	sources := Manual[Source](s, `
		# a source table
		id : int32  # source id
	`)

	type Method struct {
		Method string
		Order  int16
	}
	methods := Lookup(s, `
		# method lookup
		method : varchar(16)   # method name
		---
		order : int16          # a reserved word column
	`, []Method{{"a", 1}, {"b", 2}})

	type SourceInfo struct {
		ID int32
		N  int64
	}
	infos := Imported[SourceInfo](s, `
		# imported table
		-> Source
		---
		n = 0 : int64          # count
	`, sources)

	type Channel struct {
		ID      int32
		Channel int16
		Data    []int64
	}
	Part[Channel](infos, `
		# part of imported
		-> master
		channel : int16    # channel number
		---
		data : <blob>      # array
	`)

	type Result struct {
		ID     int32
		Method string
		Value  float64
	}
	Computed[Result](s, `
		# computed table
		-> SourceInfo
		-> Method
		---
		value : float64   # the value
	`, infos, methods)

	type SourcePair struct {
		A      int32 `db:"id_a"`
		B      int32 `db:"id_b"`
		Method *string
		ID     int32
	}
	Manual[SourcePair](s, `
		# renamed foreign keys in the primary key
		-> Source.proj(id_a='id')
		-> Source.proj(id_b='id')
		---
		-> [nullable] Method
		-> [unique] SourceInfo
	`, sources, methods, infos)

	type MetaResult struct {
		ID    int32
		Value float64
	}
	Computed[MetaResult](s, `
		# with job metadata
		-> Source
		---
		value : float64
	`, sources)

	type Singleton struct{ V int32 }
	Lookup[Singleton](s, `
		# singleton with empty key
		---
		v : int32
	`, []Singleton{{7}})

	declareAllTypes(s, sources, methods)
	declareUks(s, methods)
	return s
}

// An allTypes holds a value of every core type. Its table is declared as AllTypes.
type allTypes struct {
	K           uuid.UUID
	S           string
	I8          int8
	I16         int16
	I32         int32
	I64         *int64
	F32         float32
	F64         float64
	Dec         string
	Flag        bool
	Vc          string
	Ch          *string
	D           time.Time
	D0          *time.Time
	Dt          time.Time
	Dt3         time.Time
	Dt6         *time.Time
	En, En2     string
	Js, Js2     json.RawMessage
	Uu          *uuid.UUID
	By          []byte
	Bl          []float64
	ID          *int32
	MethodAlias string
}

func declareAllTypes(s *Schema, sources, methods Declared) {
	type AllTypes struct{ allTypes }
	Manual[AllTypes](s, `
		# every core type
		k : uuid              # uuid primary key
		s = "x" : char(4)     # char in key
		---
		i8 : int8             # one byte
		i16 = 7 : int16
		i32 = -1 : int32
		i64 = null : int64
		f32 : float32
		f64 = 2.5 : float64   # with default
		dec = 1.25 : decimal(8,3)
		flag = 1 : bool        # boolean
		vc = "it's" : varchar(40)   # apostrophe "quoted" comment
		ch = null : char(10)
		d : date
		d0 = null : date
		dt : datetime
		dt3 = CURRENT_TIMESTAMP(3) : datetime(3)
		dt6 = null : datetime(6)
		en : enum('small', 'medium', 'large')
		en2 = "b" : enum('a','b')
		js = null : json
		js2 : json
		uu = null : uuid
		by : bytes
		bl = null : <blob>
		-> [nullable] Source
		-> Method.proj(method_alias='method')
		unique index (i8, i16)
		index (d, dt)
	`, sources, methods)
}

// declareUks are a key of three types, and what becomes of it in the tables that refer to it.
func declareUks(s *Schema, methods Declared) {
	type key struct {
		U  uuid.UUID
		E  string
		Dt time.Time
	}
	type Uk struct {
		key
		Note string
	}
	uks := Manual[Uk](s, `
		# uuid key parent
		u : uuid      # uuid key
		e = "a" : enum('a','b')  # enum in key
		dt : datetime(3)   # datetime key
		---
		note = "" : varchar(255)
	`)

	type UkChild struct {
		key
		X *float32
	}
	children := Computed[UkChild](s, `
		# child of uuid key
		-> Uk
		---
		x = null : float32
	`, uks)

	type Piece struct {
		key
		Method string
		Piece  int32
		W      float32
	}
	pieces := Part[Piece](children, `
		# part of computed
		-> master
		-> Method
		piece : int32
		---
		w : float32
	`, methods)

	type UkGrand struct {
		UAlias uuid.UUID
		E      string
		When   time.Time
		PU     uuid.UUID `db:"p_u"`
		PE     string    `db:"p_e"`
		PDt    time.Time
		Method string
		Piece  int32
		Y      float64
	}
	Computed[UkGrand](s, `
		# grandchild through a renamed projection
		-> UkChild.proj(u_alias='u', when='dt')
		---
		-> UkChild.Piece.proj(p_u='u', p_e='e', p_dt='dt')
		y : float64
	`, children, pieces)
}

// find is the table of a schema that is called so in Go.
func find(s *Schema, class string) *Table {
	for _, t := range s.Tables() {
		if t.class == class {
			return t
		}
	}
	panic("no table " + class)
}
