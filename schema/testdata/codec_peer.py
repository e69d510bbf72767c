"""What DataJoint for Python makes of codecs: the other side of TestCodecsWithDataJoint.

It reads {"host", "port", "user", "password", "folder", "definition"} from standard input. The table Shared of
the schema "codecs_go" has been made from Go, and has a row n = 1. It

- writes what it fetches of that row, its file into the folder;
- enters a row n = 2 there;
- declares a table of the same definition in the schema "codecs_py", and enters the same row n = 2.
"""

import json
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
import datajoint as dj  # noqa: E402  (warnings first: it says at import that it has no configuration)
import numpy as np  # noqa: E402

asked = json.load(sys.stdin)
for name in ("host", "port", "user", "password"):
    dj.config[f"database.{name}"] = asked[name]
dj.config["loglevel"] = "ERROR"
dj.config["download_path"] = asked["folder"]


class PGM(dj.Codec):
    """Grey pictures in the portable graymap format."""

    name = "pgm"

    def get_dtype(self, is_store):
        return "bytes"

    def encode(self, value, *, key=None, context=None, store_name=None):
        return b"P5 %d %d 255\n" % value.shape[::-1] + value.tobytes()

    def decode(self, stored, *, key=None, context=None):
        head, pixels = stored.split(b"\n", 1)
        width, height = map(int, head.split()[1:3])
        return np.frombuffer(pixels, np.uint8).reshape(height, width)


class Graph(dj.Codec):
    """Edges between nodes, in a blob."""

    name = "graph"

    def get_dtype(self, is_store):
        return "<blob>"

    def encode(self, value, *, key=None, context=None, store_name=None):
        return {"from": np.array([a for a, _ in value]), "to": np.array([b for _, b in value])}

    def decode(self, stored, *, key=None, context=None):
        return list(zip(stored["from"].tolist(), stored["to"].tolist()))


class Point(dj.Codec):
    """A point in the plane, in JSON."""

    name = "point"

    def get_dtype(self, is_store):
        return "json"

    def encode(self, value, *, key=None, context=None, store_name=None):
        return {"x": value[0], "y": value[1]}

    def decode(self, stored, *, key=None, context=None):
        return [stored["x"], stored["y"]]


made = dj.VirtualModule("made", "codecs_go").Shared
row = (made & {"n": 1}).fetch1()
answer = {
    "file": str(pathlib.Path(row["file"]).name),
    "content": pathlib.Path(row["file"]).read_bytes().hex(),
    "picture": row["picture"].tolist(),
    "graph": row["graph"],
    "point": row["point"],
}

path = pathlib.Path(asked["folder"]) / "von Python ☃.bin"
path.write_bytes(bytes(range(256)))
row = {
    "n": 2,
    "file": path,
    "picture": np.array([[0, 10], [128, 255], [13, 7]], np.uint8),
    "graph": [(1, 2), (2, 3)],
    "point": [0.1, -1e300],
}
made.insert1(row)

# Rowmill's schemas keep every letter; DataJoint leaves that to the server's default.
dj.conn().query("CREATE DATABASE codecs_py CHARACTER SET utf8mb4")
theirs = dj.Schema("codecs_py")(type("Shared", (dj.Manual,), {"definition": asked["definition"]}))
theirs.insert1(row)
json.dump(answer, sys.stdout)
