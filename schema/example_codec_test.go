package schema_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/schema"
)

// PNG keeps pictures in attributes of type <png>.
var PNG = schema.NewCodec("png", "bytes", encodePNG, decodePNG)

func encodePNG(picture image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, picture)
	return b.Bytes(), err
}

func decodePNG(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) }

// Album is a schema whose definitions may say <png>.
var Album = schema.New("album", PNG)

// A Frame is one picture of a camera.
type Frame struct {
	Frame   int32
	Picture image.Image // nil where there is none
}

// Frames are the pictures of a camera.
var Frames = schema.Lookup(Album, `
	# Picture of a camera
	frame : int32
	---
	picture = null : <png>
`, []Frame{{1, image.NewGray(image.Rect(0, 0, 30, 20))}, {2, nil}})

// A codec keeps values of a type of one's own: here pictures, as PNG files.
func ExampleNewCodec() {
	folder, err := os.MkdirTemp("", "album")
	if err != nil {
		log.Fatal(err)
	}
	err = show(context.Background(), "sqlite:"+filepath.Join(folder, "album.db"))
	if err := errors.Join(err, os.RemoveAll(folder)); err != nil {
		log.Fatal(err)
	}
	// Output:
	// frame 1: a picture of (30,20), *image.Gray
	// frame 2: no picture
}

// show declares the table, with its contents, and reads it: as query.Fetch does, of package query.
func show(ctx context.Context, dsn string) error {
	db, err := rowmill.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := Album.Declare(ctx, db); err != nil {
		return err
	}
	table := db.Dialect().Table(Album.Name(), Frames.Untyped().Name())
	rows, err := db.Query(ctx, "SELECT frame, picture FROM "+table+" ORDER BY frame")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var f Frame
		if err := rows.Scan(Frames.Binding().Dests(&f)...); err != nil {
			return err
		}
		if f.Picture == nil {
			fmt.Printf("frame %d: no picture\n", f.Frame)
			continue
		}
		fmt.Printf("frame %d: a picture of %v, %T\n", f.Frame, f.Picture.Bounds().Size(), f.Picture)
	}
	return rows.Err()
}
