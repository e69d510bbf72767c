package schema

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/callsite"
	"github.com/rowmill/rowmill/internal/spell"
)

// A Rule says which of the values that an attribute's type can hold are meant. It is asked by each program that enters
// or changes rows through the table that has it, and kept nowhere: programs of other languages, statements
// typed by hand and tables made by [Describe] know nothing of it (see [TableOf.Check]). It is used by several goroutines at
// once. Package schema/jsonschema has one that is a JSON Schema.
type Rule interface {
	// Suits says what is wrong with the rule, or why it is none for this attribute. [TableOf.Ruled]
	// panics with its error.
	Suits(a Attr) error
	// Allows says in a phrase why a value may not be stored; it does not see NULL. The value is what the column keeps: an
	// int64, a uint64, a float64, a string, a []byte or a time.Time, of a json its text.
	Allows(stored any) error
}

// Ruled has the values of an attribute obey a rule: a row that does not is refused by Insert and Update with an
// error that wraps [rowmill.ErrValue]. It is part of the declaration:
//
//	var Doses = schema.Manual[Dose](Schema, `
//		-> Subject
//		---
//		ml : float64
//	`, Subjects).Ruled("ml", positive{})
//
// An attribute has one rule at most, and one that a foreign key brings has that of the table it comes from. Ruled returns t. It
// panics with the file and line of its call where the rule is none for the attribute.
func (t *TableOf[Row]) Ruled(attr string, r Rule) *TableOf[Row] {
	if err := t.obey(attr, r); err != nil {
		panic(fmt.Sprintf("%s: table %s: %v", callsite.Of(1), t, err))
	}
	return t
}

func (t *TableOf[Row]) obey(attr string, r Rule) error {
	at, ok := t.table.heading.index[attr]
	if !ok {
		return fmt.Errorf("the rule is for %q, which is no attribute%s", attr, spell.Guess(attr, t.table.heading.Names()))
	}
	attrs := slices.Clone(t.table.heading.all)
	if err := attrs[at].canObey(r); err != nil {
		return fmt.Errorf("the rule for %q: %w", attr, err)
	}
	attrs[at].Rule = r
	t.table.heading = NewHeading(attrs)
	var err error
	t.binding, err = Bind(t.binding.row, NewHeading(t.table.heading.attrs))
	return err
}

func (a Attr) canObey(r Rule) error {
	switch {
	case r == nil:
		return errors.New("it is nil")
	case a.Inherited:
		return fmt.Errorf("a foreign key brings the attribute: the rule belongs to where it comes from, %s", a.Origin)
	case a.Rule != nil:
		return errors.New("there is another; one at most is wanted")
	}
	return r.Suits(a)
}

// allows says why a value that would be stored is not to be.
func (a Attr) allows(stored any) error {
	if a.Rule == nil || stored == nil {
		return nil
	}
	return a.Rule.Allows(stored)
}

// Check says why a row could not be entered, for what no server has to be asked: whether its values fit their
// attributes, and obey the rules for them. Its error wraps [rowmill.ErrValue]. A make can so check a row that it has
// read, and that a program may have entered which knows nothing of the rules.
func (t *TableOf[Row]) Check(row Row) error {
	if _, err := t.binding.Values(&row); err != nil {
		return fmt.Errorf("check a row of %s: %w: %w", t, rowmill.ErrValue, err)
	}
	return nil
}
