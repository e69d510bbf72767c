// Package qrs finds heart beats in an electrocardiogram: it detects the QRS
// complexes of one lead and places each beat at its R peak. It follows Pan and
// Tompkins [1], with the median levels of Hamilton and Tompkins [2, 3], made to
// work on a window of a few seconds taken on its own, forwards and backwards in
// time, instead of on an endless stream.
//
// # Method
//
//  1. Band-pass, 5–15 Hz [1], by second-order Butterworth filters run forwards
//     and backwards. There is no delay to correct for, and since the window is
//     continued by reflection there is no start-up time in which beats are lost.
//  2. Derivative: the five-point formula of [1], in mV/s.
//  3. Square, and integrate over a moving window of 150 ms, the width of a wide
//     QRS complex [1]. Here the window is centred on its sample, and the root
//     of the mean is taken: the root mean square slope. A ventricular beat of
//     twice the height then counts twice, not four times, and cannot raise the
//     threshold above the normal beats about it.
//  4. The local maxima of that, none within the refractory period of 200 ms [1]
//     of a higher one, are the candidates.
//  5. A signal and a noise level are each the median of the last eight beats and
//     the last eight rejected candidates [2]. A mean, as in [1], would follow a
//     single spike; a median does not, and since a beat counts for no more than
//     twice the level (our addition) it does not follow a longer burst of artefact
//     out of reach either. The signal level starts as the median over stretches of
//     1.5 s of the highest slope in each: such a stretch holds a beat at 40 per
//     minute and faster, and fewer than half of the stretches may be artefact. The
//     noise level starts at zero [3].
//  6. A candidate is a beat when its slope exceeds noise + 0.3125 (signal − noise)
//     [3], unless it comes within 360 ms of a beat more than twice as steep: then
//     it is that beat's T wave [1].
//  7. Search-back: where no beat came for 1.66 times the usual interval, the
//     steepest candidate in the gap that exceeds half the threshold in force at
//     its time is a beat after all [1]. The gap may be between two beats or
//     between a beat and an end of the window; the usual interval is the median
//     of all intervals. This repeats until no more is found.
//  8. The polarity of the QRS is taken from all beats together, so that beats of
//     one shape are always placed at the same wave. The beat lies at the extreme
//     of the band-passed signal in the integration window, moved to the extreme of
//     the raw signal within 40 ms: the filter shifts the broad and lopsided peak of
//     a ventricular beat by up to that much.
//
// What rises to the very first or last sample has its peak beyond the window and
// is left to the neighbouring one: as a rule, exactly one of two windows has the
// beat at their seam.
//
// A beat's band-passed peak is at least 0.05 mV, a third of what the program of
// [3] demands: without such a floor the last digit of the converter would beat
// where an electrode has come off.
//
// # Sources
//
//   - [1] J. Pan, W. J. Tompkins: A real-time QRS detection algorithm. IEEE
//     Transactions on Biomedical Engineering 32(3):230–236, 1985.
//   - [2] P. S. Hamilton, W. J. Tompkins: Quantitative investigation of QRS
//     detection rules using the MIT/BIH arrhythmia database. IEEE Transactions
//     on Biomedical Engineering 33(12):1157–1165, 1986.
//   - [3] P. Hamilton: Open source ECG analysis. Computers in Cardiology
//     29:101–104, 2002, and the program published with it.
package qrs
