"""pasted.py HOST PORT: writes into pasted.txt, beside each definition, what DataJoint for Python sends.

It takes an empty MySQL server and a user root without a password, and DataJoint, as .ci/python installs it.
What stands below a line of <<< is left as it is: that is Rowmill's, where it differs on purpose.
"""

import logging
import pathlib
import re
import sys
import types
import warnings

import datajoint as dj

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
dj.config["database.host"], dj.config["database.port"] = sys.argv[1], int(sys.argv[2])
dj.config["database.user"], dj.config["database.password"] = "root", ""
dj.config["stores"] = {"default": "raw", "raw": {"protocol": "file", "location": "/tmp"}}
dj.config.jobs.add_job_metadata = False

connection, sent = dj.conn(), []
execute = type(connection)._execute_query


def spy(self, cursor, query, args, suppress_warnings):
    if query.startswith("CREATE TABLE") and "~lineage" not in query:
        sent.append(query)
    return execute(self, cursor, query, args, suppress_warnings)


type(connection)._execute_query = spy

# The tables of schema lab are known by their names, and as those of modules lab and lab.sub.
lab, far = types.SimpleNamespace(), types.SimpleNamespace()
lab.sub = lab
known = {"lab": lab, "far": far}
schemas = {}


def declare(tier, name, definition):
    """declare a table as a program does that has a class for it"""
    schema = "lab"
    if name.startswith("far."):
        schema, name = "far", name[4:]
    if schema not in schemas:
        schemas[schema] = dj.Schema(schema)
    if tier == "Part":
        master, name = name.split(".")
        part = type(name, (dj.Part,), {"definition": definition})
        setattr(known[master], name, part)
        part._master = known[master]
        context = dict(known, master=known[master], self=part)
        schemas[schema]._decorate_table(part, context=context)
        return part
    table = type(name, (getattr(dj, tier),), {"definition": definition})
    table = schemas[schema](table, context=known if schema == "lab" else {})
    setattr(far if schema == "far" else lab, name, table)
    if schema == "lab":
        known[name] = table
    return table


path = pathlib.Path(__file__).with_name("pasted.txt")
about, *entries = re.split(r"(?m)^=== ", path.read_bytes().decode())
out = about
for entry in entries:
    head, definition = entry.split("\n", 1)
    definition, _, answer = ("\n" + definition).partition("\n>>>")
    _, on_purpose, ours = answer.partition("\n<<<")
    definition = definition[1:]
    sent.clear()
    error = ""
    try:
        declare(*head.split(" "), definition)().heading.attributes  # where it finds other faults
    except Exception as e:
        error = " " + f"{type(e).__name__}: {e}".split("\n")[0][:100]
    out += f"=== {head}\n{definition}\n>>>{error}\n" + "".join(s + "\n" for s in sent)
    if on_purpose:
        out += "<<<" + ours.rstrip("\n") + "\n"
path.write_bytes(out.encode())
