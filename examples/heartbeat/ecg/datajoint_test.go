package ecg

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/internal/testdb"
	"github.com/rowmill/rowmill/populate"
	"github.com/rowmill/rowmill/query"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// populateAll runs the pipeline on the recording that comes with it.
func populateAll(t *testing.T, db *rowmill.DB) {
	ctx := t.Context()
	require.NoError(t, Schema.Declare(ctx, db))
	require.NoError(t, Enter(ctx, db, Recording{
		Recording: "208", File: Sample, RateHz: 360, CountsPerMV: 200, BaselineCount: 1024,
	}))
	for _, m := range []*populate.Maker{MakeSegments, MakeBeatDetections, MakeHeartRates} {
		report, err := m.Populate(ctx, db, &populate.Options{Workers: 4, Output: io.Discard})
		require.NoError(t, err)
		require.NoError(t, report.Err())
	}
}

// A peerTable tells the peer of a table.
type peerTable struct {
	Name       string `json:"name"`
	Tier       string `json:"tier"`
	Master     string `json:"master"`
	Definition string `json:"definition"`
}

// A peerAnswer is what DataJoint for Python found: see testdata/datajoint_peer.py.
type peerAnswer struct {
	Rows   map[string]int `json:"rows"`
	Joined int            `json:"joined"`
	Signal struct {
		Dtype string  `json:"dtype"`
		Shape []int   `json:"shape"`
		Sum   float64 `json:"sum"`
	} `json:"signal"`
	Ours         map[string]string `json:"ours"`
	Theirs       map[string]string `json:"theirs"`
	Lineage      [][]string        `json:"lineage"`
	TheirLineage [][]string        `json:"their_lineage"`
}

// TestDataJoint lets DataJoint for Python read what the pipeline made, and declare tables of
// the same definitions: both must have made the same tables.
func TestDataJoint(t *testing.T) {
	python, dsn := testdb.Python(t), testdb.MariaDB(t)
	ctx := t.Context()
	db, err := rowmill.Open(ctx, dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	populateAll(t, db)
	peer := askPeer(t, python, dsn)

	require.Equal(t, map[string]int{
		"Recording": 1, "Recording.Window": 30, "Segment": 30, "Detector": 3,
		"BeatDetection": 90, "BeatDetection.Beat": count(ctx, t, db), "HeartRate": 90,
	}, peer.Rows)
	require.Equal(t, 90, peer.Joined)
	segment, err := query.One[Segment](ctx, db, query.From(Segments).Where("window = ?", 3))
	require.NoError(t, err)
	sum := 0.0
	for _, x := range segment.SignalMV {
		sum += x
	}
	require.Equal(t, "float64", peer.Signal.Dtype)
	require.Equal(t, []int{len(segment.SignalMV)}, peer.Signal.Shape)
	require.InDelta(t, sum, peer.Signal.Sum, 1e-9)

	require.Contains(t, peer.Ours, "~refresh", "who refreshes which queue is ours alone")
	require.Contains(t, peer.Ours, "~run", "the log of runs is, too")
	require.Len(t, peer.Ours, len(peer.Theirs)+2)
	for name, theirs := range peer.Theirs {
		require.Equal(t, visible(theirs), visible(peer.Ours[name]), name)
	}
	require.Len(t, peer.Lineage, len(peer.TheirLineage))
	for i, theirs := range peer.TheirLineage {
		require.Equal(t, visible(theirs[2]), peer.Lineage[i][2])
	}
}

func count(ctx context.Context, t *testing.T, db *rowmill.DB) int {
	n, err := query.Count(ctx, db, query.From(Beats))
	require.NoError(t, err)
	return n
}

// hidden are the lines of columns whose names begin with an underscore: those of a queue are
// Rowmill's own, and those of a result changed between releases of DataJoint.
var hidden = regexp.MustCompile("\n  `_[^\n]*")

// visible is a CREATE TABLE without hidden columns, as it would be in the pipeline's schema.
func visible(create string) string {
	return regexp.MustCompile("heartbeat_py").ReplaceAllString(hidden.ReplaceAllString(create, ""), "heartbeat")
}

func askPeer(t *testing.T, python, dsn string) peerAnswer {
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	password, _ := u.User.Password()
	var tables []peerTable
	for _, table := range Schema.Tables() {
		p := peerTable{Name: table.String(), Tier: table.Tier().String(), Definition: table.Definition()}
		if table.Master() != nil {
			p.Master = table.Master().String()
		}
		tables = append(tables, p)
	}
	asked, err := json.Marshal(map[string]any{
		"host": u.Hostname(), "port": port, "user": u.User.Username(), "password": password, "tables": tables,
	})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), python, "testdata/datajoint_peer.py")
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	var answer peerAnswer
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &answer), "%s", &stderr)
	return answer
}
