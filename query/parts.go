package query

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// refuse returns an error if rows of a part would go from a master that stays.
func (e *eraser) refuse(ctx context.Context) error {
	for _, t := range e.targets {
		bereft, err := e.bereft(ctx, t, true)
		if err != nil {
			return err
		}
		for _, key := range bereft {
			return fmt.Errorf("%w: rows of %s would go, and their %s with %s would stay: delete from %s, or say in the options what is to become of it",
				rowmill.ErrRefused, t.table, t.table.Master(), show(t.table.Master().Heading().Key(), key), t.table.Master())
		}
	}
	return nil
}

func show(names []string, values []any) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%s=%v", name, values[i])
	}
	return strings.Join(parts, " ")
}

// addMasters adds roots to the cascade: the masters of rows of parts that go, with what goes with these, until no
// part is without its master.
func (e *eraser) addMasters(ctx context.Context) error {
	all := map[*schema.Table]keySet{}
	for latest := e.roots; len(latest) > 0; {
		next := map[*schema.Table]keySet{}
		round := newEraser(e.session, e.there, latest...)
		for _, t := range round.targets {
			bereft, err := round.bereft(ctx, t, false)
			if err != nil {
				return err
			}
			m := t.table.Master()
			for _, key := range bereft {
				if into(all, m).add(key) {
					into(next, m).add(key)
				}
			}
		}
		latest = rootsOf(next)
	}
	e.cascade = newCascade(e.dialect, e.there, append(slices.Clone(e.roots), rootsOf(all)...))
	return nil
}

func into(sets map[*schema.Table]keySet, t *schema.Table) keySet {
	if sets[t] == nil {
		sets[t] = keySet{}
	}
	return sets[t]
}

// rootsOf makes roots of keys, in an order that is always the same.
func rootsOf(keys map[*schema.Table]keySet) []*root {
	var roots []*root
	tables := slices.Collect(maps.Keys(keys))
	slices.SortFunc(tables, func(a, b *schema.Table) int { return strings.Compare(a.FullName(), b.FullName()) })
	for _, t := range tables {
		roots = append(roots, keys[t].root(t))
	}
	return roots
}

// bereft are the keys of masters that stay while rows of a part go; where one is enough, of one of them if there are any.
func (e *eraser) bereft(ctx context.Context, part *target, one bool) (keySet, error) {
	own := masterKey(part.table)
	if part.queue || own == nil {
		return nil, nil
	}
	master := e.of[part.table.Master()]
	several := master != nil && slices.ContainsFunc(master.reaches, func(r *reach) bool { return r.root.chunks() > 1 })
	found := keySet{}
	losing := *part
	losing.reaches = slices.DeleteFunc(slices.Clone(part.reaches), func(r *reach) bool { return r.whole })
	err := e.statements(&losing, func(c *compiler, s *selection) error {
		s.where = append(s.where, staying(c, s, own, master)...)
		if one && !several {
			s.limited, s.limit = true, 1
		}
		return e.keys(ctx, s, own, func(key []any) { found.add(key) })
	})
	if err == nil && several && len(found) > 0 {
		err = e.removeGoing(ctx, found, master)
	}
	return found, err
}

// staying are the conditions that the rows of a part have a master, and that it does not go, as far as one
// statement can tell.
func staying(c *compiler, s *selection, own []string, master *target) []squirrel.Sqlizer {
	var conds []squirrel.Sqlizer
	for _, name := range own {
		if a, _ := s.heading.Attr(name); a.Nullable {
			conds = append(conds, squirrel.Expr(s.columns[name]+" IS NOT NULL"))
		}
	}
	if master == nil {
		return conds
	}
	for _, r := range master.reaches {
		if r.root.chunks() != 1 {
			continue
		}
		going := r.compile(c, master, 0)
		going.where = append(going.where, squirrel.Expr(equal(going.columns, going.heading.Key(), s.columns, own)))
		conds = append(conds, squirrel.Expr("NOT EXISTS (?)", selectFrom("1", going.from, going.where)))
	}
	return conds
}

// removeGoing removes from keys of masters those that go, where it takes several statements to tell.
func (e *eraser) removeGoing(ctx context.Context, found keySet, master *target) error {
	return e.statements(master, func(_ *compiler, s *selection) error {
		return e.keys(ctx, s, master.heading.Key(), found.remove)
	})
}
