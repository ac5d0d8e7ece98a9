#!/usr/bin/env python3
"""The Python package, from its wheel. Usage: sequitur_test.py WHEEL"""
import array
import datetime
import decimal
import gc
import importlib.util
import ipaddress
import sys
import tempfile
import threading
import unittest
import weakref
import zipfile

STREAMS = """
stream auth time ts us { card: string, amount: float, declined: bool?, n: int?, fee: decimal?, seen: time?, age: duration?, `from`: ip? }
param LEAST = 100
"""
TESTING = """
rule testing "Small probes" {
  severity high
  key    card
  within 10m
  first  probe: auth{3..} where amount < 5
  then   hit: auth where amount > LEAST
  emit   fraud(card, probes = count(probe), amount = hit.amount, fee = hit.fee, seen = hit.seen, age = hit.age, `from` = hit.`from`, all = values(probe.amount))
  message "{count(probe)} probes"
}
"""
SILENT = "rule silent { key card  first a: auth where n == 1  no b: auth where n == 2 for 1m  emit silent(card) }"
RULES = {"streams.seq": STREAMS, "testing.seq": TESTING}
PROBES = [{"time": second * 1_000_000, "card": "4000", "amount": 1.5} for second in (1, 2, 3)]
HIT = {"time": 4_000_000, "card": "4000", "amount": 480}


