package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// A Tier says how the rows of a table come to be.
type Tier int

// The tiers, as DataJoint has them.
const (
	TierManual   Tier = iota // rows are entered by people or other programs
	TierLookup               // rows are part of the code: parameters, vocabularies
	TierImported             // rows are made from upstream rows and data from elsewhere
	TierComputed             // rows are made from upstream rows alone
	TierPart                 // rows are entered together with a row of their master
)

// String is the tier's name in small letters.
func (t Tier) String() string {
	return [...]string{"manual", "lookup", "imported", "computed", "part"}[t]
}

// Made tells whether rows of the tier are made by a make function.
func (t Tier) Made() bool { return t == TierImported || t == TierComputed }

// prefix begins the names of a tier's tables. It is all that a database shows of a tier.
func (t Tier) prefix() string {
	return [...]string{"", "#", "_", "__", ""}[t]
}

// maxName is the length of the longest name that a server takes.
const maxName = 64

var (
	schemaName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	structName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	baseName   = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*$`)
	attrName   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

func checkSchemaName(name string) error {
	switch {
	case !schemaName.MatchString(name):
		return fmt.Errorf("schema name %q: letters, digits, - and _ are wanted, a letter first", name)
	case len(name) > maxName:
		return fmt.Errorf("schema name %q has %d letters; databases take at most %d", name, len(name), maxName)
	}
	return nil
}

func checkLength(name string) error {
	if len(name) > maxName {
		return fmt.Errorf("the table's name %q has %d letters; databases take at most %d", name, len(name), maxName)
	}
	return nil
}

// queueName is the name of the queue of a table that is made.
func (t *Table) queueName() string { return "~~" + strings.TrimLeft(t.name, "_") }

// checkDerivedNames wants room for the names that are made of the table's: that of its queue, and
// those that a server gives to foreign keys, which InnoDB wants to be a letter shorter than others.
func (t *Table) checkDerivedNames() error {
	if queue := t.queueName(); t.tier.Made() && len(queue) > maxName {
		return fmt.Errorf("its queue's name %q has %d letters; databases take at most %d", queue, len(queue), maxName)
	}
	last := fmt.Sprintf("%s_ibfk_%d", t.name, len(t.foreign))
	if len(t.foreign) > 0 && len(last) >= maxName {
		return fmt.Errorf("servers call its foreign key %q, of %d letters, and take at most %d: a shorter name is wanted", last, len(last), maxName-1)
	}
	return nil
}
