"""The workloads that Sequitur and its peers are compared on: seeded events, the rule file, and the plainest way to count.

Each count is (matches, sum): the sum is over the times in milliseconds of all events of all matches, so that two engines which
agree on it took the same events. A match needs distinct events of one key; where the time is limited the limit is inclusive.
"""
import collections
import dataclasses
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    says: str
    events: int          # Of the whole file.
    keys: int
    per_ms: float        # Events in a millisecond of event time.
    streams: str         # One letter an event, drawn with equal weight.
    count: object        # (events, rules) -> (matches, sum), plainly.
    xs: int = 1000       # The field x is below this.
    rules: int = 1       # More than one: the rule file is written by rule_text().
    within: int = 0      # Milliseconds.

    @property
    def rule_file(self):
        return HERE / "rules" / f"{self.name}.seq"


# stream, ts, key, x, amount
Row = collections.namedtuple("Row", "stream ts key x amount")
RuleParameters = collections.namedtuple("RuleParameters", "x threshold")
LOGIN = "l"


def rows(workload, count, seed=1):
    """Of a login x says whether it went well: three of ten do not, as 0."""
    draw = random.Random(f"{workload.name} {seed}")
    for i in range(count):
        stream = draw.choice(workload.streams)
        key = int(draw.random() * workload.keys)
        x = int(draw.random() * workload.xs)
        amount = int(draw.random() * 100_000) / 100
        if stream == LOGIN:
            x = int(x * 10 >= workload.xs * 3)
        yield Row(stream, int(i / workload.per_ms), key, x, amount)


def line(row):
    if row.stream == LOGIN:
        return f'{{"stream":"login","ts":{row.ts},"key":{row.key},"ok":{"true" if row.x else "false"}}}\n'
    return f'{{"stream":"{row.stream}","ts":{row.ts},"key":{row.key},"x":{row.x},"amount":{row.amount}}}\n'


def parameters(workload, rules):
    """What the rules of a workload of many rules ask for."""
    draw = random.Random(f"{workload.name} rules")
    values = 200 if workload.name == "filters" else 100
    return [RuleParameters(i % values, int(80_000 + draw.random() * 20_000) / 100) for i in range(rules)]


def rule_text(workload, rules):
    """The rule file's text: of many rules its streams, and its one rule once for each set of parameters."""
    text = workload.rule_file.read_text()
    if workload.rules == 1:
        return text
    begin = text.index("rule ")
    template = text[begin:]
    made = [template.replace("x == 7", f"x == {p.x}").replace("amount > 900.25", f"amount > {p.threshold}")
            .replace(f"rule {workload.name}", f"rule {workload.name}_{i}", 1) for i, p in enumerate(parameters(workload, rules))]
    return text[:begin] + "\n".join(made)


# The plain counts: for each key its events in order, and every way to begin tried by itself.

def by_key(events):
    keys = collections.defaultdict(list)
    for event in events:
        keys[event.key].append(event)
    return keys.values()


def total(matches):
    matches = list(matches)
    return len(matches), sum(event.ts for match in matches for event in match)


def next_of(events, at, stream, first, within, accept=lambda row: True):
    """The first event of the stream behind place `at` that is accepted and in time, with its place."""
    for place in range(at + 1, len(events)):
        row = events[place]
        if row.ts - first.ts > within:
            return None
        if row.stream == stream and accept(row):
            return place
    return None


def count_sequence(events, rules, within):
    def matches():
        for own in by_key(events):
            for i, a in enumerate(own):
                if a.stream == "a" and (j := next_of(own, i, "b", a, within)) and (k := next_of(own, j, "c", a, within)):
                    yield a, own[j], own[k]
    return total(matches())


def count_absence(events, rules, within):
    # A `b` exactly at the deadline comes too late to prevent the match.
    return total((a,) for own in by_key(events) for i, a in enumerate(own)
                 if a.stream == "a" and next_of(own, i, "b", a, within - 1) is None)


