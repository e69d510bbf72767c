// Package alarms is a pipeline that looks through the weather for what people ask about:
//
//	Request ←┬─ Request.Alarm ──┐
//	         ├─ Request.Object ─┼─ Check (with its Found)
//	         └──────────────────┘
//	         weather.DailyWeather ┘
//
// A request is rows that anybody may enter, change and delete: with alarms, which are parameters that a JSON Schema describes, and with the
// stations to look at. Its steps are the keys of Check: request × alarms × stations × years. No code of the
// worker knows of a particular request.
package alarms

import (
	"encoding/json"
	"time"

	"github.com/rowmill/rowmill/examples/weather/weather"
	"github.com/rowmill/rowmill/schema"
	"github.com/rowmill/rowmill/schema/jsonschema"
)

// Schema holds the tables of the pipeline.
var Schema = schema.New("alarms")

// A Request is what somebody wants to know.
type Request struct {
	Request int32
	Urgency int8
	Asker   string
}

// Requests are entered by whoever wants to know something (see [Enter]).
var Requests = schema.Manual[Request](Schema, `
	# What somebody wants to know
	request : int32
	---
	urgency = 5 : int8         # lower is earlier
	asker       : varchar(32)  # who wants to know
`)

// An Alarm is for which weather to look.
type Alarm struct {
	Request    int32
	Alarm      int16
	Parameters json.RawMessage
}

// Parameters describes the parameters of an alarm: a quantity that is above or below a threshold on so many days in a row.
const Parameters = `{
	"type": "object",
	"properties": {
		"quantity": {"enum": ["wind", "rain", "greatest temperature", "least temperature"]},
		"above":    {"type": "number"},
		"below":    {"type": "number"},
		"days":     {"type": "integer", "minimum": 1, "maximum": 31}
	},
	"required": ["quantity", "days"],
	"oneOf": [{"required": ["above"]}, {"required": ["below"]}],
	"additionalProperties": false
}`

// Alarms come with their request.
var Alarms = schema.Part[Alarm](Requests, `
	# For which weather to look
	-> master
	alarm : int16  # counting from 1
	---
	parameters : json
`).Ruled("parameters", jsonschema.Of(Parameters))

// An Object is where to look.
type Object struct {
	Request int32
	Station string
}

// Objects come with their request.
var Objects = schema.Part[Object](Requests, `
	# Where to look
	-> master
	-> weather.Station
`, weather.Stations)

// A CheckKey identifies a step of a request.
type CheckKey struct {
	Request int32
	Alarm   int16
	Station string
	Year    int16
}

// A Check is how often an alarm would have been given in a year.
type Check struct {
	CheckKey

	Times int16
}

// Checks are made by [Makers].
var Checks = schema.Computed[Check](Schema, `
	# How often an alarm would have been given in a year
	-> Request.Alarm
	-> Request.Object
	-> weather.DailyWeather
	---
	times : int16
`, Alarms, Objects, weather.DailyWeathers)

// A Found is a time for which an alarm would have been given.
type Found struct {
	CheckKey

	Since   time.Time
	Days    int16
	Extreme float64
}

// Founds come with their check.
var Founds = schema.Part[Found](Checks, `
	# A time for which the alarm would have been given
	-> master
	since : date
	---
	days    : int16    # how many, in the same year
	extreme : float64  # what was farthest from the threshold
`)
