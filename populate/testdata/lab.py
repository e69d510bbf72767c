"""The tables of this package's tests as a Python program declares and makes them: the other half of python_test.go.

The make of a Result takes a while, as seconds() says; fails for the keys that refuses(key) picks; and enters a Visit with
a negative number in its transaction, where that of Go enters a positive one. before(key) may be replaced: it is called in
the middle of a make.
"""

import random

lab = schema("lab")


def seconds():
    return 0


def refuses(subject_id):
    return False


def before(key):
    pass


class settings:
    only = None  # a restriction of the keys that this program knows of


@lab
class Subject(dj.Manual):
    definition = """
    subject_id : int32
    ---
    weight : float64
    """


@lab
class Visit(dj.Manual):
    definition = """
    visit : int64  # a random number
    ---
    subject_id : int32
    """


@lab
class Result(dj.Computed):
    definition = """
    -> Subject
    ---
    value : float64
    """

    class Peak(dj.Part):
        definition = """
        -> master
        peak : int16
        """

    @property
    def key_source(self):
        return Subject.proj() & settings.only if settings.only else Subject.proj()

    def make(self, key):
        weight = (Subject & key).fetch1("weight")
        time.sleep(seconds())
        before(key)
        if refuses(key["subject_id"]):
            raise ValueError(f"Python will not make {key['subject_id']} ☃")
        Visit.insert1({"visit": -random.getrandbits(62), **key})
        self.insert1({**key, "value": 2 * weight})
        Result.Peak.insert([{**key, "peak": 0}, {**key, "peak": 1}])


def work():
    """Populates until nothing is left, as a script of a lab does. It tells how often populate has ended by an error."""
    aborted = []
    while True:
        try:
            Result.populate(reserve_jobs=True, suppress_errors=True)
        except dj.DataJointError as e:
            aborted.append(str(e))
        jobs = Result().jobs.progress()
        if jobs["pending"] + jobs["reserved"] == 0:
            return aborted
        time.sleep(0.05)


def age(seconds, subject_id):
    """Makes a job look so much older."""
    dj.conn().query(
        "UPDATE lab.`~~result` SET created_time = created_time - INTERVAL %s SECOND,"
        " reserved_time = reserved_time - INTERVAL %s SECOND WHERE subject_id = %s",
        args=(seconds, seconds, subject_id),
    )
