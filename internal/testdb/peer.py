"""What a PythonPeer runs: it executes the files that it is given, then each line of standard input, which is a text in JSON.

For each line it writes one of JSON to standard output: {"value": …} of an expression, which is null for a statement, or
{"raised": "ValueError: what"}. Files and lines share their names, and find these:

    dj, np, json, os, time, datetime, decimal, uuid     the modules
    logged      what DataJoint has logged at the level of a warning, or worse
    schema(name)    a DataJoint schema, in a database whose alphabet has all letters
"""

import datetime
import decimal
import json
import logging
import os
import sys
import time
import traceback
import uuid
import warnings

warnings.filterwarnings("ignore")
import datajoint as dj  # noqa: E402  (warnings first: it says at import that MariaDB is not MySQL)
import numpy as np  # noqa: E402

logged = []


class Keep(logging.Handler):
    def emit(self, record):
        logged.append(record.getMessage())


logging.getLogger("datajoint").addHandler(Keep(logging.WARNING))
answers, sys.stdout = sys.stdout, sys.stderr  # what is printed is no answer


def schema(name, **kwargs):
    dj.conn().query(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")
    return dj.Schema(name, **kwargs)


def plain(value):
    """What JSON has no word for."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return str(value)


def run(code, names):
    try:
        compiled = compile(code, "<told>", "eval")
    except SyntaxError:
        exec(compile(code, "<told>", "exec"), names)
        return None
    return eval(compiled, names)


def serve(names):
    for path in sys.argv[1:]:
        with open(path) as f:
            exec(compile(f.read(), path, "exec"), names)
    for line in sys.stdin:
        try:
            text = json.dumps({"value": run(json.loads(line), names)}, default=plain)
        except BaseException as e:
            traceback.print_exc()
            text = json.dumps({"raised": f"{type(e).__name__}: {e}"})
        answers.write(text + "\n")
        answers.flush()


serve(globals())
