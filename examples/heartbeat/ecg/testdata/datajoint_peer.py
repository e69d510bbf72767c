"""What DataJoint for Python makes of this pipeline: the other side of TestDataJoint.

It reads {"host", "port", "user", "password", "tables": [{"name", "tier", "master", "definition"}]}
from standard input: the tables of the schema "heartbeat", which the pipeline has made. It

- reads them as a Python user would, by spawning their classes from the database;
- declares tables of the same definitions in another schema, "heartbeat_py";

and writes {"rows": {table: count}, "joined", "signal": {"dtype", "shape", "sum"},
"ours": {table: CREATE TABLE}, "theirs": {...}, "lineage": [...], "their_lineage": [...]}.
"""

import json
import sys
import warnings

warnings.filterwarnings("ignore")
import datajoint as dj  # noqa: E402  (warnings first: it says at import that it has no configuration)

asked = json.load(sys.stdin)
dj.config["database.host"] = asked["host"]
dj.config["database.port"] = asked["port"]
dj.config["database.user"] = asked["user"]
dj.config["database.password"] = asked["password"]
dj.config["loglevel"] = "ERROR"
dj.config.jobs.add_job_metadata = True  # as Rowmill always does

answer = {"rows": {}}

made = dj.VirtualModule("made", "heartbeat")
for table in asked["tables"]:
    cls = made
    for part in table["name"].split("."):
        cls = getattr(cls, part)
    answer["rows"][table["name"]] = len(cls())
answer["joined"] = len(made.Recording * made.Segment * made.BeatDetection & made.HeartRate.proj())
signal = (made.Segment & {"window": 3}).fetch1("signal_mv")
answer["signal"] = {"dtype": str(signal.dtype), "shape": list(signal.shape), "sum": float(signal.sum())}

tiers = {"manual": dj.Manual, "lookup": dj.Lookup, "imported": dj.Imported, "computed": dj.Computed}
context, classes = {}, {}
for table in asked["tables"]:
    if table["master"]:
        part = type(table["name"].split(".")[1], (dj.Part,), {"definition": table["definition"]})
        setattr(classes[table["master"]], part.__name__, part)
    else:
        classes[table["name"]] = type(table["name"], (tiers[table["tier"]],), {"definition": table["definition"]})
# Rowmill's schemas keep every letter; DataJoint leaves that to the server's default.
dj.conn().query("CREATE DATABASE heartbeat_py CHARACTER SET utf8mb4")
schema = dj.Schema("heartbeat_py")
for name, cls in classes.items():
    if name in ("Segment", "BeatDetection", "HeartRate"):
        cls.make = lambda self, key: None
    context[name] = schema(cls, context=context) or cls
    if name in ("Segment", "BeatDetection", "HeartRate"):
        _ = cls().jobs.progress()  # declares the queue

connection = dj.conn()


def creates(database):
    names = [row[0] for row in connection.query(f"SHOW TABLES FROM `{database}`")]
    return {name: connection.query(f"SHOW CREATE TABLE `{database}`.`{name}`").fetchone()[1] for name in names}


def lineage(database):
    query = f"SELECT table_name, attribute_name, lineage FROM `{database}`.`~lineage` WHERE table_name NOT LIKE '~%%' ORDER BY 1, 2"
    return [list(row) for row in connection.query(query)]


answer["ours"], answer["theirs"] = creates("heartbeat"), creates("heartbeat_py")
answer["lineage"], answer["their_lineage"] = lineage("heartbeat"), lineage("heartbeat_py")
json.dump(answer, sys.stdout)
