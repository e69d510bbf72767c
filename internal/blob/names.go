package blob

import (
	"strings"
	"unicode"
)

// snakeCase returns a Go name with its words in lower case between underscores;
// a run of capitals is one word: SubjectID is subject_id, HTTPPort is http_port.
func snakeCase(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' {
			startsWord := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if startsWord || !unicode.IsUpper(runes[i-1]) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
