"""Sequitur: complex event processing rules over keyed event streams.

    import sequitur

    engine = sequitur.Engine({"card.seq": RULES})
    alerts = engine.push("auth", [{"time": 1_000_000, "card": "4000", "amount": 1.5}, ...])   # rows
    alerts = engine.push_columns("auth", times, {"card": cards, "amount": amounts})           # arrays: lists, numpy, Arrow
    alerts = engine.advance(t)                                                                # nothing comes before t any more
    for alert in alerts:
        print(alert.rule, alert.fields)

Times are datetime objects (those without a zone are UTC) or whole microseconds since 1970. An engine is used by one thread at a time.
"""
from sequitur._engine import Alert, Counters, Engine, Rules, check, version
from sequitur._errors import OutOfOrderError, RulesError, SequiturError, SnapshotError

__all__ = ["Alert", "Counters", "Engine", "OutOfOrderError", "Rules", "RulesError", "SequiturError", "SnapshotError", "check", "version"]
__version__ = version()
