#!/usr/bin/env python3
"""Plays a little of each workload through `sequitur run` and compares with the plain count. Usage: counts_test.py SEQUITUR FOLDER"""
import dataclasses
import json
import pathlib
import subprocess
import sys

import workloads

EPOCH = "1970-01-01T"


def milliseconds(text):
    """Of a time of the first day: 1970-01-01T00:01:02.003000Z."""
    assert text.startswith(EPOCH), text
    hours, minutes, seconds = text[len(EPOCH):-1].split(":")
    return round(((int(hours) * 60 + int(minutes)) * 60 + float(seconds)) * 1000)


def smaller(workload, keys=40):
    """The same on fewer keys, each of which sees as many events in a second."""
    keys = min(keys, workload.keys)
    return dataclasses.replace(workload, keys=keys, per_ms=workload.per_ms * keys / workload.keys)


def check(sequitur, folder, whole, events=8_000):
    workload = smaller(whole)
    rows = list(workloads.rows(workload, events))
    many = min(whole.rules, 500)
    (folder / "events.ndjson").write_text("".join(map(workloads.line, rows)))
    (folder / "rules.seq").write_text(workloads.rule_text(workload, many))
    ran = subprocess.run([sequitur, "run", folder / "rules.seq", "--input", folder / "events.ndjson", "--quiet", "--output", folder / "alerts"],
                         capture_output=True, text=True)
    if ran.returncode != 0:
        return f"{whole.name}: {ran.stderr}"
    alerts = [json.loads(text) for text in (folder / "alerts").read_text().splitlines()]
    found = len(alerts), sum(milliseconds(event["ts"]) for alert in alerts for step in alert["evidence"].values() for event in step)
    expected = whole.count(rows, workloads.parameters(workload, many) if whole.rules > 1 else [], whole.within)
    if found != expected:
        return f"{whole.name}: matches and sum of times are {found}, counted plainly {expected}"
    if expected[0] < 50:
        return f"{whole.name}: only {expected[0]} matches: the test shows nothing"
    print(f"{whole.name}: {found[0]} matches")
    return None


def main():
    sequitur, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    failures = [failure for workload in workloads.WORKLOADS.values() if (failure := check(sequitur, folder, workload))]
    print("\n".join(failures))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
