package populate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// watching are the options of a server that remembers each statement it was sent, with how many rows that found,
// and that forces every commit to disk.
var watching = []string{
	"--performance-schema=ON",
	"--performance-schema-consumer-events-statements-current=ON",
	"--performance-schema-consumer-events-statements-history-long=ON",
	"--performance-schema-events-statements-history-long-size=100000",
	"--performance-schema-max-sql-text-length=64", "--performance-schema-max-digest-length=64",
	"--innodb-flush-log-at-trx-commit=1",
}

const (
	statements = "SELECT COUNT(*) FROM performance_schema.events_statements_history_long"
	// ofMakes are the statements of noted: each make inserts a note, reads what it comes from, and inserts a result and its parts.
	ofMakes = " WHERE sql_text LIKE 'INSERT INTO `lab`.%' OR sql_text LIKE 'SELECT t1.%'"
	inVain  = " WHERE sql_text LIKE 'UPDATE %' AND rows_affected = 0"
	syncs   = "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.global_status" +
		" WHERE variable_name IN ('INNODB_DATA_FSYNCS', 'INNODB_OS_LOG_FSYNCS')" // newer servers count both as the first
)

// number asks the server for one.
func (b *bench) number(statement string) int {
	b.Helper()
	rows, err := b.db.Query(b.Context(), statement)
	require.NoError(b, err)
	defer func() { _ = rows.Close() }()
	require.True(b, rows.Next(), statement)
	var n int
	require.NoError(b, rows.Scan(&n))
	return n
}

// TestContention has 8 processes make trivial keys at once, from their start to their end, and asks the server what
// that took beyond the makes themselves: statements, those of them that were in vain, and waits for the disk.
func TestContention(t *testing.T) {
	const n, processes = 5000, 8
	b := newBench(t, testdb.NewServer(t, watching...).DSN(), n)
	b.refresh()
	first, err := StartRun(t.Context(), b.db, lab, "first", nil) // which creates the log
	require.NoError(t, err)
	require.NoError(t, first.Success(0))
	_, err = b.db.Exec(t.Context(), "TRUNCATE TABLE performance_schema.events_statements_history_long")
	require.NoError(t, err)
	syncsBefore := b.number(syncs)

	var running []*process
	for range processes {
		running = append(running, start(b, "quick new"))
	}
	for _, p := range running {
		p.wait(b)
	}
	synced, all, own, vain := b.number(syncs)-syncsBefore, b.number(statements), b.number(statements+ofMakes), b.number(statements+inVain)
	require.Equal(t, n, b.count(results))
	t.Logf("a key: %.2f statements beyond the make's %.2f, %.4f updates that found nothing, %.2f syncs",
		float64(all-own)/n, float64(own)/n, float64(vain)/n, float64(synced)/n)
	require.GreaterOrEqual(t, own, 4*n, "the server remembers all")
	require.LessOrEqual(t, float64(all-own), 2.25*n)
	require.LessOrEqual(t, float64(vain), 0.02*n)
	require.LessOrEqual(t, float64(synced), 1.1*n)
}
