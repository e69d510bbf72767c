"""Values that go through a <blob> and back: the other half of blobs_test.go.

same() wants the type as well; of what is in altered, Go keeps the value alone, and says why in internal/blob.
"""

Box = type("Box", (dj.Manual,), {"definition": "n : int32\n---\nv = null : <blob>"})
schema("blobs")(Box)

values = [
    None, True, False, 0, 1, -1, 127, -128, 2**31, -(2**63), 2**63 - 1, 2**64, -(2**70), 1.5, -0.0, float("inf"), float("nan"),
    1e-310, 1 + 2j, "", "hi", "é☃𝄞\0'\"\\", "x" * 5000, b"", b"\x00\xff", bytes(range(256)) * 20,
    [], [1, "a", None], (), (1, (2, [3])), set(), {1, 2, 3}, {}, {"a": 1, "b": {"c": [1.5, None]}}, {1: "one", (2, "x"): [2]},
    decimal.Decimal("1.50"), decimal.Decimal("-1E+400"), datetime.date(2024, 2, 29), datetime.time(23, 59, 59, 999999),
    datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"),
    np.arange(5), np.arange(6, dtype=np.int8).reshape(2, 3), np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    np.array([], np.float32), np.zeros((0, 3)), np.array([True, False]), np.array([1 + 2j, -3j], np.complex64),
    np.array([0, 2**64 - 1], np.uint64), np.linspace(0, 1, 3000, dtype=np.float32), np.array([[np.nan, np.inf], [-0.0, 5e-324]]),
    np.array(["2024-01-02T03:04:05.678901", "NaT"], "datetime64[us]"),
    np.array([(1, 2.5), (3, 4.5)], [("x", "i4"), ("y", "f8")]).view(np.recarray),
    np.array([1, "a", None, [2]], object), [np.arange(3), {"k": np.eye(2)}], {"signal": np.sin(np.arange(100.0)), "rate": 30000.0},
    np.arange(12, dtype=np.uint16)[::-3], [[[[[1]]]]], {"": {"": ""}}, np.float64(2.5), np.int16(-300), np.bool_(True),
    np.array([1, 2], "datetime64[D]"),
]
altered = {i for i, v in enumerate(values) if isinstance(v, np.generic)} | {len(values) - 1}


def same(a, b, exactly=True):
    if exactly and type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        if a.shape != b.shape or exactly and a.dtype != b.dtype:
            return False
        if a.dtype.names:
            return all(same(np.asarray(a[n]), np.asarray(b[n])) for n in a.dtype.names)
        if a.dtype == object:
            return all(same(x, y) for x, y in zip(a.flat, b.flat))
        return a.astype(b.dtype).tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and same(a[k], b[k]) for k in a)
    return str(a) == str(b) and (a == b or a != a)


def differ():
    """What of the values is otherwise, as it was entered, or as Go entered it again."""
    got = dict(zip(*Box.to_arrays("n", "v")))
    wrong = [i for i, v in enumerate(values) if not same(v, got[i])]
    return wrong + [1000 + i for i, v in enumerate(values) if not same(v, got[1000 + i], i not in altered)]
