package schema

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// askDescribePeer has DataJoint for Python declare the tables of s, and others, on a server. It answers
// with its own descriptions, by the tables' full names.
func askDescribePeer(t *testing.T, python, dsn string, s *Schema) map[string]string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	password, _ := u.User.Password()
	tables := []map[string]string{}
	for _, d := range s.Tables() {
		one := map[string]string{"name": d.String(), "tier": d.Tier().String(), "definition": d.Definition(), "master": ""}
		if d.Master() != nil {
			one["master"] = d.Master().String()
		}
		tables = append(tables, one)
	}
	asked, err := json.Marshal(map[string]any{
		"host": u.Hostname(), "port": port, "user": u.User.Username(), "password": password, "tables": tables,
	})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), python, "testdata/describe_peer.py")
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	var answer map[string]string
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &answer), "%s", &stderr)
	return answer
}

// TestDescribePython describes what DataJoint for Python declared: the definitions mean what those mean
// that it gives itself.
func TestDescribePython(t *testing.T) {
	python, dsn := testdb.Python(t), testdb.MariaDB(t)
	db := openDB(t, dsn)
	peer := newPeer("djpy")
	theirs := askDescribePeer(t, python, dsn, peer)

	s := requireFixed(t, db, "djpy")
	golden(t, described(s), "describe", "python.txt")
	require.NotContains(t, described(s), "cannot be said")
	require.Len(t, s.Tables(), len(peer.Tables())+3)
	far := find(s, "Surgery").foreign[1].Parent.schema
	require.Equal(t, "djfar", far.name)
	for _, table := range append(s.Tables(), far.Tables()...) {
		text, ok := theirs[table.FullName()]
		require.True(t, ok, table.FullName())
		requireMeans(t, text, table)
	}
	for _, table := range peer.Tables() {
		requireSame(t, table, find(s, table.class))
	}
}

// Of MariaDB's spelling of the present time DataJoint for Python makes a text in quotes.
var quotedNow = regexp.MustCompile(`"current_timestamp\((\d?)\)"`)

// requireMeans wants a text to declare a table that was described.
func requireMeans(t *testing.T, text string, wanted *Table) {
	t.Helper()
	text = strings.ReplaceAll(quotedNow.ReplaceAllString(text, "CURRENT_TIMESTAMP($1)"), "()", "")
	def, err := wanted.schema.codecs.parse(text)
	require.NoError(t, err, text)
	found := &Table{schema: wanted.schema, tier: wanted.tier, class: wanted.class, name: wanted.name, master: wanted.master, existing: true}
	var parents []Declared
	for _, p := range wanted.parents() {
		if p != wanted.master && !slices.Contains(parents, Declared(p)) {
			parents = append(parents, p)
		}
	}
	require.NoError(t, found.resolve(def, parents), "%s\n%s", wanted.FullName(), text)
	for _, d := range found.compare(wanted.rendered()) {
		require.Fail(t, d.String(), "%s\n%s\n%s", wanted.FullName(), text, wanted.definition)
	}
	require.Equal(t, found.heading.Names(), wanted.heading.Names())
	require.Equal(t, found.lineage(), wanted.lineage())
}
