package datatype

import "strings"

// Referring is the type of an attribute that refers to one of type t, which alone is numbered by the
// server.
func (t Type) Referring() Type {
	if !t.Auto {
		return t
	}
	plain := strings.ToLower(t.Stored)
	if plain == "serial" {
		plain = "bigint unsigned"
	}
	return MustParse(strings.TrimSpace(strings.TrimSuffix(plain, "auto_increment")))
}
