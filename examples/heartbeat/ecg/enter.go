package ecg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/rowmill/rowmill"
	"github.com/rowmill/rowmill/query"
)

// WindowS is the length of a window, in seconds.
const WindowS = 10

// Enter enters a recording and the windows into which it is cut, unless it is there already.
// Its name must be new. What remains at its end after the last whole window is left out; a file
// that is shorter than one window, or cannot be read, has one window all the same, so that what is
// wrong with it is told where the other failures are. If the file has grown since it was entered,
// its further windows are entered now.
func Enter(ctx context.Context, db *rowmill.DB, r Recording) error {
	const fastest = 1e5
	if !(r.RateHz > 0 && r.RateHz <= fastest) {
		return fmt.Errorf("a rate of %v samples per second; one from above 0 to %v is wanted", r.RateHz, fastest)
	}
	n := max(1, int(float64(countSamples(r.File))/(WindowS*r.RateHz)))
	if n > math.MaxInt16+1 {
		return fmt.Errorf("the recording has %d windows of %d s; at most %d are wanted", n, WindowS, math.MaxInt16+1)
	}
	var windows []Window
	for i := range n {
		windows = append(windows, Window{r.Recording, int16(i), float64(i * WindowS), WindowS})
	}
	err := db.Transact(ctx, func(tx *rowmill.Tx) error {
		if err := query.Insert(ctx, tx, Recordings, r); err != nil {
			return err
		}
		return query.Insert(ctx, tx, Windows, windows...)
	})
	if errors.Is(err, rowmill.ErrDuplicate) {
		return enterRest(ctx, db, r, windows)
	}
	return err
}

// enterRest enters those windows that are not there yet, of a recording that is. It wants the
// recording of this name to be the one that is entered.
func enterRest(ctx context.Context, db *rowmill.DB, r Recording, windows []Window) error {
	this := map[string]any{"recording": r.Recording}
	there, err := query.One[Recording](ctx, db, query.From(Recordings).Match(this))
	if err != nil {
		return err
	}
	if there != r {
		return fmt.Errorf("a recording %q is there already, of other data: %+v", r.Recording, there)
	}
	entered, err := query.Fetch[WindowKey](ctx, db, query.From(Windows).Match(this))
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(windows, func(w Window) bool {
		return slices.Contains(entered, WindowKey{w.Recording, w.Window})
	})
	err = query.Insert(ctx, db, Windows, rest...)
	if errors.Is(err, rowmill.ErrDuplicate) { // another process has entered them in the meantime
		return nil
	}
	return err
}
