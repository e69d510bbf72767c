package query

import (
	"regexp"
	"slices"
	"strings"
)

// everything is what COUNT(*) counts.
const everything = "*"

// countAll finds what stands between the parentheses of COUNT(*), or of COUNT(1), which means the same.
var countAll = regexp.MustCompile(`^(\s*(?:\*|\d+)\s*)\)`)

// aggregates are the functions of many rows that servers have.
var aggregates = words(`COUNT SUM AVG MIN MAX TOTAL GROUP_CONCAT STRING_AGG STD STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VAR_POP VAR_SAMP
	BIT_AND BIT_OR BIT_XOR JSON_ARRAYAGG JSON_OBJECTAGG JSON_GROUP_ARRAY JSON_GROUP_OBJECT ANY_VALUE`)

// calls follows an expression from function to function.
type calls struct {
	// open are the parentheses that are, and of each whether it is an aggregate function's.
	open []bool
	// ended tells that an aggregate function has just ended: with OVER it is a window's.
	ended               bool
	aggregates, windows bool // see expression
}

// begin opens the parenthesis of a function.
func (c *calls) begin(function string) {
	c.open = append(c.open, aggregates[strings.ToUpper(function)])
}

// word takes what a token begins with; empty for what is no word.
func (c *calls) word(word string) {
	if strings.EqualFold(word, "OVER") {
		c.windows, c.ended = true, false
	}
	c.settle()
}

// text takes what stands between tokens.
func (c *calls) text(sql string) {
	for _, r := range strings.TrimSpace(sql) {
		c.settle()
		switch {
		case r == '(':
			c.open = append(c.open, false)
		case r == ')' && len(c.open) > 0:
			c.ended = c.open[len(c.open)-1]
			c.open = c.open[:len(c.open)-1]
		}
	}
}

func (c *calls) settle() { c.aggregates, c.ended = c.aggregates || c.ended, false }

func (c *calls) inside() bool { return slices.Contains(c.open, true) }
