"""A lab's pipeline in Python: sessions, their spectra, and how good these are. Spectrum is too slow.

    python lab.py enter 20      enters 20 sessions
    python lab.py populate      computes what is missing, together with whoever else does
    python lab.py show          prints what there is

It connects as DataJoint always does: DJ_HOST, DJ_PORT, DJ_USER, DJ_PASS.
"""

import math
import sys

import datajoint as dj
import numpy as np

schema = dj.Schema("spectra")


@schema
class Session(dj.Manual):
    definition = """
    # One recording of a subject
    subject : varchar(16)
    session : int32
    ---
    rate_hz : float64  # samples per second
    signal  : <blob>   # the samples
    """


@schema
class Spectrum(dj.Computed):
    definition = """
    # Power spectrum of a session
    -> Session
    ---
    peak_hz : float64  # frequency of greatest power
    """

    class Line(dj.Part):
        definition = """
        # The strongest frequencies
        -> master
        rank  : int8
        ---
        hz    : float64
        power : float64
        """

    def make(self, key):
        rate, signal = (Session & key).fetch1("rate_hz", "signal")
        power = powers([float(x) for x in signal])
        strongest = sorted(range(1, len(power)), key=lambda k: -power[k])[:3]
        self.insert1({**key, "peak_hz": strongest[0] * rate / len(signal)})
        for rank, k in enumerate(strongest):
            self.Line.insert1({**key, "rank": rank, "hz": k * rate / len(signal), "power": power[k]})


def powers(signal):
    """The power at each multiple of the lowest frequency: a loop in a loop, as it was once written."""
    n = len(signal)
    power = []
    for k in range(n // 2):
        re = im = 0.0
        for i, x in enumerate(signal):
            angle = 2 * math.pi * k * i / n
            re += x * math.cos(angle)
            im -= x * math.sin(angle)
        power.append(re * re + im * im)
    return power


@schema
class Quality(dj.Computed):
    definition = """
    # How far the strongest line stands out
    -> Spectrum
    ---
    ratio : float64  # its power by that of the next
    """

    def make(self, key):
        first, second = (Spectrum.Line & key & "rank < 2").to_arrays("power", order_by="rank")
        self.insert1({**key, "ratio": first / second})


def enter(n):
    """Enters n sessions of each of two subjects, with a tone in noise."""
    noise = np.random.default_rng(0)
    time = np.arange(400) / 400
    for subject in ("ada", "bob"):
        for session in range(1, n // 2 + 1):
            tone = np.sin(2 * math.pi * (10 + session) * time)
            Session.insert1((subject, session, 400.0, tone + noise.normal(0, 0.5, 400)), skip_duplicates=True)


def main(command, n="20"):
    if command == "enter":
        enter(int(n))
    elif command == "populate":
        for table in (Spectrum, Quality):
            done = table.populate(reserve_jobs=True, suppress_errors=True)
            print(table.__name__, done["success_count"], "made,", len(done["error_list"]), "failed")
    else:
        print(Session * Spectrum.proj("peak_hz") * Quality)


if __name__ == "__main__":
    main(*sys.argv[1:])
