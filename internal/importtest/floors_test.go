package importtest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is the path of the root package, which every package's path begins with.
const module = "github.com/rowmill/rowmill"

// A floor is a set of packages that may import what lies on lower floors.
type floor struct {
	name string
	// pkgs are paths below the module, "" for its root; "x/..." stands for x and all below it.
	pkgs []string
	// within says that packages of this floor may import each other.
	within bool
}

// floors is the house, from the ground up. To add a package, say here where it lives.
var floors = []floor{
	{name: "internal", pkgs: []string{"internal/..."}, within: true}, // knows nothing of the floors above
	{name: "rowmill", pkgs: []string{""}},                            // Open, DB, Tx, errors
	{name: "schema", pkgs: []string{"schema/..."}, within: true},     // declares tables, does not query
	{name: "query", pkgs: []string{"query/..."}, within: true},       // queries, does not loop
	{name: "jobs", pkgs: []string{"jobs/..."}, within: true},         // keeps the queue, does not compute
	{name: "populate", pkgs: []string{"populate/..."}, within: true}, // computes, writes no SQL
	{name: "programs", pkgs: []string{"cli/...", "dashboard/...", "cmd/...", "examples/...", measuring}, within: true},
}

// measuring is the program that compares Rowmill with others. It lies among the internal packages as it is for this
// checkout alone, and starts servers as tests do.
const measuring = "internal/bench"

// testOnly are the packages that only test files, and what measures, may import.
var testOnly = []string{"internal/testdb", "internal/dialect/dialecttest", "internal/importtest"}

// TestFloors fails when a package imports what is on a floor above its own, or
// beside it where floors does not allow that.
//
// It holds a package's tests to the same floors: a test that needs the floor above
// is a test of that floor, and belongs there; and as long as nothing below
// looks up, each floor can be tested before the next one compiles. What a test may
// import besides is testOnly, and anything outside of the module.
func TestFloors(t *testing.T) {
	for _, fault := range check(sources(t)) {
		t.Error(fault)
	}
}

// check returns a sentence for each import that breaks the rules.
func check(files []source) []string {
	var faults []string
	unknown := map[string]bool{}
	for _, f := range files {
		from, ok := floorOf(f.pkg)
		if !ok {
			unknown[f.pkg] = true
			continue
		}
		for _, path := range f.imports {
			if path != module && !strings.HasPrefix(path, module+"/") {
				continue
			}
			to := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
			if fault := checkImport(f, from, to); fault != "" {
				faults = append(faults, fault)
			}
		}
	}
	for pkg := range unknown {
		faults = append(faults, fmt.Sprintf("package %q: say on which floor it lives, in the table floors", pkg))
	}
	sort.Strings(faults)
	return faults
}

// checkImport says what is wrong with file f, which lives on floor from, importing
// package to of this module; "" if nothing is.
func checkImport(f source, from int, to string) string {
	for _, p := range testOnly {
		if to == p && !f.test && f.pkg != measuring && !in(f.pkg, p+"/...") {
			return fmt.Sprintf("%s imports %s, which is for tests only", f.path, to)
		}
	}
	at, ok := floorOf(to)
	switch {
	case !ok:
		return "" // reported once, as a package without a floor, or by the compiler
	case at < from, to == f.pkg, at == from && floors[at].within:
		return ""
	case at == from:
		return fmt.Sprintf("%s imports %q, which is on the same floor (%s)", f.path, to, floors[at].name)
	default:
		return fmt.Sprintf("%s, on the floor %s, imports %q from the floor %s above it",
			f.path, floors[from].name, to, floors[at].name)
	}
}

// floorOf returns the index of the floor that a package lives on: the one that names it, or else a tree that it is in.
func floorOf(pkg string) (int, bool) {
	for i, f := range floors {
		if slices.Contains(f.pkgs, pkg) {
			return i, true
		}
	}
	for i, f := range floors {
		if slices.ContainsFunc(f.pkgs, func(pattern string) bool { return in(pkg, pattern) }) {
			return i, true
		}
	}
	return 0, false
}

// in reports whether pattern, a path or "path/...", covers pkg.
func in(pkg, pattern string) bool {
	tree, ok := strings.CutSuffix(pattern, "/...")
	return pkg == tree || ok && strings.HasPrefix(pkg, tree+"/")
}

func TestCheckFindsWhatIsForbidden(t *testing.T) {
	for _, c := range []struct {
		path, imports, want string
	}{
		{"db.go", "database/sql", ""},
		{"db.go", module + "/internal/dialect", ""},
		{"internal/dialect/mysql/mysql.go", module + "/internal/dialect", ""},
		{"schema/schema.go", module, ""},
		{"schema/schema_test.go", module + "/internal/testdb", ""},
		{"populate/populate.go", module + "/jobs", ""},
		{"cmd/rowmill/main.go", module + "/cli", ""},
		{"examples/heartbeat/main.go", module + "/examples/heartbeat/ecg", ""},
		{"db_test.go", module, ""},
		{"internal/bench/main.go", module + "/populate", ""},
		{"internal/bench/main.go", module + "/internal/testdb", ""},
		{"populate/speed_test.go", module + "/internal/bench/limit", ""},

		{"internal/bench/limit/limit.go", module + "/query", `on the floor internal, imports "query" from the floor query above it`},
		{"internal/blob/blob.go", module, `on the floor internal, imports "" from the floor rowmill above it`},
		{"db.go", module + "/schema", `imports "schema" from the floor schema above it`},
		{"query/query.go", module + "/jobs", `on the floor query, imports "jobs" from the floor jobs above it`},
		{"query/query_test.go", module + "/jobs", `imports "jobs" from the floor jobs above it`},
		{"jobs/jobs.go", module + "/cli", `imports "cli" from the floor programs above it`},
		{"db.go", module + "/internal/testdb", "db.go imports internal/testdb, which is for tests only"},
		{"internal/dialect/sqlite/sqlite_test.go", module + "/internal/dialect/dialecttest", ""},
		{"internal/dialect/sqlite/sqlite.go", module + "/internal/dialect/dialecttest", "which is for tests only"},
		{"util/util.go", "fmt", `package "util": say on which floor it lives`},
	} {
		faults := check([]source{{path: c.path, pkg: pkgOf(c.path), test: isTest(c.path), imports: []string{c.imports}}})
		if c.want == "" {
			require.Empty(t, faults, c.path)
			continue
		}
		require.Len(t, faults, 1, c.path)
		require.Contains(t, faults[0], c.want)
	}
}
