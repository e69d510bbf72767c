// Package spell turns Go names into the database's, and guesses what a misspelt name meant.
package spell

import (
	"strings"
	"unicode"
)

// Snake spells the name of a struct field as an attribute: SubjectID is subject_id, RateHz is
// rate_hz, X1 is x1.
func Snake(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterSmall := !unicode.IsUpper(runes[i-1]) && runes[i-1] != '_'
			endsAcronym := i+1 < len(runes) && unicode.IsLower(runes[i+1]) && runes[i-1] != '_'
			if afterSmall || endsAcronym {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Table spells the name of a row struct as DataJoint spells the name of a class: an
// underscore before every capital but the first, so that both find the same table.
// PowerSpectrum is power_spectrum, ABTest is a_b_test.
func Table(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Class is the name of the row struct whose table is called so, without the prefix of its tier:
// power_spectrum is PowerSpectrum, a_b_test is ABTest.
func Class(table string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(table, "_") {
		b.WriteString(capital(word))
	}
	return b.String()
}

// initialisms are the words that Go's linters want in capitals.
var initialisms = map[string]bool{
	"acl": true, "amqp": true, "api": true, "ascii": true, "cpu": true, "css": true, "db": true, "dns": true, "eof": true,
	"gid": true, "guid": true, "html": true, "http": true, "https": true, "id": true, "ip": true, "json": true, "qps": true,
	"ram": true, "rpc": true, "rtp": true, "sip": true, "sla": true, "smtp": true, "sql": true, "ssh": true, "tcp": true,
	"tls": true, "ts": true, "ttl": true, "udp": true, "ui": true, "uid": true, "uri": true, "url": true, "utf8": true,
	"uuid": true, "vm": true, "xml": true, "xmpp": true, "xsrf": true, "xss": true,
}

// Field is the name that Go would give to the field of an attribute: subject_id is SubjectID, rate_hz
// is RateHz. Snake spells it back, but for attributes such as x_1 or a__b, which no field's name means.
func Field(attr string) string {
	plain, idiomatic := "", ""
	for word := range strings.SplitSeq(attr, "_") {
		plain += capital(word)
		if initialisms[word] {
			word = strings.ToUpper(word)
		}
		idiomatic += capital(word)
	}
	if Snake(idiomatic) != attr && Snake(plain) == attr {
		return plain
	}
	return idiomatic
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// Guess returns `; did you mean "…"?` with the candidate that is closest to word, or nothing
// where none is close: it is appended to an error.
func Guess(word string, candidates []string) string {
	best, least := "", 1+len(word)/3
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d <= least && (best == "" || d < least) {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return `; did you mean "` + best + `"?`
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour
// to get from a to b (the optimal string alignment distance).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
