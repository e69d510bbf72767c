package main

import "github.com/rowmill/rowmill/schema"

// Station holds what a weather station measures, in one database.
var Station = schema.New("station")

// A Reading is one look at a thermometer. When it was entered is the server's to say: the struct has no field for it.
type Reading struct {
	Reading    int64
	Fahrenheit float64
}

// Readings are entered by the station.
var Readings = schema.Manual[Reading](Station, `
	# One look at the thermometer
	reading    : int64                              # counting from 1
	---
	fahrenheit : float64                            # what it showed
	entered = CURRENT_TIMESTAMP(3) : datetime(3)    # by the server's clock
	index(entered)
`)

// Archive holds what is kept of it, in another.
var Archive = schema.New("archive")

// A Temperature is a reading in the archive.
type Temperature struct {
	Reading int64
	Celsius float64
}

// Temperatures are copied from Readings.
var Temperatures = schema.Manual[Temperature](Archive, `
	# A reading of the station
	reading : int64    # the station's number of it
	---
	celsius : float64  # the temperature
`)
