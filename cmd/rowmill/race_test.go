//go:build race

package main

// raceDetector has the programs that tests compile share with them what is compiled already.
const raceDetector = true
