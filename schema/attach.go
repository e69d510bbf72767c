package schema

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// An Attachment is a file that is kept in the database, in an attribute of type <attach>: its name
// and its content, as DataJoint for Python keeps them. Like every value, it is in memory as a
// whole, and goes to the server in one statement, which servers limit by their variable
// max_allowed_packet: to 16 MiB (MariaDB) or 64 MiB (MySQL) where nobody has set it, and never to
// more than 1 GiB. For larger files keep their paths, and the files where they are.
type Attachment struct {
	Name    string // of the file, without a folder
	Content []byte
}

// Attach reads a file to keep it in the database.
func Attach(path string) (Attachment, error) {
	a := Attachment{Name: filepath.Base(path)}
	err := a.check()
	if err == nil {
		a.Content, err = os.ReadFile(path)
	}
	if err != nil {
		return Attachment{}, fmt.Errorf("attach: %w", err)
	}
	return a, nil
}

// Save writes the file into a folder, which must be there, and returns its path. The file appears with
// all of its content or, after an error, not at all. A file of the name that is there is left as it
// is: where it is not an equal file, the error wraps fs.ErrExist. A name that would lead out of the
// folder is refused, since it may come from anybody who can write to the database.
func (a Attachment) Save(folder string) (path string, err error) {
	if err := a.save(folder); err != nil {
		return "", fmt.Errorf("save attachment: %w", err)
	}
	return filepath.Join(folder, a.Name), nil
}

func (a Attachment) save(folder string) error {
	if err := a.check(); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	err = a.publish(root)
	if errors.Is(err, fs.ErrExist) && a.isIn(root) {
		return nil
	}
	return err
}

// publish writes the content beside its place and moves it there, where nothing may be yet: nobody
// sees half a file, and processes that save the same one at the same time do not meet.
func (a Attachment) publish(root *os.Root) error {
	if _, err := root.Lstat(a.Name); err == nil {
		return &fs.PathError{Op: "create", Path: a.Name, Err: fs.ErrExist}
	}
	part := ".rowmill-" + rand.Text()
	defer func() { _ = root.Remove(part) }() // which may have its place already
	if err := write(root, part, a.Content); err != nil {
		return err
	}
	err := root.Link(part, a.Name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return occupy(root, part, a.Name)
}

// occupy moves a file where the file system has no links. Moving replaces what is there, so that the
// place is taken first, by an empty file.
func occupy(root *os.Root, part, name string) error {
	if err := write(root, name, nil); err != nil {
		return err
	}
	if err := root.Rename(part, name); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// write makes a file, which must not be there.
func write(root *os.Root, name string, content []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// isIn tells whether an equal file is in the folder already. It follows no link, and reads nothing
// that never ends.
func (a Attachment) isIn(root *os.Root) bool {
	info, err := root.Lstat(a.Name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(a.Content)) {
		return false
	}
	there, err := root.ReadFile(a.Name)
	return err == nil && bytes.Equal(there, a.Content)
}

// windowsDrive begins a path on Windows, even without a slash.
var windowsDrive = regexp.MustCompile(`^[A-Za-z]:`)

// check wants a name that leads nowhere but into the folder, on any system where somebody may fetch
// it, and that DataJoint for Python can read.
func (a Attachment) check() error {
	switch {
	case a.Name == "", a.Name == ".", a.Name == "..", strings.ContainsAny(a.Name, "/\\\x00"),
		windowsDrive.MatchString(a.Name), !filepath.IsLocal(a.Name):
		return fmt.Errorf("%q is no name of a file without a folder", a.Name)
	case !utf8.ValidString(a.Name):
		return fmt.Errorf("%q is no name in UTF-8", a.Name)
	}
	return nil
}

// attachCodec is <attach>, as DataJoint has it: the file's name, a zero, and its content.
type attachCodec struct{}

func (attachCodec) Name() string   { return "attach" }
func (attachCodec) Stored() string { return "bytes" }

func (attachCodec) Fits(t reflect.Type) error {
	if t != reflect.TypeFor[Attachment]() {
		return fmt.Errorf("%s cannot hold it: a schema.Attachment is wanted", t)
	}
	return nil
}

func (attachCodec) Encode(v any) ([]byte, error) {
	a := v.(Attachment)
	if err := a.check(); err != nil {
		return nil, err
	}
	return slices.Concat([]byte(a.Name), []byte{0}, a.Content), nil
}

func (attachCodec) Decode(data []byte, dst any) error {
	name, content, ok := bytes.Cut(data, []byte{0})
	if !ok {
		return errors.New("it is no attachment: a file's name and a zero are wanted before the content")
	}
	*dst.(*Attachment) = Attachment{Name: string(name), Content: append([]byte{}, content...)}
	return nil
}
