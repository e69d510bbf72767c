// Package gen writes Go packages for the tables of databases: for each table a struct of its rows
// and a variable with its definition, as somebody would write them by hand.
//
// Its stages, and what each may not know: choose.go picks the tables, and knows no Go; names.go
// gives everything a name that nothing else has; types.go finds the types of fields, and
// structs.go what the structs hold; print.go writes it all down.
package gen

import (
	"fmt"
	"go/format"
	"go/token"
	"strings"

	"github.com/rowmill/rowmill/schema"
)

// Package writes the source of a package with the tables of schemas that schema.Describe found, and
// those of other schemas to which these refer. The first schema's variable is Schema. Without a
// name the package is called after it.
func Package(name string, schemas ...*schema.Schema) ([]byte, error) {
	if name == "" {
		name = packageName(schemas[0].Name())
	}
	if !token.IsIdentifier(name) || name == "_" {
		return nil, fmt.Errorf("a package cannot be called %q: small letters and digits are wanted, a letter first", name)
	}
	p := newPrinter(name, newUnit(choose(schemas)))
	source, err := format.Source([]byte(p.print()))
	if err != nil {
		return nil, fmt.Errorf("the generated source is wrong, which is a fault of rowmill gen: %w", err)
	}
	return source, nil
}

// packageName makes a package's name of a schema's: of small letters and digits.
func packageName(schema string) string {
	name := strings.Map(func(c rune) rune {
		if c == '_' || c == '-' {
			return -1
		}
		return c
	}, strings.ToLower(schema))
	if token.IsKeyword(name) || name == "main" {
		name += "db"
	}
	return name
}