class PackageTest(unittest.TestCase):
    def test_rows_in_alerts_out(self):
        engine = sequitur.Engine(RULES)
        self.assertEqual(engine.push("auth", PROBES), [])
        full = dict(HIT, fee=decimal.Decimal("0.25"), seen=datetime.datetime(2024, 1, 31), age=datetime.timedelta(milliseconds=3), n=None)
        full["from"] = "10.0.0.1"
        [alert] = engine.push("auth", full)
        self.assertEqual((alert.rule, alert.title, alert.kind, alert.severity, alert.stream), ("testing", "Small probes", "match", "high", "fraud"))
        self.assertEqual(alert.fields, {
            "card": "4000", "probes": 3, "amount": 480.0, "fee": decimal.Decimal("0.25"),
            "seen": datetime.datetime(2024, 1, 31, tzinfo=datetime.timezone.utc), "age": datetime.timedelta(milliseconds=3),
            "from": ipaddress.ip_address("10.0.0.1"), "all": [1.5, 1.5, 1.5]})
        self.assertEqual((alert.key, alert.message, alert.score, len(alert.id)), ({"card": "4000"}, "3 probes", None, 32))
        self.assertEqual(alert["probes"], 3)
        self.assertEqual(alert.time, datetime.datetime(1970, 1, 1, 0, 0, 4, tzinfo=datetime.timezone.utc))
        self.assertEqual([event["amount"] for event in alert.evidence["probe"]], [1.5] * 3)
        self.assertEqual((engine.counters.events, engine.counters.alerts, engine.time), (4, 1, alert.time))

    def test_columns_of_every_kind(self):
        times = [event["time"] for event in PROBES + [HIT]]
        cards, amounts = ["4000"] * 4, [1.5, 1.5, 1.5, 480]
        day = datetime.datetime(1970, 1, 1)
        for given_times in (times, array.array("q", times), [day + datetime.timedelta(microseconds=time) for time in times]):
            for given in (amounts, tuple(amounts), array.array("d", amounts), array.array("f", amounts), array.array("i", [1, 2, 1, 480])):
                engine = sequitur.Engine(RULES)
                [alert] = engine.push_columns("auth", given_times, {"card": cards, "amount": given})
                self.assertEqual((alert["probes"], alert["amount"]), (3, 480.0))
        engine = sequitur.Engine(RULES)
        more = {"card": ["4000", None, "4000", "4000", "4000"], "amount": [1, 1, 2, 3, 480], "fee": [None, None, None, None, "1.5"],
                "seen": [None, 0, 0, 0, 77], "declined": [True, False, None, None, None], "age": [0, 1, 2, 3, datetime.timedelta(seconds=1)]}
        [alert] = engine.push_columns("auth", range(5), more)
        self.assertEqual((alert["probes"], alert["fee"], alert["age"]), (3, decimal.Decimal("1.5"), datetime.timedelta(seconds=1)))
        [alert] = engine.push_columns("auth", [9] * 4, {"card": ["a\0b"] * 4, "amount": memoryview(array.array("d", amounts)).toreadonly()})
        self.assertEqual(alert["card"], "a\0b")
        self.assertEqual(engine.push_columns("auth", [], {"card": [], "amount": array.array("d")}), [])

    def test_arrow_arrays_by_their_buffers(self):
        engine = sequitur.Engine(RULES)
        text = FakeArrow("string", 4, 1, [b"\xfe", array.array("i", [0, 1, 5, 9, 13, 17]), b"x4000400040004000"])
        number = FakeArrow("double", 4, 0, [None, array.array("d", [1.5, 1.5, 1.5, 480])])
        [alert] = engine.push_columns("auth", range(4), {"card": text, "amount": number})
        self.assertEqual(alert["probes"], 3)
        with self.assertRaisesRegex(sequitur.SequiturError, "Arrow's list is not taken"):
            engine.push_columns("auth", range(4), {"card": FakeArrow("list", 4, 0, [None, None])})

    @unittest.skipUnless(importlib.util.find_spec("numpy"), "numpy is not installed")
    def test_numpy(self):
        import numpy
        engine = sequitur.Engine(RULES)
        times = numpy.array([1, 2, 3, 4], dtype="datetime64[s]")
        columns = {"card": numpy.array(["4000"] * 4), "amount": numpy.array([[1.5, 0], [1.5, 0], [1.5, 0], [480, 0]])[:, 0],
                   "declined": numpy.array([True] * 4), "n": numpy.arange(4, dtype=numpy.int16)}
        [alert] = engine.push_columns("auth", times, columns)
        self.assertEqual(alert["amount"], 480.0)

    def test_rules_change_while_it_runs(self):
        engine = sequitur.Engine(RULES)
        engine.push("auth", PROBES)
        engine.replace_rules(dict(RULES, **{"silent.seq": SILENT}))
        [alert] = engine.push("auth", HIT)
        self.assertEqual(alert["probes"], 3)
        engine.push("auth", {"time": 5_000_000, "card": "5000", "amount": 1, "n": 1})
        [alert] = engine.advance(datetime.datetime(1970, 1, 1, 0, 2))
        self.assertEqual((alert.rule, alert.key), ("silent", {"card": "5000"}))
        with self.assertRaises(sequitur.RulesError):
            engine.replace_rules({"bad.seq": "rule"})
        self.assertEqual(engine.finish(), [])

    def test_snapshots(self):
        engine = sequitur.Engine(RULES, threads=2)
        engine.push("auth", PROBES)
        whole, parts = engine.snapshot(), engine.snapshot_groups(3)
        first = engine.push("auth", HIT)
        for restore in (lambda other: other.restore(whole), lambda other: other.restore_groups(parts)):
            other = sequitur.Engine(RULES)
            restore(other)
            self.assertEqual(other.push("auth", HIT), first)
        with self.assertRaisesRegex(sequitur.SnapshotError, "damaged"):
            engine.restore(whole[:-1] + bytes([whole[-1] ^ 1]))
        with self.assertRaisesRegex(sequitur.SnapshotError, "other rules"):
            sequitur.Engine(RULES, params={"LEAST": 50}).restore(whole)

    def test_errors_say_what_is_wrong(self):
        with self.assertRaisesRegex(sequitur.RulesError, r"error\[E\d+\]"):
            sequitur.Engine({"a.seq": "rule r { first x: nothing  emit y() }"})
        with self.assertRaisesRegex(sequitur.SequiturError, "/no/such/file.seq"):
            sequitur.Engine("/no/such/file.seq")
        self.assertEqual(sequitur.check(RULES), "")
        engine = sequitur.Engine(RULES)
        self.assertEqual(engine.streams["auth"]["fee"], "decimal")
        for message, call in (
            ("no stream nothing", lambda: engine.push("nothing", [])),
            ("no field amont", lambda: engine.push("auth", {"time": 1, "amont": 1})),
            ("no field amont", lambda: engine.push_columns("auth", [1], {"amont": [1]})),
            ("has no time", lambda: engine.push("auth", {"card": "1"})),
            ("field card of stream auth", lambda: engine.push("auth", {"time": 1, "card": 5})),
            ("has 2 values, but there are 1 times", lambda: engine.push_columns("auth", [1], {"amount": [1, 2]})),
        ):
            with self.assertRaisesRegex(sequitur.SequiturError, message):
                call()
        with self.assertRaises(sequitur.OutOfOrderError) as caught:
            engine.push("auth", PROBES + [HIT, PROBES[0]])
        self.assertEqual((caught.exception.taken, [alert.rule for alert in caught.exception.alerts]), (4, ["testing"]))
        engine.close()
        with self.assertRaisesRegex(sequitur.SequiturError, "closed"):
            engine.push("auth", HIT)

    def test_engines_are_independent_and_let_go(self):
        found = {}

        def work(name):
            with sequitur.Engine(RULES) as engine:
                found[name] = [alert["probes"] for _ in range(20) for alert in engine.push("auth", PROBES[:0])] + [
                    alert["probes"] for alert in engine.push("auth", PROBES + [HIT])]

        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, {i: [3] for i in range(4)})
        gc.disable()
        try:
            engine = sequitur.Engine(RULES)
            gone = weakref.ref(engine)
            del engine
            self.assertIsNone(gone())
        finally:
            gc.enable()


class FakeArrow:
    """What pyarrow.Array looks like from outside."""

    def __init__(self, kind, length, offset, buffers):
        self.type, self.offset, self._length = kind, offset, length
        self._buffers = [None if buffer is None else FakeBuffer(buffer) for buffer in buffers]

    def __len__(self):
        return self._length

    def buffers(self):
        return self._buffers


class FakeBuffer:
    def __init__(self, data):
        self.held = array.array("B", bytes(data))
        self.address = self.held.buffer_info()[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(sys.argv.pop(1)) as wheel:
            wheel.extractall(folder)
        sys.path.insert(0, folder)
        import sequitur
        unittest.main()
