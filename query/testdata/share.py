"""A Python program that shares a database with Go: the other half of share_test.go.

Values are compared as texts: canon() spells one as the function of the same name in Go does.
"""

import random
import struct
import types

TIERS = {"manual": dj.Manual, "lookup": dj.Lookup, "imported": dj.Imported, "computed": dj.Computed}


def declare(name, tables):
    """Declares tables, which are there already if Go has made them, and returns their classes by name."""
    into, context, classes = schema(name), {}, {}
    for table in tables:
        members = {"definition": table["definition"]}
        if table["tier"] in ("imported", "computed"):
            members["make"] = lambda self, key: None
        if table["tier"] == "lookup":
            members["contents"] = [("a", 1), ("b", 2), ("ü'\\", 3)]
        if table["master"]:
            part = table["name"].split(".")[1]
            setattr(classes[table["master"]], part, type(part, (dj.Part,), members))
        else:
            classes[table["name"]] = type(table["name"], (TIERS[table["tier"]],), members)
    for class_name, cls in classes.items():
        context[class_name] = into(cls, context=context) or cls
    return types.SimpleNamespace(**context)


def canon(value):
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, np.integer)):
        return str(value)
    if isinstance(value, np.ndarray):
        return " ".join(canon(float(x)) for x in value)
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, datetime.timedelta):
        return str(value // datetime.timedelta(microseconds=1))
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return str(value)  # texts, decimals, dates, UUIDs


def rows(table):
    """What a table holds, in the order of its key."""
    names = table().heading.names
    return [[canon(row[name]) for name in names] for row in table().to_dicts(order_by=table().primary_key)]


def maybe(rnd, value):
    return None if rnd.random() < 0.3 else value


def text(rnd, most):
    return "".join(rnd.choice("ab Zé☃𝄞'\"\\%\n\t{}?`") for _ in range(rnd.randrange(most))) + "."


def moment(rnd, digits):
    at = datetime.datetime(1000, 1, 1) + datetime.timedelta(seconds=rnd.randrange(250_000_000_000))
    return at.replace(microsecond=rnd.randrange(10**digits) * 10 ** (6 - digits) if digits else 0)


def document(rnd, depth=0):
    kind = rnd.randrange(6 if depth < 3 else 4)
    if kind == 4:
        return [document(rnd, depth + 1) for _ in range(rnd.randrange(3))]
    if kind == 5:
        return {text(rnd, 4): document(rnd, depth + 1) for _ in range(rnd.randrange(3))}
    return [rnd.randrange(-(2**53), 2**53), text(rnd, 9), True, None][kind]


def everything(rnd):
    return {
        "k": uuid.UUID(int=rnd.getrandbits(128)),
        "s": rnd.choice(["x", "ab", "é☃", "zzzz"]),
        "i8": rnd.randrange(-(2**7), 2**7),
        "i16": rnd.randrange(-(2**15), 2**15),
        "i32": rnd.randrange(-(2**31), 2**31),
        "i64": maybe(rnd, rnd.randrange(-(2**63), 2**63)),
        "f32": float(np.float32(rnd.gauss(0, 1e6))),
        "f64": rnd.choice([rnd.gauss(0, 1), 0.1, -1e300, 5e-300]),
        "dec": decimal.Decimal(rnd.randrange(-(10**8), 10**8)).scaleb(-3),
        "flag": rnd.random() < 0.5,
        "vc": text(rnd, 39),
        "ch": maybe(rnd, text(rnd, 9)),
        "d": moment(rnd, 0).date(),
        "d0": maybe(rnd, moment(rnd, 0).date()),
        "dt": moment(rnd, 0),
        "dt3": moment(rnd, 3),
        "dt6": maybe(rnd, moment(rnd, 6)),
        "en": rnd.choice(["small", "a-b", "ü"]),
        "js": maybe(rnd, {"of": document(rnd)}),
        "js2": [document(rnd)],
        "uu": maybe(rnd, uuid.UUID(int=rnd.getrandbits(128))),
        "by": rnd.randbytes(rnd.randrange(40)),
        "bl": maybe(rnd, np.array([rnd.gauss(0, 1) for _ in range(rnd.randrange(200))])),
        "id": maybe(rnd, rnd.randrange(1, 51)),
        "method_alias": rnd.choice(["a", "b", "ü'\\"]),
    }


def native(rnd, a):
    return {
        "a": a,
        "ts": datetime.datetime(1971, 1, 1) + datetime.timedelta(seconds=rnd.randrange(2_000_000_000)),
        "t": datetime.timedelta(seconds=rnd.randrange(-3_000_000, 3_000_000)),
        "y": rnd.randrange(1901, 2156),
        "tu": rnd.randrange(2**8),
        "si": maybe(rnd, rnd.randrange(-(2**15), 2**15)),
        "mb": rnd.randbytes(rnd.randrange(40)),
        "lt": text(rnd, 300),
        "fl": rnd.gauss(0, 1),
        "num": decimal.Decimal(rnd.randrange(-(10**6), 10**6)).scaleb(-2),
        "bi": rnd.randrange(2**63),
    }


def fill(tables, seed, n):
    """Enters n rows of every type, and fewer elsewhere. It returns the first as they are entered, in the order of rows()."""
    rnd = random.Random(seed)
    tables.Source.insert({"id": i} for i in range(1, 51))
    tables.SourceInfo.insert(({"id": i, "n": rnd.randrange(2**60)} for i in range(1, 41)), allow_direct_insert=True)
    tables.SourceInfo.Channel.insert(
        {"id": i, "channel": c, "data": np.arange(c * i)} for i in range(1, 41) for c in range(3)
    )
    tables.Outcome.insert(
        ({"id": i, "method": m, "value": rnd.gauss(0, 1)} for i in range(1, 41) for m in ("a", "b") if rnd.random() < 0.6),
        allow_direct_insert=True,
    )
    tables.Pair.insert(
        {"id_a": i, "id_b": rnd.randrange(1, 51), "method": maybe(rnd, "a"), "id": i} for i in range(1, 31)
    )
    every = [everything(rnd) for _ in range(n)]
    natives = [native(rnd, a) for a in range(n // 10)]
    tables.Everything.insert(every)
    tables.Native.insert(natives)
    every.sort(key=lambda row: row["k"].bytes)
    return {name: [[canon(v) for v in row.values()] for row in put] for name, put in (("Everything", every), ("Native", natives))}
