package schema

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rowmill/rowmill/internal/datatype"
	"github.com/rowmill/rowmill/internal/dialect"
)

var (
	currentTime = regexp.MustCompile(`(?i)^CURRENT_TIMESTAMP(?:\(([0-6]?)\))?$`)
	quotedText  = regexp.MustCompile(`^(?:'((?:[^']|'')*)'|"([^"]*)")$`)
)

// withDefault is the attribute with a default value, read into the SQL that declares it.
func (a Attr) withDefault(text string) (Attr, error) {
	switch {
	case text == "":
		return a, fmt.Errorf("a default value is wanted after =")
	case a.Type.Auto:
		return a, fmt.Errorf("%s can have no default: servers number the rows", a.Type.Spec)
	case strings.EqualFold(text, "null"):
		a.Nullable, a.Default = true, "NULL"
		return a, nil
	case a.Type.Large() || a.Type.Kind == datatype.UUID:
		return a, fmt.Errorf("%s can have no default but null", a.Type.Spec)
	case strings.Contains(text, `\`):
		return a, fmt.Errorf(`%s has a backslash, which means one thing to one server and another to the next`, text)
	case currentTime.MatchString(text):
		a.Default = strings.TrimSuffix(strings.ToUpper(text), "()")
		return a, a.checkCurrentTime()
	}
	plain, err := unquote(text)
	if err != nil {
		return a, err
	}
	if err := a.Type.CheckText(plain); err != nil {
		return a, fmt.Errorf("the default %w", err)
	}
	a.Default = dialect.Literal(plain)
	if a.Type.Kind == datatype.Bool {
		a.Default = map[string]string{"true": "'1'", "1": "'1'", "false": "'0'", "0": "'0'"}[strings.ToLower(plain)]
	}
	return a, nil
}

// checkCurrentTime wants as many digits as the attribute keeps: no server takes others everywhere.
func (a Attr) checkCurrentTime() error {
	given, wanted := strings.Replace(a.Default, "(0)", "", 1), "CURRENT_TIMESTAMP"
	if a.Type.Fraction > 0 {
		wanted = fmt.Sprintf("CURRENT_TIMESTAMP(%d)", a.Type.Fraction)
	}
	switch {
	case !a.Type.Temporal():
		return fmt.Errorf("%s is the default of a datetime; %q is %s", a.Default, a.Name, a.Type.Spec)
	case given != wanted:
		return fmt.Errorf("%s is no default of a %s: %s is wanted", a.Default, a.Type.Spec, wanted)
	}
	return nil
}

// unquote is the text of a default, which need not stand in quotes.
func unquote(text string) (string, error) {
	if !strings.ContainsAny(text, `'"`) {
		return text, nil
	}
	m := quotedText.FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf(`%s is no quoted text: 'text', with '' for a quote in it, or "text" is wanted`, text)
	}
	return strings.ReplaceAll(m[1], "''", "'") + m[2], nil
}
