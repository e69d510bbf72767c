package query

// unionCases are the rows of two relations.
func unionCases() []algebraCase {
	mice, rats := From(subjects).Where("species = ?", "mouse"), From(subjects).Where("species = ?", "rat")
	species, weight := From(subjects).Project("species"), From(subjects).Project("weight")
	twos := From(subjects).Project("twos = subject_id * 2")
	return []algebraCase{
		{name: "union", rel: mice.Project().Union(rats.Project()), key: "subject_id", rows: []string{"1", "2", "3"}},
		{name: "union of the same", rel: From(subjects).Project().Union(From(subjects).Project()), key: "subject_id", rows: []string{"1", "2", "3"}},
		{name: "union of overlapping restrictions", rel: mice.Project().Union(From(subjects).Where("subject_id < ?", 3).Project()),
			key: "subject_id", rows: []string{"1", "2", "3"}},
		{name: "union with none", rel: mice.Project().Union(rats.Match().Project()), key: "subject_id", rows: []string{"1", "3"}},
		{name: "union of none and none", rel: mice.Match().Project().Union(rats.Match().Project()), key: "subject_id", rows: none},
		{name: "union of other attributes", rel: species.Union(weight), key: "subject_id", rows: []string{"1 mouse 20.5", "2 rat NULL", "3 mouse NULL"}},
		{name: "union of other attributes of other rows", rel: species.Where("subject_id < 3").Union(weight.Where("subject_id <> 2")), key: "subject_id",
			rows: []string{"1 mouse 20.5", "2 rat NULL", "3 NULL NULL"}},
		{name: "union with attributes of one side", rel: rats.Union(From(subjects).Project()),
			key: "subject_id", rows: []string{"1 NULL NULL", "2 rat NULL", "3 NULL NULL"}},
		{name: "union with what is computed", rel: mice.Project("species").Union(twos), key: "subject_id", rows: []string{"1 mouse 2", "2 NULL 4", "3 mouse 6"}},
		{name: "union of keys of two attributes", rel: From(pairs).Project().Union(From(pairs).Project("a = b", "b = a").Where("b = 1").Project("b = a", "a = b")),
			key: "a b", rows: []string{"1 2", "1 3", "2 3"}},
		{name: "union of a key and its attributes", rel: From(subjects).Project().Union(Universal("subject_id").In(From(sessions))),
			key: "subject_id", rows: []string{"1", "2", "3"}},
		{name: "union, where", rel: species.Union(weight).Where("weight IS NULL AND species = ?", "rat"), key: "subject_id", rows: []string{"2 rat NULL"}},
		{name: "union, compute", rel: species.Union(twos).Project("n = twos + 1").Where("n > 3"), key: "subject_id", rows: []string{"2 5", "3 7"}},
		{name: "union, join", rel: mice.Project().Union(rats.Project()).Join(From(sessions)).Project("rate_hz"), key: "subject_id session",
			rows: []string{"1 1 100", "1 2 200", "2 1 100"}},
		{name: "join a union", rel: From(sessions).Join(species.Union(weight)).Project("species"),
			key: "subject_id session", rows: []string{"1 1 mouse", "1 2 mouse", "2 1 rat"}},
		{name: "in a union", rel: From(sessions).In(rats.Project().Union(From(subjects).Match(map[string]any{"subject_id": 3}).Project())).Project(),
			key: "subject_id session", rows: []string{"2 1"}},
		{name: "union in", rel: mice.Project().Union(rats.Project()).In(From(sessions)), key: "subject_id", rows: []string{"1", "2"}},
		{name: "union, aggregate", rel: mice.Project().Union(rats.Project()).Aggregate(From(sessions), "n = count(*)"),
			key: "subject_id", rows: []string{"1 2", "2 1", "3 0"}},
		{name: "aggregate a union", rel: From(subjects).Aggregate(
			species.Project("kind = species").Where("subject_id < 3").Union(weight.Project("kilos = weight")), "n = count(kind)", "m = count(kilos)"),
			key: "subject_id", rows: []string{"1 1 1", "2 1 0", "3 0 0"}},
		{name: "union, top", rel: species.Union(weight).Top(2, "weight DESC", "KEY DESC"),
			key: "subject_id", rows: []string{"1 mouse 20.5", "3 mouse NULL"}, inOrder: true},
		{name: "union of tops", rel: From(subjects).Top(1, "KEY").Project().Union(From(subjects).Top(1, "KEY DESC").Project()),
			key: "subject_id", rows: []string{"1", "3"}},
		{name: "union of three", rel: mice.Project().Union(rats.Project()).Union(species), key: "subject_id", rows: []string{"1 mouse", "2 rat", "3 mouse"}},
		{name: "union of aggregations", rel: From(subjects).AggregateMatching(From(sessions), "n = count(*)").Union(From(subjects).Aggregate(From(spectra), "m = count(*)")),
			key: "subject_id", rows: []string{"1 2 3", "2 1 0", "3 NULL 0"}},
		{name: "union of single rows", rel: From(setups).Project().Union(From(setups).Project("v = version")), key: "", rows: []string{"7"}},
		{name: "union of groups with nulls", rel: Universal("method").In(From(pairs)).Union(Universal("method").Aggregate(From(pairs), "n = count(*)")),
			key:  "method",
			rows: []string{"NULL 2", "fft 1"}},
	}
}

