package schema

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rowmill/rowmill"
)

// inFolder are the names of what is in a folder.
func inFolder(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestAttachments go from a file through the database into a file of another folder.
func TestAttachments(t *testing.T) {
	type Doc struct {
		N    int32
		Doc  Attachment
		More *Attachment
	}
	s := New("attached")
	docs := Manual[Doc](s, "n : int32\n---\ndoc : <attach>\nmore = null : <attach>")
	from, to := t.TempDir(), t.TempDir()
	contents := map[string][]byte{
		"empty": {}, "notes ☃.txt": []byte("héllo\r\n\x00\xff'\\"), "10:30.csv": []byte("1,2"), ".hidden": {0},
		"large.bin": bytes.Repeat([]byte{0, 1, '\'', '\\', 0xff, 7, 8}, 1<<17),
	}
	var rows []Doc
	for name, content := range contents {
		require.NoError(t, os.WriteFile(filepath.Join(from, name), content, 0o600))
		a, err := Attach(filepath.Join(from, name))
		require.NoError(t, err)
		require.Equal(t, Attachment{name, content}, a)
		rows = append(rows, Doc{int32(len(rows)), a, nil}, Doc{int32(len(rows)) + 100, a, &a})
	}
	each(t, func(t *testing.T, db *rowmill.DB) {
		require.NoError(t, s.Declare(t.Context(), db))
		require.NoError(t, store(t, db, docs, rows...))
		back := load(t, db, docs)
		require.ElementsMatch(t, rows, back)
		for range 2 { // the second time all are there
			for _, row := range back {
				path, err := row.Doc.Save(to)
				require.NoError(t, err)
				require.Equal(t, filepath.Join(to, row.Doc.Name), path)
				saved, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, contents[row.Doc.Name], saved)
			}
		}
		require.Len(t, inFolder(t, to), len(contents), "and nothing else")
	})
}

func TestAttachWantsAFile(t *testing.T) {
	_, err := Attach(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "attach: open ")
	_, err = Attach(t.TempDir())
	require.ErrorContains(t, err, "attach: ")
	for _, path := range []string{"", ".", "..", "/", "a/.."} {
		_, err = Attach(path)
		require.Error(t, err, path)
	}
}

// TestHostileNames may be in any database that others write to.
func TestHostileNames(t *testing.T) {
	outside := t.TempDir()
	folder := filepath.Join(outside, "folder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	for _, name := range []string{
		"", ".", "..", "../x", "../../etc/passwd", "/etc/passwd", filepath.Join(outside, "x"), "a/b", "a/", "/", "./x", "folder/../../x",
		`C:\x`, "C:x", "c:", `\\host\share\x`, `..\x`, `a\b`, "a\x00b", "\x00", "\xff.txt",
	} {
		a := Attachment{name, []byte("x")}
		_, err := a.Save(folder)
		require.ErrorContains(t, err, "save attachment: ", "%q", name)
		_, err = attachCodec{}.Encode(a)
		require.ErrorContains(t, err, "is no name ", "%q", name)
	}
	for _, name := range []string{strings.Repeat("long", 100), strings.Repeat("☃", 86)} {
		_, err := Attachment{name, nil}.Save(folder)
		require.ErrorContains(t, err, "save attachment: ", "too long for a file system")
	}
	require.Empty(t, inFolder(t, folder))
	require.Equal(t, []string{"folder"}, inFolder(t, outside))

	for _, name := range []string{"two\nlines", "\x1b[2J", "...", "..x", "~", "-rf", "$HOME", "%s", " ", strings.Repeat("n", 255)} {
		path, err := Attachment{name, []byte("x")}.Save(folder)
		require.NoError(t, err, name)
		require.Equal(t, filepath.Join(folder, name), path)
	}
	require.Equal(t, []string{"folder"}, inFolder(t, outside))
}

