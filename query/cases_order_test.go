package query

// orderCases put rows in an order.
func orderCases() []algebraCase {
	byRate := From(sessions).OrderBy("rate_hz DESC").Project("rate_hz")
	return []algebraCase{
		{name: "order", rel: From(subjects).OrderBy("species DESC").Project(), key: "subject_id", rows: []string{"2", "1", "3"}, inOrder: true},
		{name: "order by the key", rel: From(sessions).OrderBy("KEY DESC").Project(), key: "subject_id session", rows: []string{"2 1", "1 2", "1 1"}, inOrder: true},
		{name: "order with null", rel: From(subjects).OrderBy("weight", "subject_id DESC").Project(),
			key: "subject_id", rows: []string{"3", "2", "1"}, inOrder: true},
		{name: "order down with null", rel: From(subjects).OrderBy("weight desc").Project(), key: "subject_id", rows: []string{"1", "2", "3"}, inOrder: true},
		{name: "order by a reserved word", rel: From(sessions).OrderBy("`order` ASC").Project(),
			key: "subject_id session", rows: []string{"1 2", "2 1", "1 1"}, inOrder: true},
		{name: "order by what is computed", rel: From(subjects).Project("n = 3 - subject_id").OrderBy("n"),
			key: "subject_id", rows: []string{"3 0", "2 1", "1 2"}, inOrder: true},
		{name: "order by a number", rel: From(sessions).Project("n = 2").OrderBy("n DESC"),
			key: "subject_id session", rows: []string{"1 1 2", "1 2 2", "2 1 2"}, inOrder: true},
		{name: "order by a number below none", rel: From(subjects).Project("n = -9").Top(2, "n", "KEY DESC"),
			key: "subject_id", rows: []string{"3 -9", "2 -9"}, inOrder: true},
		{name: "order by what is never true", rel: From(subjects).Project("n = (subject_id > 0 AND 1 IS NULL)").Top(2, "n", "KEY DESC"),
			key: "subject_id", rows: []string{"3 0", "2 0"}, inOrder: true},
		{name: "order, where", rel: byRate.Where("subject_id = 1"), key: "subject_id session", rows: []string{"1 2 200", "1 1 100"}, inOrder: true},
		{name: "order, rename", rel: byRate.Project("run = session"), key: "subject_id run", rows: []string{"1 2", "1 1", "2 1"}, inOrder: true},
		{name: "order twice", rel: byRate.OrderBy("KEY DESC"), key: "subject_id session", rows: []string{"2 1 100", "1 2 200", "1 1 100"}, inOrder: true},
		{name: "order and join", rel: From(subjects).OrderBy("species").Join(From(sessions)).Project(),
			key: "subject_id session", rows: []string{"1 1", "1 2", "2 1"}},
	}
}

// pageCases keep some of the rows.
func pageCases() []algebraCase {
	fast := From(sessions).Top(2, "rate_hz DESC", "KEY").Project("rate_hz")
	return []algebraCase{
		{name: "top", rel: From(sessions).Top(1).Project(), key: "subject_id session", rows: []string{"1 1"}},
		{name: "top none", rel: From(sessions).Top(0), key: "subject_id session", rows: none},
		{name: "top of fewer", rel: From(tags).Top(5), key: "tag", rows: []string{"t"}},
		{name: "top by an attribute", rel: From(sessions).Top(1, "rate_hz DESC").Project("rate_hz"), key: "subject_id session", rows: []string{"1 2 200"}},
		{name: "top by what is not kept", rel: From(sessions).Top(2, "`order`").Project(), key: "subject_id session", rows: []string{"1 2", "2 1"}, inOrder: true},
		{name: "page", rel: From(subjects).Page(1, 1).Project(), key: "subject_id", rows: []string{"2"}},
		{name: "page of all that follow", rel: From(subjects).Page(1, All, "KEY DESC").Project(), key: "subject_id", rows: []string{"2", "1"}, inOrder: true},
		{name: "page behind the end", rel: From(subjects).Page(9, 9), key: "subject_id", rows: none},
		{name: "top of an order", rel: From(subjects).OrderBy("species DESC").Top(2).Project(), key: "subject_id", rows: []string{"2", "1"}, inOrder: true},
		{name: "top of a top", rel: fast.Top(1), key: "subject_id session", rows: []string{"1 2 200"}},
		{name: "top of a top in another order", rel: fast.Top(1, "rate_hz"), key: "subject_id session", rows: []string{"1 1 100"}},
		{name: "top of a page by what is not kept", rel: From(sessions).Page(0, 2, "`order`").Project().Top(1), key: "subject_id session", rows: []string{"1 2"}},
		{name: "where, top", rel: From(sessions).Where("subject_id = ?", 1).Top(1, "KEY DESC").Project(), key: "subject_id session", rows: []string{"1 2"}},
		{name: "top, where", rel: fast.Where("rate_hz < ?", 150), key: "subject_id session", rows: []string{"1 1 100"}},
		{name: "top, match", rel: fast.Match(SessionKey{2, 1}), key: "subject_id session", rows: none},
		{name: "top, compute", rel: fast.Project("n = rate_hz / 100"), key: "subject_id session", rows: []string{"1 1 1", "1 2 2"}},
		{name: "top, join", rel: fast.Join(From(subjects)).Project("species"), key: "subject_id session", rows: []string{"1 1 mouse", "1 2 mouse"}},
		{name: "join, top", rel: From(subjects, sessions).Top(1, "species DESC").Project("species"), key: "subject_id session", rows: []string{"2 1 rat"}},
		{name: "join the top", rel: From(subjects).Join(fast).Project("species"), key: "subject_id session", rows: []string{"1 1 mouse", "1 2 mouse"}},
		{name: "in the top", rel: From(subjects).In(fast.Top(1)).Project(), key: "subject_id", rows: []string{"1"}},
		{name: "not in the top", rel: From(sessions).NotIn(fast.Project()).Project(), key: "subject_id session", rows: []string{"2 1"}},
		{name: "the top in", rel: From(subjects).Top(2, "KEY DESC").In(From(sessions)).Project(), key: "subject_id", rows: []string{"2"}},
		{name: "aggregate the top", rel: From(subjects).Aggregate(fast, "n = count(*)"), key: "subject_id", rows: []string{"1 2", "2 0", "3 0"}},
		{name: "top of an aggregation", rel: From(subjects).Aggregate(From(sessions), "n = count(*)").Top(2, "n DESC", "KEY DESC"), key: "subject_id",
			rows: []string{"1 2", "2 1"}, inOrder: true},
		{name: "top, aggregate, top down", rel: Universal("subject_id").Aggregate(From(subjects).Top(3), "n = count(*)").Top(2, "KEY DESC"), key: "subject_id",
			rows: []string{"3 1", "2 1"}, inOrder: true},
		{name: "top, aggregate", rel: From(subjects).Top(2, "KEY DESC").Aggregate(From(sessions), "n = count(*)"), key: "subject_id", rows: []string{"2 1", "3 0"}},
		{name: "top of a table of one row", rel: From(setups).Top(1), key: "", rows: []string{"7"}},
	}
}