def count_failures(events, rules, within):
    def matches():
        for own in by_key(events):
            for i, first in enumerate(own):
                if first.x:
                    continue
                places = [i]
                while places and len(places) < 5:
                    place = next_of(own, places[-1], LOGIN, first, within, lambda row: not row.x)
                    places = places + [place] if place else []
                if places and (win := next_of(own, places[-1], LOGIN, first, within, lambda row: row.x)):
                    yield [own[place] for place in places] + [own[win]]
    return total(matches())


def count_loop(events, rules, within):
    def matches():
        for own in by_key(events):
            for i, a in enumerate(own):
                if a.stream != "a":
                    continue
                taken, place = [], i
                while place := next_of(own, place, "b", a, within):
                    end = next_of(own, i if not taken else own.index(taken[-1]), "c", a, within) if taken else None
                    if end is not None and end < place:
                        break
                    taken.append(own[place])
                if taken and (end := next_of(own, own.index(taken[-1]), "c", a, within)):
                    yield from ([a, *taken[:n], own[end]] for n in range(1, len(taken) + 1))
    return total(matches())


def count_strict_loop(events, rules, within):
    def matches():
        for own in by_key(events):
            for i, a in enumerate(own):
                end = i + 1
                while end < len(own) and own[end].stream == "b":
                    end += 1
                if a.stream == "a" and i + 1 < end < len(own) and own[end].stream == "c" and own[end].ts - a.ts <= within:
                    yield own[i:end + 1]
    return total(matches())


def count_filters(events, rules, within):
    return total((a,) for a in events for rule in rules if a.x == rule.x and a.amount > rule.threshold)


def count_pairs(events, rules, within):
    def matches():
        for own in by_key(events):
            for i, a in enumerate(own):
                if a.stream != "a":
                    continue
                for rule in rules:
                    if a.x == rule.x and a.amount > rule.threshold and (j := next_of(own, i, "b", a, within, lambda row: row.x == rule.x)):
                        yield a, own[j]
    return total(matches())


def count_runs(events, rules, within):
    def matches():
        for own in by_key(events):
            for i, a in enumerate(own):
                if a.stream == "a" and (j := next_of(own, i, "b", a, within, lambda row, x=a.x: row.x == x)):
                    yield a, own[j]
    return total(matches())


WORKLOADS = {w.name: w for w in [
    Workload("sequence", "a, then b, then c of one key within a minute; 10,000 keys", 2_000_000, 10_000, 1, "abc", count_sequence, within=60_000),
    Workload("absence", "a, and no b of that key for 5 seconds; 10,000 keys", 2_000_000, 10_000, 5, "ab", count_absence, within=5_000),
    Workload("failures", "five failed logins, then a success of one user within 2 minutes; 10,000 users", 2_000_000, 10_000, 1, LOGIN,
             count_failures, within=120_000),
    Workload("loop", "a b+ c of one key within a minute, every match reported; 10,000 keys", 2_000_000, 10_000, 1, "abc", count_loop,
             within=60_000),
    Workload("strict_loop", "a b+ c of one key within a minute, nothing between; 10,000 keys", 2_000_000, 10_000, 1, "abc",
             count_strict_loop, within=60_000),
    Workload("filters", "1,000 rules of one event: x is one of 200 values and the amount above a threshold", 2_000_000, 10_000, 1, "a",
             count_filters, xs=200, rules=1000),
    Workload("pairs", "1,000 rules of two events: a with x one of 100 values and the amount above a threshold, then b with that x, of one "
             "key within 10 seconds; 1,000 keys", 1_000_000, 1_000, 1, "ab", count_pairs, xs=100, rules=1000, within=10_000),
    Workload("runs_100", "a, then b with the same x within 200 ms; one key, about 100 live runs", 1_000_000, 1, 1, "ab", count_runs,
             xs=1_000, within=200),
    Workload("runs_1000", "a, then b with the same x within 2 s; one key, about 1,000 live runs", 1_000_000, 1, 1, "ab", count_runs,
             xs=10_000, within=2_000),
    Workload("keys_1m", "a, then b, then c of one key within a minute; 1,000,000 keys", 3_000_000, 1_000_000, 100, "abc", count_sequence,
             within=60_000),
]}
