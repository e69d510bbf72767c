package main

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/rowmill/rowmill/schema"
)

// declareLab declares tables of every kind, in two schemas, with names and comments that are trouble to somebody.
func declareLab() *schema.Schema {
	rig := schema.New("rig-2", schema.Opaque("npy@raw", "json"))
	type Person struct{ Person string }
	persons := schema.Lookup[Person](rig, `
		# Who works here
		person : varchar(16)
	`, nil)
	type Probe struct {
		Probe string
		Sites json.RawMessage
	}
	probes := schema.Manual[Probe](rig, `
		probe : varchar(16)  # serial number
		---
		sites : <npy@raw>    # where its contacts are
	`)
	type Contact struct {
		Probe   string
		Contact uint8
	}
	contacts := schema.Part[Contact](probes, `
		-> master
		contact : tinyint unsigned
	`)
	type Unneeded struct{ N int32 }
	schema.Manual[Unneeded](rig, "n : int32  # no other table refers to it")

	lab := schema.New("lab", schema.Opaque("npy@raw", "json"), schema.Opaque("png", "bytes"))
	subjects := declareSubjects(lab, persons)
	declareSessions(lab, subjects, persons, contacts)
	declareTypes(lab)
	declareTrouble(lab, subjects)
	return lab
}

func declareSubjects(lab *schema.Schema, persons schema.Declared) schema.Declared {
	type Subject struct {
		SubjectID int32
		Sex       string
		Born      *time.Time
		Person    *string
	}
	subjects := schema.Manual[Subject](lab, `
		# An animal of the lab, with "quotes", `+"`backquotes`"+` and */ what not
		subject_id : int32                    # number on the cage
		---
		sex = 'U'  : enum('F', 'M', 'U', '')  # as far as one can see
		born = null : date
		-> [nullable] rig.Person
	`, persons)
	type Surgery struct {
		SubjectID int32
		Surgeon   string
		Helper    *string
		Cost      string
		Took      time.Duration
	}
	schema.Manual[Surgery](lab, `
		-> Subject
		---
		-> Person.proj(surgeon='person')
		-> [nullable, unique] Person.proj(helper='person')
		cost = 1.50 : decimal(8,2)  # in €
		took : time
		index (surgeon, cost)
	`, subjects, persons)
	type Mouse struct {
		SubjectID int32
		Father    *int32
	}
	schema.Manual[Mouse](lab, `
		# One-to-one with subjects
		-> Subject
		---
		-> [nullable] Subject.proj(father='subject_id')
	`, subjects)
	return subjects
}

func declareSessions(lab *schema.Schema, subjects, persons, contacts schema.Declared) {
	type Session struct {
		SubjectID int32
		Session   int16
		Started   time.Time
	}
	sessions := schema.Manual[Session](lab, `
		# Recording session
		-> Subject
		session : int16
		---
		started = CURRENT_TIMESTAMP : datetime
	`, subjects)
	type Method struct {
		Method string
		Kind   string
	}
	methods := schema.Lookup[Method](lab, `
		method : enum('fft', 'wavelet/2', '+', '-', 'ωave')
		---
		kind : set('fast','exact')
	`, nil)
	type Recording struct {
		SubjectID int32
		Session   int16
		Probe     string
		Contact   uint8
		Signal    any
		Raw       json.RawMessage
	}
	recordings := schema.Imported[Recording](lab, `
		# What was recorded
		-> Session
		-> rig.Probe.Contact
		---
		signal : <blob>     # in mV
		raw    : <npy@raw>
	`, sessions, contacts)
	type Spectrum struct {
		SubjectID int32
		Session   int16
		Probe     string
		Contact   uint8
		Method    string
		Power     any
		Thumbnail []byte
	}
	spectra := schema.Computed[Spectrum](lab, `
		# Power spectrum
		-> Recording
		-> Method
		---
		power = null : <blob>
		thumbnail = null : <png>
	`, recordings, methods)
	type Peak struct {
		SubjectID int32
		Session   int16
		Probe     string
		Contact   uint8
		Method    string
		Peak      int8
		Hz        float64
	}
	peaks := schema.Part[Peak](spectra, `
		-> master
		peak : int8  # from the lowest, 0
		---
		hz   : float64
	`)
	type Best struct {
		SubjectID int32
		Session   int16
		Probe     string
		Contact   uint8
		Method    string
		Peak      int8
		Judge     string
		Why       string
	}
	schema.Computed[Best](lab, `
		-> Session
		---
		-> Spectrum.Peak
		-> rig.Person.proj(judge='person')
		why : varchar(255)
	`, sessions, peaks, persons)
	declareTraces(lab, sessions)
}

