#!/usr/bin/env python3
"""Makes bench/results/<machine>.md and .json of what the benchmark programs left, beside the results before.

Called by scripts/bench.
"""
import argparse
import datetime
import json
import pathlib
import re
import subprocess


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ''


def cpu_model():
    for line in pathlib.Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines():
        if line.startswith(('model name', 'Model')):
            return line.split(':', 1)[1].strip()
    return output('uname', '-m') or 'unknown'


def memory_gib():
    found = re.search(r'MemTotal:\s+(\d+)', pathlib.Path('/proc/meminfo').read_text(encoding='utf-8'))
    return round(int(found.group(1)) / 2**20) if found else 0


def describe(arguments):
    changed = output('git', 'status', '--porcelain', '--untracked-files=no')
    return {
        'machine': cpu_model(),
        'processors': int(output('nproc') or 0),
        'memory_gib': memory_gib(),
        'system': output('uname', '-sr'),
        'compiler': output(arguments.compiler or 'c++', '--version').splitlines()[0],
        'build': 'Release (-O3), assertions off',
        'commit': output('git', 'rev-parse', '--short=12', 'HEAD') + (' with changes' if changed else ''),
        'date': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d %H:%M UTC'),
        'load': float(pathlib.Path('/proc/loadavg').read_text(encoding='utf-8').split()[0]),
        'repetitions': arguments.repetitions,
    }


STANDARD = {
    'name', 'run_name', 'run_type', 'family_index', 'per_family_instance_index', 'repetitions', 'repetition_index', 'threads',
    'aggregate_name', 'aggregate_unit', 'iterations', 'real_time', 'cpu_time', 'time_unit', 'error_occurred', 'error_message', 'label',
}


def read_rows(path):
    """run name -> {'median': {counter: value}, 'cv': .., 'max': .., 'error': text}; times in seconds."""
    rows = {}
    seconds = {'ns': 1e-9, 'us': 1e-6, 'ms': 1e-3, 's': 1.0}
    text = path.read_text(encoding='utf-8')
    for entry in json.loads(text)['benchmarks'] if text.strip() else []:  # Without its data a program has no rows.
        row = rows.setdefault(entry['run_name'], {})
        if entry.get('error_occurred'):
            row['error'] = entry.get('error_message', 'failed')
            continue
        kind = entry.get('aggregate_name', 'median')
        if kind not in ('median', 'cv', 'max'):
            continue
        values = {key: value for key, value in entry.items() if key not in STANDARD}
        values['time'] = entry['real_time'] * (1 if kind == 'cv' else seconds[entry['time_unit']])
        row[kind] = values
    return rows


def clean(name):
    return re.sub(r'/(iterations|repeats|min_time|min_warmup_time):[^/]*|/(manual_time|real_time|process_time)', '', name)


def number(value):
    if value >= 1000:
        return f'{value:,.0f}'
    return f'{value:.3g}'


def compared(value, before):
    if not before:
        return ''
    change = 100 * (value / before - 1)
    return f'{change:+.0f} %'


def spread(row, counter):
    value = row.get('cv', {}).get(counter)
    return f'{100 * value:.0f} %' if value is not None else ''


def floors_table(floors, results):
    """The floors that were measured this time: those of the architecture and of what is promised."""
    lines = ['| what | floor | measured | spread | share of the limit | met |', '|---|---|---|---|---|---|']
    for floor in floors:
        found = results.get(floor['program'])
        if not isinstance(found, dict):
            continue
        rows = {clean(name): row for name, row in found.items()}
        row, other = rows.get(floor['row'], {}), rows.get(floor.get('over', floor['row']), {})
        counter = floor['counter']
        if 'median' not in row or 'median' not in other:
            why = next((r['error'] for r in (row, other) if 'error' in r), 'not measured')
            lines.append(f'| {floor["what"]} | | {why} | | | - |')
            continue
        value = row['median'][counter]
        bound = floor.get('at_least', floor.get('at_most'))
        if 'over' in floor:
            value /= other['median'][counter]
        if 'and_matches' in floor:  # So long an event may take, and each of its matches.
            bound = 1 / (1 / bound + row['median']['matches'] / floor['and_matches'])
        met = value >= bound if 'at_least' in floor else value <= bound
        share = row['median'].get('share') if 'at_least' in floor else None
        lines.append('| {} | {} {} | {} | {} | {} | {} |'.format(
            floor['what'], 'at least' if 'at_least' in floor else 'at most', number(bound), number(value), spread(row, counter),
            f'{number(100 * share)} %' if share else '', 'yes' if met else '**no**'))
    return lines


COMPARED = {'by_hand', 'engine', 'share', 'matches', 'time'}


