#!/usr/bin/env python3
"""Instructions an event of the hot paths, by callgrind, beside what they were: a regression check that noise cannot disturb.

    count.py PROGRAM [--compiler NAME] [--update]

PROGRAM is bench_instructions, optimised. expected.json keeps the counts. A path that takes more than the tolerance above its count
fails, one that takes less is a reason to say --update. With a compiler other than that of the counts the tolerance is
wider. Exits with 77 (skipped) without valgrind.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

EXPECTED = pathlib.Path(__file__).parent / 'expected.json'
SKIPPED = 77


def count(program):
    """path -> instructions an event, in the order of the program."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / 'profile'
        done = subprocess.run(
            ['valgrind', '--tool=callgrind', '--collect-atstart=no', '--toggle-collect=measured_path', '--dump-after=measured_path',
             f'--callgrind-out-file={out}', program], capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            sys.exit(f'{program} under valgrind:\n{done.stderr}')
        paths = [line.split() for line in done.stdout.splitlines()]
        counts = {}
        for number, (path, events) in enumerate(paths, 1):
            text = pathlib.Path(f'{out}.{number}').read_text(encoding='utf-8', errors='replace')
            counts[path] = int(re.search(r'^(?:totals|summary): (\d+)', text, re.MULTILINE).group(1)) / int(events)
        return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('program')
    parser.add_argument('--compiler', default='')
    parser.add_argument('--update', action='store_true')
    arguments = parser.parse_args()
    if shutil.which('valgrind') is None:
        print('skipped: there is no valgrind')
        return SKIPPED

    counts = count(arguments.program)
    kept = json.loads(EXPECTED.read_text(encoding='utf-8')) if EXPECTED.exists() else {}
    if arguments.update:
        kept = {'compiler': arguments.compiler, 'tolerance': 0.05, 'tolerance_of_other_compilers': 0.3,
                'instructions_an_event': {path: round(value, 1) for path, value in counts.items()}}
        EXPECTED.write_text(json.dumps(kept, indent=1) + '\n', encoding='utf-8')
    same = kept['compiler'] == arguments.compiler
    tolerance = kept['tolerance' if same else 'tolerance_of_other_compilers']
    failed = False
    print(f'instructions an event; tolerance {100 * tolerance:.0f} %, counted with {kept["compiler"]}, now {arguments.compiler or "unknown"}')
    for path, value in counts.items():
        before = kept['instructions_an_event'].get(path)
        if before is None:
            print(f'{path:32} {value:10.1f}  not in {EXPECTED.name}')
            failed = True
            continue
        worse = value > before * (1 + tolerance)
        better = value < before * (1 - tolerance)
        failed = failed or worse
        print(f'{path:32} {value:10.1f}  {100 * (value / before - 1):+6.1f} %{"  MORE" if worse else "  less: --update" if better else ""}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