// TestSaveReplacesNothing has something else of the name in the folder.
func TestSaveReplacesNothing(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	a := Attachment{"a.txt", []byte("mine")}
	place, target := filepath.Join(folder, a.Name), filepath.Join(outside, "target")
	require.NoError(t, os.WriteFile(target, a.Content, 0o600))
	for what, put := range map[string]func() error{
		"another file":         func() error { return os.WriteFile(place, []byte("his"), 0o600) },
		"one of the same size": func() error { return os.WriteFile(place, []byte("hers"), 0o600) },
		"a folder":             func() error { return os.Mkdir(place, 0o700) },
		"a link to an equal":   func() error { return os.Symlink(target, place) },
		"a link to nothing":    func() error { return os.Symlink(filepath.Join(outside, "new"), place) },
		"a link to itself":     func() error { return os.Symlink(a.Name, place) },
		"a link to a device":   func() error { return os.Symlink("/dev/zero", place) },
	} {
		t.Run(what, func(t *testing.T) {
			require.NoError(t, put())
			before, err := os.Lstat(place)
			require.NoError(t, err)
			_, err = a.Save(folder)
			require.ErrorIs(t, err, fs.ErrExist)
			require.ErrorContains(t, err, "a.txt")
			after, err := os.Lstat(place)
			require.NoError(t, err)
			require.True(t, os.SameFile(before, after))
			require.Equal(t, before.Size(), after.Size())
			require.Equal(t, []string{a.Name}, inFolder(t, folder), "nothing is left over")
			require.Equal(t, []string{"target"}, inFolder(t, outside))
			require.NoError(t, os.Remove(place))
		})
	}
	_, err := a.Save(filepath.Join(folder, "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = a.Save(target)
	require.ErrorContains(t, err, "save attachment: ")
}

// TestSaveAtTheSameTime is what the workers of a populate do with a file that all of them need.
func TestSaveAtTheSameTime(t *testing.T) {
	a := Attachment{"weights.bin", bytes.Repeat([]byte("weights"), 1<<16)}
	for range 20 {
		folder := t.TempDir()
		var workers sync.WaitGroup
		for range 8 {
			workers.Go(func() {
				path, err := a.Save(folder)
				if err == nil {
					var saved []byte
					saved, err = os.ReadFile(path)
					if len(saved) != len(a.Content) {
						t.Errorf("a file of %d bytes was seen", len(saved))
					}
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		workers.Wait()
		require.Equal(t, []string{a.Name}, inFolder(t, folder))
	}
}

// TestOccupy is how a file gets its place on a file system without links.
func TestOccupy(t *testing.T) {
	folder := t.TempDir()
	root, err := os.OpenRoot(folder)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, write(root, "part", []byte("x")))
	require.NoError(t, occupy(root, "part", "a"))
	require.Equal(t, []string{"a"}, inFolder(t, folder))

	require.NoError(t, write(root, "part", []byte("y")))
	require.ErrorIs(t, occupy(root, "part", "a"), fs.ErrExist)
	content, err := root.ReadFile("a")
	require.NoError(t, err)
	require.Equal(t, "x", string(content))
	require.ErrorIs(t, occupy(root, "none", "b"), fs.ErrNotExist)
	require.Equal(t, []string{"a", "part"}, inFolder(t, folder))
}

// TestGarbageIsNoAttachment reads what others wrote.
func TestGarbageIsNoAttachment(t *testing.T) {
	var a Attachment
	require.ErrorContains(t, attachCodec{}.Decode([]byte("no zero"), &a), "it is no attachment")
	require.ErrorContains(t, attachCodec{}.Decode(nil, &a), "it is no attachment")
	require.NoError(t, attachCodec{}.Decode([]byte("../x\x00"), &a), "what is there can be looked at")
	require.Equal(t, Attachment{"../x", []byte{}}, a)
	_, err := a.Save(t.TempDir())
	require.ErrorContains(t, err, "../x")
}