def limits_table(rows, before):
    lines = [
        '| work | by hand, M/s | spread | engine, M/s | best | spread | share of the limit | matches per event | engine before | other counters |',
        '|---|---|---|---|---|---|---|---|---|---|',
    ]
    for name, row in rows.items():
        if 'median' not in row:
            lines.append(f'| {clean(name)} | {row.get("error", "failed")} | | | | | | | | |')
            continue
        median = row['median']
        best = row.get('max', {}).get('engine')
        engine = median.get('engine')
        old = before.get(name, {}).get('median', {}).get('engine')
        lines.append('| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |'.format(
            clean(name), number(median['by_hand']), spread(row, 'by_hand'), number(engine) if engine else '-',
            number(best) if best else '-', spread(row, 'engine'),
            f'{number(100 * median["share"])} %' if engine else '-', number(median['matches']) if engine else '-',
            compared(engine, old) if engine else '',
            ', '.join(f'{key} {number(value)}' for key, value in median.items() if key not in COMPARED)))
    return lines


def plain_table(rows, before):
    lines = ['| benchmark | median | spread | before | other counters |', '|---|---|---|---|---|']
    for name, row in rows.items():
        if 'median' not in row:
            lines.append(f'| {clean(name)} | {row.get("error", "failed")} | | | |')
            continue
        median = row['median']
        main = next((key for key in ('items_per_second', 'bytes_per_second') if key in median), 'time')
        unit = {'items_per_second': ' M/s', 'bytes_per_second': ' MB/s', 'time': ' ms'}[main]
        scale = 1e3 if main == 'time' else 1e-6
        old = before.get(name, {}).get('median', {}).get(main)
        others = ', '.join(f'{key} {number(value)}' for key, value in median.items() if key not in (main, 'time'))
        lines.append(f'| {clean(name)} | {number(median[main] * scale)}{unit} | {spread(row, main)} | {compared(median[main], old)} | {others} |')
    return lines


def is_comparison(rows):
    return any('by_hand' in row.get('median', {}) and 'share' in row['median'] for row in rows.values())


def report(about, results, before, floors):
    then = before.get('about', {})
    lines = [
        f'# Benchmarks on {about["machine"]}', '',
        f'{about["processors"]} processors, {about["memory_gib"]} GiB, {about["system"]}; {about["compiler"]}; {about["build"]}.  ',
        f'Commit {about["commit"]}, {about["date"]}; medians of {about["repetitions"]} repetitions, spread is the standard deviation over the mean; '
        f'load before the report {about["load"]:.1f}.  ',
        'Made by `scripts/bench`; what the rows are: docs/benchmarks.md.  ',
    ]
    if then:
        lines.append(f'"Before" is commit {then["commit"]} of {then["date"]}.')
    table = floors_table(floors, results)
    if len(table) > 2:
        lines += ['', '## Floors', '', 'Rates are millions of events a second of one thread.', '', *table]
    for program, found in results.items():
        lines += ['', f'## bench_{program}', '']
        if isinstance(found, str):
            lines += ['```', found.rstrip(), '```']
        else:
            old = before.get('results', {}).get(program, {})
            lines += (limits_table if is_comparison(found) else plain_table)(found, old if isinstance(old, dict) else {})
    return '\n'.join(lines) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--input', type=pathlib.Path, required=True)
    parser.add_argument('--results', type=pathlib.Path, required=True)
    parser.add_argument('--compiler', default='')
    parser.add_argument('--repetitions', type=int, default=0)
    parser.add_argument('programs', nargs='+')
    arguments = parser.parse_args()

    about = describe(arguments)
    slug = re.sub(r'[^a-z0-9]+', '-', f'{about["machine"]} {about["processors"]}'.lower()).strip('-')
    kept = arguments.results / f'{slug}.json'
    before = json.loads(kept.read_text(encoding='utf-8')) if kept.exists() else {}

    results = {}
    for program in arguments.programs:
        figures = arguments.input / f'{program}.json'
        text = arguments.input / f'{program}.txt'
        results[program] = read_rows(figures) if figures.exists() else text.read_text(encoding='utf-8')
    floors = json.loads((pathlib.Path(__file__).parent / 'floors.json').read_text(encoding='utf-8'))
    # What was not run this time keeps its figures for the next comparison.
    arguments.results.mkdir(parents=True, exist_ok=True)
    page = arguments.results / f'{slug}.md'
    page.write_text(report(about, results, before, floors), encoding='utf-8')
    kept.write_text(json.dumps({'about': about, 'results': {**before.get('results', {}), **results}}, indent=1) + '\n', encoding='utf-8')
    print(f'{page}\n\n{page.read_text(encoding="utf-8")}')


if __name__ == '__main__':
    main()
