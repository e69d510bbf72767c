package weather

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rowmill/rowmill/populate"
)

// columns are what an answer has, in this order.
var columns = []string{"date", "precipitation", "temp_max", "temp_min", "wind", "weather"}

// parse reads the answer for a year. What is wrong with its form is an error of the kind populate.KindInvalid, and what is wrong
// with its content one of populate.KindCorrupted: who asks again would get the same.
func parse(key YearKey, text string) ([]Day, error) {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, populate.Invalid(err)
	}
	if len(lines) < 2 {
		return nil, populate.Invalid(errors.New("the answer has no days"))
	}
	for i, name := range columns {
		if i >= len(lines[0]) || lines[0][i] != name {
			return nil, populate.Invalid(fmt.Errorf("the field %s is missing: the answer has %s", name, strings.Join(lines[0], ", ")))
		}
	}
	var days []Day
	for i, fields := range lines[1:] {
		day, err := parseDay(key, fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		days = append(days, day)
	}
	return days, nil
}

func parseDay(key YearKey, fields []string) (Day, error) {
	date, err := time.Parse(time.DateOnly, fields[0])
	switch {
	case err != nil:
		return Day{}, populate.Corrupted(fmt.Errorf("no calendar has the day %q", fields[0]))
	case date.Year() != int(key.Year):
		return Day{}, populate.Corrupted(fmt.Errorf("%s lies outside of the year %d, for which it was asked", fields[0], key.Year))
	}
	d := Day{YearKey: key, Date: date, Weather: fields[5]}
	for i, to := range []*float64{&d.PrecipitationMM, &d.TempMaxC, &d.TempMinC} {
		if *to, err = strconv.ParseFloat(fields[i+1], 64); err != nil {
			return d, populate.Invalid(fmt.Errorf("the field %s is %q, which is no number", columns[i+1], fields[i+1]))
		}
	}
	if fields[4] == "" {
		return d, nil
	}
	wind, err := strconv.ParseFloat(fields[4], 64)
	if err != nil {
		return d, populate.Invalid(fmt.Errorf("the field wind is %q, which is no number", fields[4]))
	}
	d.WindMS = &wind
	return d, nil
}
