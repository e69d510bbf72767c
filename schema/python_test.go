package schema

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill/internal/testdb"
)

// pgmCodec keeps grey pictures as the class PGM of testdata/codec_peer.py does.
var pgmCodec = NewCodec("pgm", "bytes",
	func(m *image.Gray) ([]byte, error) {
		head := fmt.Appendf(nil, "P5 %d %d 255\n", m.Rect.Dx(), m.Rect.Dy())
		return append(head, m.Pix...), nil
	},
	func(data []byte) (*image.Gray, error) {
		head, pixels, _ := bytes.Cut(data, []byte("\n"))
		var width, height int
		if _, err := fmt.Sscanf(string(head), "P5 %d %d 255", &width, &height); err != nil {
			return nil, err
		}
		return &image.Gray{Pix: pixels, Stride: width, Rect: image.Rect(0, 0, width, height)}, nil
	})

type arc [2]int64

// graphCodec keeps arcs in a blob, as the class Graph does.
var graphCodec = NewCodec("graph", "bytes",
	func(arcs []arc) ([]byte, error) {
		columns := map[string][]int64{"from": {}, "to": {}}
		for _, a := range arcs {
			columns["from"], columns["to"] = append(columns["from"], a[0]), append(columns["to"], a[1])
		}
		return Blob.Encode(columns)
	},
	func(data []byte) ([]arc, error) {
		var columns map[string][]int64
		err := Blob.Decode(data, &columns)
		arcs := make([]arc, len(columns["from"]))
		for i, from := range columns["from"] {
			arcs[i] = arc{from, columns["to"][i]}
		}
		return arcs, err
	})

type point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// pointCodec keeps points as JSON, as the class Point does.
var pointCodec = NewCodec("point", "json",
	func(p point) ([]byte, error) { return json.Marshal(p) },
	func(data []byte) (p point, err error) { return p, json.Unmarshal(data, &p) })

// A Shared is a row of a table that Go and Python share.
type Shared struct {
	N       int32
	File    Attachment
	Picture *image.Gray
	Graph   []arc
	Point   *point
}

const sharedDefinition = `
	n : int32
	---
	file : <attach>
	picture = null : <pgm>    # grey
	graph : <graph>
	point = null : <point>
`

// TestCodecsWithDataJoint has tables of codecs that both sides know, made by either side, and written by
// the other.
func TestCodecsWithDataJoint(t *testing.T) {
	python, dsn := testdb.Python(t), testdb.MariaDB(t)
	db, folder := openDB(t, dsn), t.TempDir()
	mine := Shared{
		1, Attachment{"aus Go ☃.bin", []byte("\x00\x01'\\\xff\r\n")},
		&image.Gray{Pix: []byte{1, 2, 3, 4, 0, 255}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)},
		[]arc{{5, 6}, {7, -8}}, &point{0.1, 1e-300},
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	theirs := Shared{
		2, Attachment{"von Python ☃.bin", all},
		&image.Gray{Pix: []byte{0, 10, 128, 255, 13, 7}, Stride: 2, Rect: image.Rect(0, 0, 2, 3)},
		[]arc{{1, 2}, {2, 3}}, &point{0.1, -1e300},
	}
	ours := New("codecs_go", pgmCodec, graphCodec, pointCodec)
	table := Manual[Shared](ours, sharedDefinition)
	require.NoError(t, ours.Declare(t.Context(), db))
	require.NoError(t, store(t, db, table, mine))

	answer := askCodecPeer(t, python, dsn, folder)
	require.Equal(t, map[string]any{
		"file": mine.File.Name, "content": hex.EncodeToString(mine.File.Content),
		"picture": []any{[]any{1.0, 2.0, 3.0}, []any{4.0, 0.0, 255.0}},
		"graph":   []any{[]any{5.0, 6.0}, []any{7.0, -8.0}},
		"point":   []any{0.1, 1e-300},
	}, answer)
	require.Equal(t, []Shared{mine, theirs}, load(t, db, table))
	path, err := theirs.File.Save(folder)
	require.NoError(t, err, "which is the file that Python read")
	require.Equal(t, filepath.Join(folder, "von Python ☃.bin"), path)

	their := New("codecs_py", pgmCodec, graphCodec, pointCodec)
	theirTable := Manual[Shared](their, sharedDefinition)
	require.NoError(t, their.Declare(t.Context(), db), "the tables are the same")
	require.Equal(t, []Shared{theirs}, load(t, db, theirTable))
	blank := Shared{N: 3, File: mine.File, Graph: []arc{}}
	require.NoError(t, store(t, db, theirTable, blank))
	require.Equal(t, []Shared{theirs, blank}, load(t, db, theirTable))
}

func askCodecPeer(t *testing.T, python, dsn, folder string) (answer map[string]any) {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	password, _ := u.User.Password()
	asked, err := json.Marshal(map[string]any{
		"host": u.Hostname(), "port": port, "user": u.User.Username(), "password": password,
		"folder": folder, "definition": sharedDefinition,
	})
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), python, "testdata/codec_peer.py")
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &answer), "%s", &stderr)
	return answer
}
