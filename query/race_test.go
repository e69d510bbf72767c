//go:build race

package query

// raceDetector makes SQLite, which is Go here, ten times slower: tests of many keys take fewer.
const raceDetector = true