func declareTraces(lab *schema.Schema, sessions schema.Declared) {
	type Trace struct {
		SubjectID int32
		Session   int16
		File      schema.Attachment
	}
	traces := schema.Imported[Trace](lab, `
		-> Session
		---
		file : <attach>
	`, sessions)
	type Peak struct { // as a part of Spectrum is called
		SubjectID int32
		Session   int16
		Peak      int32
	}
	schema.Part[Peak](traces, "-> master\npeak : int32")
	type Pair struct {
		SubjectA int32
		SessionA int16
		SubjectB int32
		SessionB int16
	}
	pairs := schema.Manual[Pair](lab, `
		-> Session.proj(subject_a='subject_id', session_a='session')
		-> Session.proj(subject_b='subject_id', session_b='session')
	`, sessions)
	type Distance struct {
		SubjectA int32
		SessionA int16
		SubjectB int32
		SessionB int16
		Distance float32
	}
	schema.Computed[Distance](lab, `
		-> Pair
		---
		distance : float32
	`, pairs)
}

// declareTypes declares tables with attributes of every type.
func declareTypes(lab *schema.Schema) {
	type AllTypes struct {
		K     uuid.UUID
		S     string
		I8    int8
		I16   int16
		I32   int32
		I64   *int64
		F32   float32
		F64   *float64
		Dec   string
		Flag  bool
		Maybe *bool
		Vc    string
		Ch    *string
		D     time.Time
		Dt3   time.Time
		Dt6   *time.Time
		Js    json.RawMessage
		Js2   json.RawMessage
		Uu    *uuid.UUID
		By    []byte
		By2   []byte
		Bl    any
		At    *schema.Attachment
	}
	schema.Manual[AllTypes](lab, `
		k : uuid
		s : char(4)
		---
		i8 : int8
		i16 = 7 : int16
		i32 = -1 : int32
		i64 = null : int64
		f32 : float32
		f64 = null : float64
		dec = 1.25 : decimal(30,3)
		flag = true : bool
		maybe = null : bool
		vc = "it's" : varchar(40)
		ch = null : char(10)
		d : date
		dt3 = CURRENT_TIMESTAMP(3) : datetime(3)
		dt6 = null : datetime(6)
		js = null : json
		js2 : json
		uu = null : uuid
		by : bytes
		by2 = null : bytes
		bl : <blob>
		at = null : <attach>
		unique index (i8, i16)
	`)
	type Old struct {
		ID  uint32
		Ti  int8
		Tu  *uint8
		Sm  uint16
		Me  int32
		Bi  uint64
		Bl  []byte
		Mb  []byte
		Tx  string
		Lt  *string
		TS  time.Time
		Ti3 *time.Duration
		Y   int16
		Fl  float32
		Do  float64
		Nu  string
		Bn  []byte
		Vb  []byte
		Bt  []byte
	}
	schema.Manual[Old](lab, `
		# Types of a server's own
		id : int unsigned auto_increment
		---
		ti : tinyint
		tu = null : tinyint unsigned
		sm : smallint unsigned
		me : mediumint
		bi : bigint unsigned
		bl : longblob
		mb = null : mediumblob
		tx : text
		lt = null : longtext
		ts : timestamp
		ti3 = null : time(3)
		y : year
		fl : float
		do : double
		nu : decimal(6,2)
		bn : binary(4)
		vb : varbinary(9)
		bt : bit(9)
	`)
	type Setting struct{ Threshold float64 }
	schema.Lookup[Setting](lab, `
		# The one row of settings
		---
		threshold : float64
	`, nil)
}

// declareTrouble declares tables whose names, and whose attributes' names, mean something to Go.
func declareTrouble(lab *schema.Schema, subjects schema.Declared) {
	type Schema struct {
		X1        int32
		X2        int32 `db:"x_1"`
		Type      int32
		Func      string
		SchemaKey string
		AB        int32  `db:"a__b"`
		URL       string `db:"http_url"`
	}
	schemas := schema.Manual[Schema](lab, `
		x1 : int32
		x_1 : int32
		---
		type : int32
		func : varchar(9)
		schema_key : varchar(9)
		a__b : int32
		http_url : varchar(99)
	`)
	type Schemas struct {
		X1   int32
		X2   int32 `db:"x_1"`
		Time string
	}
	schema.Computed[Schemas](lab, `
		# %d{x} ☃ \ \n
		-> Schema
		---
		time : varchar(9)  # // */ `+"`x`"+`
	`, schemas)
	type Person struct{ SubjectID int32 } // as a table of the other schema is called
	schema.Manual[Person](lab, "-> Subject", subjects)
	type String struct{ String string }
	schema.Lookup[String](lab, "string : varchar(9)", nil)
}
