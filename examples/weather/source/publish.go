package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Publish has the source publish the years up to one of them now that it has not published before, and keeps in a file what
// it has published when: the source is older than the program that brings it along.
func Publish(file string, until int) (map[int]time.Time, error) {
	published := map[int]time.Time{}
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &published)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("what the source has published: %w", err)
	}
	for year := FirstYear; year <= min(until, LastYear); year++ {
		if _, ok := published[year]; !ok {
			published[year] = time.Now()
		}
	}
	if text, err = json.Marshal(published); err != nil {
		return nil, err
	}
	return published, replace(file, text)
}

// replace writes a file whole, or not at all.
func replace(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), file)
}