// universalCases ask by attributes that are no key.
func universalCases() []algebraCase {
	kinds := Universal("species").Aggregate(From(subjects), "n = count(*)")
	return []algebraCase{
		{name: "universal", rel: Universal("species").In(From(subjects)), key: "species", rows: []string{"mouse", "rat"}},
		{name: "universal with null", rel: Universal("rig").In(From(sessions)), key: "rig", rows: []string{"NULL", "a"}},
		{name: "universal of two", rel: Universal("rate_hz", "rig").In(From(sessions)), key: "rate_hz rig", rows: []string{"100 NULL", "100 a", "200 NULL"}},
		{name: "universal of a part of a key", rel: Universal("session").In(From(sessions)), key: "session", rows: []string{"1", "2"}},
		{name: "universal of a restricted relation", rel: Universal("species").In(From(subjects).Where("weight > ?", 20)), key: "species", rows: []string{"mouse"}},
		{name: "universal of a join", rel: Universal("species", "method").In(From(subjects, sessions, spectra)),
			key: "species method", rows: []string{"mouse fft", "mouse welch"}},
		{name: "universal of what is computed", rel: Universal("half").In(From(sessions).Project("half = CASE WHEN rate_hz > 150 THEN 'b' ELSE 'a' END")),
			key:  "half",
			rows: []string{"a", "b"}},
		{name: "universal of a number", rel: Universal("two").In(From(sessions).Project("two = 2")), key: "two", rows: []string{"2"}},
		{name: "universal of a union", rel: Universal("species").In(From(subjects).Project("species").Union(From(subjects).Project("weight"))),
			key: "species", rows: []string{"mouse", "rat"}},
		{name: "universal of the top", rel: Universal("species").In(From(subjects).Top(1, "KEY DESC")), key: "species", rows: []string{"mouse"}},
		{name: "universal of nothing", rel: Universal("species").In(From(subjects).Match()), key: "species", rows: none},
		{name: "universal aggregate", rel: kinds, key: "species", rows: []string{"mouse 2", "rat 1"}},
		{name: "universal aggregate with null", rel: Universal("rig").Aggregate(From(sessions), "n = count(*)", "m = count(rig)"),
			key: "rig", rows: []string{"NULL 2 0", "a 1 1"}},
		{name: "universal aggregate of what is computed", rel: Universal("fast").Aggregate(From(sessions).Project("fast = rate_hz > 150", "rig"), "n = count(*) + fast"),
			key:  "fast",
			rows: []string{"0 2", "1 2"}},
		{name: "universal aggregate of an aggregation", rel: Universal("n").Aggregate(From(subjects).Aggregate(From(sessions), "n = count(*)"), "m = count(*)"),
			key:  "n",
			rows: []string{"0 1", "1 1", "2 1"}},
		{name: "universal aggregate and rename", rel: Universal("species").Aggregate(From(subjects), "kind = species", "w = max(weight)"), key: "kind",
			rows: []string{"mouse 20.5", "rat NULL"}},
		{name: "universal aggregate, where", rel: kinds.Where("n > ?", 1), key: "species", rows: []string{"mouse 2"}},
		{name: "universal aggregate, top", rel: kinds.Top(1, "n"), key: "species", rows: []string{"rat 1"}},
		{name: "universal, join", rel: Universal("method").In(From(spectra)).Join(From(methods)), key: "method", rows: []string{"fft 1", "welch 2"}},
		{name: "in universal", rel: From(methods).NotIn(Universal("method").In(From(peaks))), key: "method", rows: []string{"welch 2"}},
		{name: "universal of universal", rel: Universal("n").In(Universal("species").Aggregate(From(subjects), "n = count(*)").Where("n < 9")),
			key: "n", rows: []string{"1", "2"}},
		{name: "aggregate for universal", rel: Universal("method").In(From(peaks)).Aggregate(From(spectra), "n = count(*)"), key: "method", rows: []string{"fft 2"}},
	}
}

// totalCases are of all rows together.
func totalCases() []algebraCase {
	total := Universal().Aggregate(From(subjects), "n = count(*)", "w = sum(weight)")
	return []algebraCase{
		{name: "whether there is a row", rel: Universal().In(From(subjects)), key: "", rows: []string{"1"}},
		{name: "whether there is a row of none", rel: Universal().In(From(blanks)), key: "", rows: none},
		{name: "whether there is a row, restricted", rel: Universal().In(From(subjects)).In(From(blanks)), key: "", rows: none},
		{name: "a total", rel: total, key: "", rows: []string{"3 20.5"}},
		{name: "a total of none", rel: Universal().Aggregate(From(blanks), "n = count(*)", "most = max(blank)"), key: "", rows: []string{"0 NULL"}},
		{name: "a total of a join", rel: Universal().Aggregate(From(sessions, spectra), "n = count(DISTINCT method)"), key: "", rows: []string{"2"}},
		{name: "a total of totals", rel: Universal().Aggregate(From(subjects).Aggregate(From(sessions), "n = count(*)"), "most = max(n)"),
			key: "", rows: []string{"2"}},
		{name: "a total, where", rel: total.Where("n > 5"), key: "", rows: none},
		{name: "a total, compute", rel: total.Project("twice = n * 2"), key: "", rows: []string{"6"}},
		{name: "a total of nothing that is asked for", rel: total.Project(), key: "", rows: []string{"1"}},
		{name: "a total of none of nothing that is asked for", rel: Universal().Aggregate(From(blanks), "n = count(*)").Project(), key: "", rows: []string{"1"}},
		{name: "a total without functions", rel: Universal().Aggregate(From(subjects), "n = 1 + 1"), key: "", rows: []string{"2"}},
		{name: "a total, top", rel: total.Top(1, "n").Project("n"), key: "", rows: []string{"3"}},
		{name: "join a total", rel: From(tags).Join(total.Project("n")), key: "tag", rows: []string{"t 3"}},
		{name: "join the part of a total", rel: From(subjects).Join(total).Where("weight / w = 1").Project("n"), key: "subject_id", rows: []string{"1 3"}},
	}
}
