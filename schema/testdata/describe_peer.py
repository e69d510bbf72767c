"""Tables as DataJoint for Python declares them, and as it describes them: the other side of TestDescribePython.

It reads {"host", "port", "user", "password", "tables": [{"name", "tier", "master", "definition"}]}
from standard input; declares these tables in the schema "djpy", and those below in "djfar" and
"djpy"; and writes {"schema.table": describe()} of all of them.
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
for name in ("djfar", "djpy"):
    dj.conn().query(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
far, near = dj.Schema("djfar"), dj.Schema("djpy")

tiers = {"manual": dj.Manual, "lookup": dj.Lookup, "imported": dj.Imported, "computed": dj.Computed}
context, classes = {}, {}
for table in asked["tables"]:
    members = {"definition": table["definition"], "make": lambda self, key: None}
    if table["master"]:
        name = table["name"].split(".")[1]
        setattr(classes[table["master"]], name, type(name, (dj.Part,), members))
    else:
        classes[table["name"]] = type(table["name"], (tiers[table["tier"]],), members)
for name, cls in classes.items():
    context[name] = near(cls, context=context) or cls


@far
class Person(dj.Lookup):
    definition = """
    # who works here, äöü ☃
    username : varchar(24)   # short name: it's
    ---
    full_name = '' : varchar(255)
    """

    class Phone(dj.Part):
        definition = """
        -> master
        phone : int8     # counting
        ---
        number : varchar(20)
        unique index(number)
        """


context["Person"] = Person


@near
class NativeTypes(dj.Manual):
    definition = """
    # native passthrough types
    a : int unsigned
    ---
    ts = CURRENT_TIMESTAMP : timestamp   # auto
    ts6 : timestamp(6)
    tu = 3 : tinyint unsigned
    si = null : smallint
    t : time
    y : year
    mb : mediumblob
    lb = null : longblob   # of any bytes
    lt : longtext
    fl : double
    num : numeric(6,2)
    bi : bigint unsigned
    """


@near
class Surgery(dj.Manual):
    definition = """
    # two renamed keys to one table of another schema
    surgery : int auto_increment
    -> NativeTypes
    ---
    -> Person.proj(surgeon='username')
    -> [nullable] Person.proj(helper='username')
    -> [nullable, unique] Person.Phone.proj(emergency='username', emergency_phone='phone')
    kind = "x" : enum('x', 'y')
    at : datetime(3)
    index(surgeon, at)
    index(kind)
    """


@near
class Shared(dj.Computed):
    definition = """
    -> Surgery
    -> Person
    ---
    -> NativeTypes
    -> [nullable] Person.Phone
    """

    def make(self, key):
        pass


for cls in (NativeTypes, Surgery, Shared):
    context[cls.__name__] = cls

answer = {}
for cls in list(context.values()):
    parts = [getattr(cls, name) for name in dir(cls) if name[0].isupper() and isinstance(getattr(cls, name), type)]
    for table in [cls] + [p for p in parts if issubclass(p, dj.Part)]:
        answer[table.full_table_name.replace("`", "")] = table().describe(context=context)
json.dump(answer, sys.stdout)
