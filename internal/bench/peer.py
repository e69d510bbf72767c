"""DataJoint for Python, as one of those that are compared.

It reads requests from standard input, each a line of JSON, and answers each with a line:
{"seconds": …, "memory": …, "error": …}. What is in no measured part, as the import, is done by "open".
"""

import json
import sys
import time
import urllib.parse
import warnings

warnings.filterwarnings("ignore")


def memory(name):
    """How many bytes Linux tells of this process; -1 elsewhere."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(name):
                    return int(line.split()[1]) << 10
    except OSError:
        pass
    return -1


def reset_peak():
    """Begin to watch how large this process becomes, and say how large it is."""
    try:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
    except OSError:
        return -1
    return memory("VmRSS:")


def make_of(up, read):
    """The make of a table, as most makes are: it reads one row, and inserts one."""

    def make(self, key):
        value = (up & key).fetch1(read)
        self.insert1({**key, "value": 2 * value})

    return {"make": make}


def stages_of(up, read):
    """The same in three stages."""

    def make_fetch(self, key):
        return (float((up & key).fetch1(read)),)

    def make_compute(self, key, value):
        return (2 * value,)

    def make_insert(self, key, value):
        self.insert1({**key, "value": value})

    return {"make_fetch": make_fetch, "make_compute": make_compute, "make_insert": make_insert}


class Bench:
    """What is open, and what can be done with it."""

    def __init__(self):
        self.opened = None
        self.tables = {}
        self.rows = []

    def connect(self, asked):
        import datajoint as dj

        dsn = urllib.parse.urlsplit(asked["dsn"])
        dj.config["database.host"] = dsn.hostname
        dj.config["database.port"] = dsn.port
        dj.config["database.user"] = dsn.username
        dj.config["database.password"] = dsn.password
        dj.config["loglevel"] = "ERROR"
        dj.config["safemode"] = False
        dj.config.jobs.add_job_metadata = True  # as Rowmill always does
        self.dj = dj

    def declare(self, asked):
        schema = self.dj.Schema(asked["schema"])
        self.tables = {}
        for table in asked["tables"]:
            members = {"definition": table["definition"]}
            if table["from"]:
                of = stages_of if asked.get("staged") else make_of
                members.update(of(self.tables[table["from"]], table["read"]))
            cls = type(table["name"], (getattr(self.dj, table["tier"]),), members)
            self.tables[table["name"]] = schema(cls, context=dict(self.tables))

    # What is open

    def open(self, asked):
        if asked == self.opened:
            return
        self.opened = None
        self.connect(asked)
        self.declare(asked)
        self.First = self.tables["First"]
        self.First.jobs.progress()  # the queue is known now
        self.opened = asked

    def rows_made(self, asked):
        self.rows = [
            {
                "subject": i // 1000,
                "sample": i % 1000,
                "channel": i % 64,
                "value": i / 7,
                "noise": i / 3 if i % 3 else None,
                "label": "label %d" % (i % 977),
            }
            for i in range(asked["n"])
        ]

    # What is compared

    def start(self, asked):
        self.connect(asked)
        self.declare(asked)

    def refresh(self, asked):
        self.First.jobs.refresh(orphan_timeout=3600)

    def populate(self, asked):
        self.First.populate(reserve_jobs=True, processes=asked.get("workers", 1))

    def pipeline(self, asked):
        for name in ("First", "Second", "Third"):
            self.tables[name].populate(reserve_jobs=True, processes=asked.get("workers", 1))

    def progress(self, asked):
        remaining, total = self.First.progress(display=False)
        queued = self.First.jobs.progress()["pending"]
        if (remaining, total, queued) != (asked["n"] - asked["n"] // 2, asked["n"], remaining):
            raise ValueError("the progress is wrong: %d of %d remain, and %d are queued" % (remaining, total, queued))

    def insert(self, asked):
        with self.dj.conn().transaction:
            self.tables["Sample"].insert(self.rows, chunk_size=10_000)

    def fetch(self, asked):
        if len(self.tables["Sample"].to_dicts()) != asked["n"]:
            raise ValueError("rows are missing")

    def each(self, asked):
        if sum(1 for _ in self.tables["Sample"]()) != asked["n"]:
            raise ValueError("rows are missing")

    def delete(self, asked):
        (self.tables["Subject"] & "subject_id <= %d" % asked["n"]).delete(prompt=False)


# Of these it matters how large the process is in all: they are done once.
WHOLE = ("start",)

bench = Bench()
for line in sys.stdin:
    answer = {"seconds": 0, "memory": -1, "error": ""}
    try:
        asked = json.loads(line)
        before = reset_peak() if asked["do"] not in WHOLE else 0
        began = time.perf_counter()
        getattr(bench, asked["do"])(asked)
        answer["seconds"] = time.perf_counter() - began
        peak = memory("VmHWM:")
        if before >= 0 and peak >= 0:
            answer["memory"] = max(peak - before, 0)
    except Exception as failed:
        answer["error"] = "%s: %s" % (type(failed).__name__, failed)
    print(json.dumps(answer), flush=True)
