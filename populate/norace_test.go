//go:build !race

package populate

const raceDetector = false
