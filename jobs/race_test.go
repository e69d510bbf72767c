//go:build race

package jobs

// raceDetector makes SQLite, which is Go here, ten times slower: tests of many keys take fewer.
const raceDetector = true
