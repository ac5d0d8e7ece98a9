#!/usr/bin/env python3
"""The command as its users see it. Usage: command_test.py SEQUITUR SOURCE_DIR [unittest arguments]"""
import gzip
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SEQUITUR = ''
SOURCE = pathlib.Path()

RULE = '''stream ping time ts { host: string, n: int? }
stream pong time ts { host: string }

rule lost "A ping without an answer" {
  severity high
  key    host
  first  p: ping
  no     pong for 10s
  emit   lost_ping(host, n = p.n)
}

test "no answer" {
  0s  ping host=a n=1
  expect lost_ping at 10s host=a n=1
}

test "answer" {
  0s  ping host=a
  3s  pong host=a
  expect none
}
'''

EVENTS = [
    {'stream': 'ping', 'ts': '2024-01-01T00:00:00Z', 'host': 'a', 'n': 1},
    {'stream': 'pong', 'ts': '2024-01-01T00:00:05Z', 'host': 'a'},
    {'stream': 'ping', 'ts': '2024-01-01T00:00:10Z', 'host': 'b', 'n': 2},
    {'stream': 'ping', 'ts': '2024-01-01T00:01:00Z', 'host': 'a', 'n': 3},
]


def lines(events):
    return ''.join(json.dumps(event) + '\n' for event in events)


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.write('ping.seq', RULE)
        self.write('events.ndjson', lines(EVENTS))

    def write(self, name, text):
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def run_command(self, *words, code=0, **options):
        done = subprocess.run([SEQUITUR, *map(str, words)], cwd=self.path, capture_output=True, text=True, timeout=120, **options)
        self.assertEqual(done.returncode, code, f'{words}\n{done.stdout}\n{done.stderr}')
        return done

    def alerts(self, *words, **options):
        return [json.loads(line) for line in self.run_command('run', *words, **options).stdout.splitlines()]

    # ---- Help and usage --------------------------------------------------------------------------------------------

    def test_help_names_every_verb_and_the_exit_codes(self):
        text = self.run_command('--help').stdout
        for verb in ('check', 'run', 'test', 'explain', 'fmt', 'infer', 'generate'):
            self.assertRegex(text, rf'(?m)^  {verb} ')
            self.assertIn('Usage: sequitur ' + verb, self.run_command(verb, '--help').stdout)
        self.assertIn('Exit codes: 0', text)

    def test_version(self):
        self.assertRegex(self.run_command('--version').stdout, r'^sequitur \d+\.\d+\.\d+\n$')

    def test_wrong_usage_exits_with_2_and_says_why(self):
        for words in [(), ('fly',), ('run',), ('run', 'ping.seq'), ('run', 'ping.seq', '--input'), ('check', '--format', 'xml', 'ping.seq'),
                      ('run', 'ping.seq', '--input', 'events.ndjson', '--threads', '0'), ('generate', 'weather'),
                      ('generate', 'payments', '--disorder', 'soon'), ('generate', 'payments', '--output', 'x.zst'),
                      ('fmt', '--check', '--stdout', 'ping.seq'), ('run', 'ping.seq', '--input', 'events.ndjson', '--nonsense')]:
            done = self.run_command(*words, code=2)
            self.assertTrue(done.stderr.startswith('sequitur: '), done.stderr)
            self.assertIn('--help', done.stderr)
            self.assertEqual(done.stdout, '')

    # ---- param, lists from files, explain over inputs ----------------------------------------------------------------

    def test_set_gives_parameters_a_value(self):
        self.write('p.seq', 'param least = 2\n' + RULE.replace('p: ping\n', 'p: ping where n >= least\n'))
        self.assertEqual([a['fields']['n'] for a in self.alerts('p.seq', '--input', 'events.ndjson', '-q')], [2, 3])
        self.assertEqual([a['fields']['n'] for a in self.alerts('p.seq', '--input', 'events.ndjson', '-q', '--set', 'least=3')], [3])
        for words in (['check'], ['test'], ['explain']):
            self.assertIn('E161', self.run_command(*words, 'p.seq', '--set', 'least=many', code=3).stderr)
            self.assertIn('E160', self.run_command(*words, 'p.seq', '--set', 'last=3', code=3).stderr)
            self.assertIn('--set', self.run_command(*words, 'p.seq', '--set', 'least', code=2).stderr)
        self.assertIn('1 failed', self.run_command('test', 'p.seq', '--set', 'least=1000', code=4).stdout)

    def test_imports_have_a_greatest_depth(self):
        for i in range(80):
            self.write(f'deep/f{i}.seq', f'import "f{i + 1}.seq"\n')
        self.write('deep/f80.seq', '')
        self.assertIn('more than 64 deep', self.run_command('check', 'deep/f0.seq', code=1).stderr)

    def test_a_list_is_read_again_while_inputs_are_followed(self):
        self.write('hosts.txt', '# watched\na\n')
        self.write('list.seq', 'let watched = file "hosts.txt"\n' + RULE.split('rule', 1)[0] +
                   'rule seen { key host  first p: ping where host in watched  emit seen(host, n = p.n) }\n')
        self.write('grow.ndjson', lines([EVENTS[0], EVENTS[2]]))
        process = subprocess.Popen([SEQUITUR, 'run', 'list.seq', '--input', 'grow.ndjson', '--follow', '--output', 'out.ndjson'],
                                   cwd=self.path, stderr=subprocess.PIPE, text=True)
        try:
            time.sleep(0.3)
            self.write('hosts.txt', 'b\n')
            line = process.stderr.readline()
            self.assertIn('list watched: 1 value from', line)
            with open(self.path / 'grow.ndjson', 'a') as file:
                file.write(lines([dict(EVENTS[3], n=4), dict(EVENTS[3], host='b', n=5), dict(EVENTS[3], ts='2024-01-01T00:02:00Z')]))
            for _ in range(100):
                if '5' in (self.path / 'out.ndjson').read_text().split('seen')[-1]:
                    break
                time.sleep(0.1)
        finally:
            process.send_signal(signal.SIGINT)
            process.stderr.read()
            process.wait(timeout=60)
            process.stderr.close()
        found = [json.loads(line)['fields'] for line in (self.path / 'out.ndjson').read_text().splitlines()]
        self.assertEqual(found, [{'host': 'a', 'n': 1}, {'host': 'b', 'n': 5}])

    def test_a_table_is_read_again_while_inputs_are_followed(self):
        self.write('hosts.csv', 'host,n\na,1\n')
        self.write('table.seq', 'table watched from file "hosts.csv" { host: string, n: int  key host }\n' + RULE.split('rule', 1)[0] +
                   'rule seen { key host  first p: ping where exists watched[host].n  emit seen(host, n = p.n) }\n')
        self.write('grow.ndjson', lines([EVENTS[0], EVENTS[2]]))
        with subprocess.Popen([SEQUITUR, 'run', 'table.seq', '--input', 'grow.ndjson', '--follow', '--output', 'out.ndjson'],
                              cwd=self.path, stderr=subprocess.PIPE, text=True) as process:
            try:
                time.sleep(0.3)
                self.write('hosts.csv', 'host,n\nb,1\nc,2\n')
                self.assertIn('table watched: 2 rows from', process.stderr.readline())
                with open(self.path / 'grow.ndjson', 'a') as file:
                    file.write(lines([dict(EVENTS[3], n=4), dict(EVENTS[3], host='b', n=5), dict(EVENTS[3], ts='2024-01-01T00:02:00Z')]))
                for _ in range(100):
                    if '5' in (self.path / 'out.ndjson').read_text().split('seen')[-1]:
                        break
                    time.sleep(0.1)
            finally:
                process.send_signal(signal.SIGINT)
                summary = process.stderr.read()
        found = [json.loads(line)['fields'] for line in (self.path / 'out.ndjson').read_text().splitlines()]
        self.assertEqual(found, [{'host': 'a', 'n': 1}, {'host': 'b', 'n': 5}])
        self.assertRegex(summary, r'table rows +[23]\n')

    def test_explain_an_alert(self):
        self.write('two.seq', RULE.split('rule', 1)[0] +
                   'rule two { key host  within 2m  first a: ping  then b: ping where n > a.n + 1  emit rising(host) }\n')
        alert = self.alerts('two.seq', '--input', 'events.ndjson', '-q')[0]
        text = self.run_command('explain', 'two.seq', '--alert', alert['id'], '--input', 'events.ndjson').stdout
        self.assertIn('match rising at 2024-01-01T00:01:00.000000Z of rule two\n  step a, 1 event\n', text)
        self.assertIn('      .n > (a.n + 1): true\n        .n = 3\n        a.n + 1 = 2\n', text)
        found = json.loads(self.run_command('explain', 'two.seq', '--alert', alert['id'], '--input', 'events.ndjson', '--format', 'json').stdout)
        self.assertEqual(found['alert'], alert)
        self.assertEqual([step['step'] for step in found['steps']], ['a', 'b'])
        self.assertEqual(found['steps'][1]['events'][0]['conditions'][0]['value'], 'true')
        self.assertIn('no alert', self.run_command('explain', 'two.seq', '--alert', '0' * 32, '--input', 'events.ndjson', code=2).stderr)
        self.run_command('explain', 'two.seq', '--alert', alert['id'], code=2)

    def test_explain_why_a_rule_did_not_fire(self):
        self.write('why.seq', RULE.replace('p: ping\n', 'p: ping where n < 100 and n > 0\n'))
        self.write('more.ndjson', lines(EVENTS + [{'stream': 'ping', 'ts': '2024-01-01T00:02:00Z', 'host': 'c', 'n': 300},
                                                  {'stream': 'ping', 'ts': '2024-01-01T00:02:01Z', 'host': 'c', 'n': 400}]))

        def why(key, *words):
            return self.run_command('explain', 'why.seq', '--why-not', 'lost', '--key', key, '--input', 'more.ndjson', *words).stdout
        self.assertIn('2 runs begun\n  reported: 1 match\n  1 matched\n  1 broken by a guard\n', why('a'))
        self.assertIn('broken at 2024-01-01T00:00:05.000000Z by `no (silence) pong`: {"stream":"pong"', why('a'))
        self.assertIn('0 runs begun\n  reported: nothing\n  2 events came to the first step, and none began a run\n    .n < 100 did not hold for 2 events\n', why('c'))
        self.assertIn('no event of the rule', why('nobody'))
        found = json.loads(why('a', '--format', 'json'))
        self.assertEqual(found['ends'], {'matched': 1, 'part_of_match': 0, 'broken': 1, 'timed_out': 0, 'no_way': 0, 'waiting': 0})
        self.assertEqual([run['end'] for run in found['shown']], ['broken', 'matched'])
        self.assertIn('no rule', self.run_command('explain', 'why.seq', '--why-not', 'none', '--input', 'more.ndjson', code=2).stderr)

    def test_explain_why_a_rule_with_blocks_did_not_fire(self):
        self.write('blocks.seq', 'stream reset time ts { user: string }\nstream device time ts { user: string, name: string }\n'
                   'stream login time ts { user: string, ok: bool }\nstream load time ts { user: string, value: float }\n'
                   'rule takeover {\n  key user\n  within 1h\n  first all { r: reset  d: device where name != "" }\n'
                   '  no login where ok\n  then repeat{2} { bad: login where not ok }\n  hold h: load where value > 90 for 5m\n'
                   '  emit takeover(user)\n}\n'
                   'rule hot { key user  hold h: load where value > 90 for 5m  emit hot(user) }\n')

        def at(minute, stream, **fields):
            return dict({'stream': stream, 'ts': f'2024-01-01T00:{minute:02}:00Z'}, **fields)
        self.write('blocks.ndjson', lines([
            at(0, 'reset', user='ann'), at(1, 'device', user='ann', name='phone'), at(2, 'login', user='ann', ok=False),
            at(3, 'login', user='ann', ok=False), at(4, 'load', user='ann', value=95), at(6, 'load', user='ann', value=50),
            at(7, 'device', user='bob', name='x'), at(8, 'login', user='bob', ok=True)]))

        def why(rule, key):
            return self.run_command('explain', 'blocks.seq', '--why-not', rule, '--key', key, '--input', 'blocks.ndjson').stdout
        self.assertIn('2 runs begun\n  reported: nothing\n  2 ran out of time\n  run r×1 d×1 bad×2\n', why('takeover', 'ann'))
        self.assertIn('    ran out of time at 2024-01-01T01:00:00.000000Z\n', why('takeover', 'ann'))
        self.assertIn('broken at 2024-01-01T00:08:00.000000Z by `no login where .ok`: {"stream":"login"', why('takeover', 'bob'))
        # A stretch that has broken off is shown as far as it came.
        self.assertIn('  run h×1\n    h 2024-01-01T00:04:00.000000Z', why('hot', 'ann'))
        self.assertIn('    ended at 2024-01-01T00:06:00.000000Z: {"stream":"load"', why('hot', 'ann'))

    def test_explain_windows(self):
        self.write('window.seq', RULE.split('rule', 1)[0] + """rule much {
  key    host
  window 10s sliding
  over   p: ping where n > 1
  when   sum(p.n) > 50 and count(p) >= 2
  emit   much(host, n = count(p))
  on clear emit less(host)
}
""")
        self.write('window.ndjson', lines([{'stream': 'ping', 'ts': '2024-01-01T00:00:%02dZ' % second, 'host': host, 'n': n}
                                           for second, host, n in [(0, 'a', 10), (4, 'a', 20), (6, 'a', 30), (7, 'b', 60), (8, 'c', 1)]]))
        much, less = self.alerts('window.seq', '--input', 'window.ndjson', '-q')

        def explain(*words):
            return self.run_command('explain', 'window.seq', '--input', 'window.ndjson', *words).stdout
        self.assertIn('  when\n      sum[p](.n) > 50: true\n        sum[p](.n) = 60\n      count[p]() >= 2: true\n        count[p]() = 3\n',
                      explain('--alert', much['id']))
        self.assertIn('clear less at 2024-01-01T00:00:10.000000Z of rule much\n  when\n      sum[p](.n) > 50: false\n        sum[p](.n) = 50\n',
                      explain('--alert', less['id']))
        parts = json.loads(explain('--alert', much['id'], '--format', 'json'))['when']
        self.assertEqual([(part['condition'], part['value']) for part in parts], [('sum[p](.n) > 50', 'true'), ('count[p]() >= 2', 'true')])

        def why(key, *words):
            return explain('--why-not', 'much', '--key', key, *words)
        self.assertIn('key b: 1 event of its streams, 1 result of its window\n  reported: nothing\n  `when` held at 0 results, 0 reported\n'
                      '    count[p]() >= 2 did not hold at 1 result\n  result at 2024-01-01T00:00:07.000000Z {"stream":"ping"', why('b'))
        self.assertIn('key c: 1 event of its streams, 0 results of its window\n  reported: nothing\n  .n > 1 did not hold for 1 event\n', why('c'))
        self.assertIn('no event of the rule', why('nobody'))
        self.assertIn('  result at 2024-01-01T00:00:10.000000Z, when time had passed\n      sum[p](.n) > 50: false\n', why('a'))
        found = json.loads(why('a', '--format', 'json'))
        self.assertEqual([found[name] for name in ('events', 'results', 'held', 'reported')], [3, 5, 1, 1])

    def test_the_summary_counts_what_a_bound_refused_and_what_is_over(self):
        self.write('more.seq', RULE.split('rule', 1)[0] + """table host from file "hosts.csv" { name: string, team: string?  key name }

rule much {
  key    host
  window 10s sliding
  over   p: ping
  when   count(p) >= 2
  emit   much(host, team = 1)
  on clear emit less(host)
}

rule many {
  key    host
  within 1m
  first  a: ping
  then   b: pong
  emit   many(host)
}
""")
        self.write('hosts.csv', 'name,team\na,x\nb,y\n')
        self.write('window.ndjson', lines([{'stream': 'ping', 'ts': '2024-01-01T00:00:%02dZ' % second, 'host': 'a'} for second in (0, 1, 2)]))
        words = ('run', 'more.seq', '--input', 'window.ndjson', '--output', 'out.ndjson', '--threads', '1')
        text = self.run_command(*words, '--max-runs', '1', '--max-table-rows', '1', '--idle', '1m').stderr
        self.assertRegex(text, r'table rows +1   refused 1\n')
        self.assertRegex(text, r'alerts +2   without severity 2\n')
        self.assertRegex(text, r'much +2 +clears 1\n')
        self.assertRegex(text, r'many +0 +runs refused 2\n')
        self.assertIn('--idle', self.run_command(*words, '--idle', 'long', code=2).stderr)

    # ---- check -----------------------------------------------------------------------------------------------------

    def test_check_counts_what_is_right(self):
        self.assertEqual(self.run_command('check', 'ping.seq').stdout, '1 rule, 2 streams, 2 tests: ok\n')

    def test_check_reports_every_mistake_as_text_and_json(self):
        self.write('bad.seq', RULE.replace('pong for', 'pang for').replace('p.n', 'p.m'))
        text = self.run_command('check', 'bad.seq', code=3).stderr
        self.assertEqual(len(re.findall(r'(?m)^error\[E\d+\]', text)), 2, text)
        self.assertIn('bad.seq:8:10', text)
        self.assertIn('2 errors', text)
        found = json.loads(self.run_command('check', 'bad.seq', '--format', 'json', code=3).stdout)
        self.assertEqual([(d['severity'], d['file'], d['line']) for d in found], [('error', 'bad.seq', 8), ('error', 'bad.seq', 9)])

    def test_a_missing_file_exits_with_1(self):
        self.assertIn('none.seq', self.run_command('check', 'none.seq', code=1).stderr)
        self.assertIn('No such file', self.run_command('run', 'ping.seq', '--input', 'none.ndjson', code=1).stderr)

    def test_directories_and_imports(self):
        streams, rest = RULE.split('\n\n', 1)
        self.write('lib/streams/s.seq', streams)
        self.write('lib/a.seq', 'import "streams/s.seq"\n\n' + rest)
        self.assertEqual(self.run_command('check', 'lib').stdout, '1 rule, 2 streams, 2 tests: ok\n')
        self.assertEqual(self.run_command('check', 'lib/a.seq').stdout, '1 rule, 2 streams, 2 tests: ok\n')
        self.write('lib/a.seq', 'import "streams/t.seq"\n\n' + rest)
        self.assertIn('lib/a.seq:1: import:', self.run_command('check', 'lib/a.seq', code=1).stderr)
        (self.path / 'empty').mkdir()
        self.assertIn('holds no .seq files', self.run_command('check', 'empty', code=1).stderr)

    # ---- run -------------------------------------------------------------------------------------------------------

    def test_run_writes_ndjson_and_a_summary(self):
        done = self.run_command('run', 'ping.seq', '--input', 'events.ndjson')
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(a['rule'], a['key'], a['time'], a['fields']['n']) for a in alerts],
                         [('lost', {'host': 'b'}, '2024-01-01T00:00:20.000000Z', 2), ('lost', {'host': 'a'}, '2024-01-01T00:01:10.000000Z', 3)])
        summary = re.sub(r'[\d.]+ (s|M events/s|KB|MB|B)\b', r'# \1', done.stderr)
        summary = re.sub(r' +', ' ', summary)
        self.assertEqual(summary, '\nSummary\n records 4 # B\n events 4\n late 0\n bad 0\n unmatched 0 records of no stream\n'
                                  ' alerts 2 high 2\n lost 2 high\n time # s # M events/s\n peak memory # MB\n')
        self.assertEqual(self.run_command('run', 'ping.seq', '--input', 'events.ndjson', '--quiet').stderr, '')

    def test_alerts_do_not_depend_on_threads_or_batches(self):
        self.run_command('generate', 'heartbeats', '--events', 20000, '--output', 'beats.ndjson')
        rules = SOURCE / 'rules/monitoring'
        expected = self.run_command('run', rules, '--input', 'beats.ndjson', '--threads', 1).stdout
        self.assertGreater(expected.count('\n'), 3)
        for words in (('--threads', 2), ('--threads', 3, '--batch', 7), ('--batch', 1)):
            self.assertEqual(self.run_command('run', rules, '--input', 'beats.ndjson', *words).stdout, expected)

    def test_standard_input(self):
        expected = self.alerts('ping.seq', '--input', 'events.ndjson')
        self.assertEqual(self.alerts('ping.seq', '--input', '-', input=lines(EVENTS)), expected)

    def test_compressed_input(self):
        expected = self.alerts('ping.seq', '--input', 'events.ndjson')
        (self.path / 'events.ndjson.gz').write_bytes(gzip.compress(lines(EVENTS).encode()))
        self.assertEqual(self.alerts('ping.seq', '--input', 'events.ndjson.gz'), expected)

    def test_several_inputs_are_merged_by_time(self):
        expected = self.alerts('ping.seq', '--input', 'events.ndjson')
        for stream in ('ping', 'pong'):
            self.write(stream + '.ndjson', lines({k: v for k, v in e.items() if k != 'stream'} for e in EVENTS if e['stream'] == stream))
        self.assertEqual(self.alerts('ping.seq', '--input', 'ping=ping.ndjson', '--input', 'pong=pong.ndjson'), expected)

    def test_csv_needs_to_know_its_stream(self):
        self.write('all.csv', 'kind,ts,host,n\n' + ''.join(f"{e['stream']},{e['ts']},{e['host']},{e.get('n', '')}\n" for e in EVENTS))
        expected = self.alerts('ping.seq', '--input', 'events.ndjson')
        self.assertIn('ping, pong', self.run_command('run', 'ping.seq', '--input', 'all.csv', code=2).stderr)
        self.assertIn('no stream `pang`', self.run_command('run', 'ping.seq', '--input', 'pang=all.csv', code=2).stderr)
        self.assertEqual(self.alerts('ping.seq', '--input', 'all.csv', '--stream-field', 'kind'), expected)
        self.write('when.seq', RULE.replace('stream ping time ts', 'stream ping time ts when kind == "ping"').replace('stream pong time ts', 'stream pong time ts when kind == "pong"'))
        self.assertEqual(self.alerts('when.seq', '--input', 'all.csv'), expected)
        self.assertEqual(self.alerts('when.seq', '--input', 'ping,pong=all.csv'), expected)

    def test_the_format_must_be_clear(self):
        self.write('events.data', lines(EVENTS))
        self.assertIn('--format', self.run_command('run', 'ping.seq', '--input', 'events.data', code=2).stderr)
        self.assertEqual(len(self.alerts('ping.seq', '--input', 'events.data', '--format', 'ndjson')), 2)

    def test_no_flush_leaves_deadlines_pending(self):
        self.assertEqual(len(self.alerts('ping.seq', '--input', 'events.ndjson', '--no-flush')), 1)

    def test_bad_records_are_counted_set_aside_and_survive(self):
        text = lines(EVENTS[:1]) + '{"stream":"ping"\n' + '{"stream":"ping","ts":"2024-01-01T00:00:01Z","host":"a","n":"x"}\n' + lines(EVENTS[1:])
        self.write('bad.ndjson', text)
        done = self.run_command('run', 'ping.seq', '--input', 'bad.ndjson', '--dead-letter', 'dead.ndjson')
        self.assertEqual(done.stdout.count('\n'), 2)
        self.assertRegex(done.stderr, r'bad +2 +undecodable 1, wrong_type 1')
        dead = [json.loads(line) for line in (self.path / 'dead.ndjson').read_text().splitlines()]
        self.assertEqual([(d['reason'], d['record']) for d in dead], [('undecodable', 2), ('wrong_type', 3)])
        self.assertEqual(dead[0]['raw'], '{"stream":"ping"')
        self.assertIn('bad.ndjson', self.run_command('run', 'ping.seq', '--input', 'bad.ndjson', '--strict', code=1).stderr)

    def test_late_events_are_counted_and_set_aside(self):
        self.write('late.ndjson', lines(EVENTS[2:] + EVENTS[:1]))
        done = self.run_command('run', 'ping.seq', '--input', 'late.ndjson', '--dead-letter', 'dead.ndjson')
        self.assertRegex(done.stderr, r'late +1\n')
        self.assertEqual(json.loads((self.path / 'dead.ndjson').read_text())['reason'], 'late')

    def test_output_file_and_table(self):
        done = self.run_command('run', 'ping.seq', '--input', 'events.ndjson', '--output', 'alerts.ndjson', '--show', 1)
        self.assertEqual((self.path / 'alerts.ndjson').read_text().count('\n'), 2)
        self.assertIn('lost', done.stdout)
        self.assertIn('... and 1 more alert\n', done.stdout)

    def test_disk_full(self):
        done = self.run_command('run', 'ping.seq', '--input', 'events.ndjson', '--output', '/dev/full', code=1)
        self.assertIn('No space left', done.stderr)
        for words in (('run', 'ping.seq', '--input', 'events.ndjson'), ('generate', 'payments', '--events', '10'), ('check', 'ping.seq')):
            with open('/dev/full', 'w') as full:
                done = subprocess.run([SEQUITUR, *words], cwd=self.path, stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn('No space left', done.stderr)
        self.run_command('generate', 'payments', '--events', 10, '--output', '/dev/full', code=1)
        self.run_command('generate', 'payments', '--events', 10000, '--output', 'p.ndjson', '--labels', '/dev/full', code=1)

    def test_unwritable_output_is_said_before_anything_is_read(self):
        done = self.run_command('run', 'ping.seq', '--input', 'events.ndjson', '--output', 'no/such/folder/x', code=1)
        self.assertIn('no/such/folder/x', done.stderr)

    def test_first_sigint_ends_with_the_summary(self):
        for _ in range(10):  # The signal comes at different moments: while it waits, while it works.
            with subprocess.Popen([SEQUITUR, 'run', 'ping.seq', '--input', '-', '--threads', '1'], cwd=self.path, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                process.stdin.write(lines(EVENTS))
                process.stdin.flush()
                self.assertIn('lost', process.stdout.readline())
                process.send_signal(signal.SIGINT)
                process.wait(timeout=60)  # The input stays open: it is the signal that ends the run.
                out, err = process.communicate()
            self.assertEqual(process.returncode, 0, err)
            self.assertIn('Stopped before the end of the input', err)
            self.assertRegex(err, r'events +4\n')
            self.assertEqual(out, '')

    def test_a_deadline_that_the_watermark_has_passed_waits_for_no_further_event(self):
        self.write('late.seq', RULE.replace(' time ts {', ' time ts lateness 5s {'))
        # The latest event is of 00:16, so the watermark has come to 00:11, and to the deadline of 00:10.
        self.write('grow.ndjson', lines([{'stream': 'ping', 'ts': '2024-01-01T00:00:%02dZ' % second, 'host': host}
                                         for second, host in [(0, 'a'), (16, 'b')]]))
        with subprocess.Popen([SEQUITUR, 'run', 'late.seq', '--input', 'grow.ndjson', '--follow', '--quiet'], cwd=self.path,
                              stdout=subprocess.PIPE, text=True) as process:
            alert = json.loads(process.stdout.readline())
            self.assertEqual((alert['key'], alert['time']), ({'host': 'a'}, '2024-01-01T00:00:10.000000Z'))
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.stdout.read(), '')
            self.assertEqual(process.wait(60), 0)

    def test_follow_sees_what_is_appended(self):
        with subprocess.Popen([SEQUITUR, 'run', 'ping.seq', '--input', 'events.ndjson', '--follow'], cwd=self.path,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            self.assertIn('"b"', process.stdout.readline())
            with open(self.path / 'events.ndjson', 'a') as events:
                events.write(lines([{'stream': 'pong', 'ts': '2024-01-01T00:02:00Z', 'host': 'z'}]))
            self.assertIn('"a"', process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)

    def test_on_a_terminal_there_is_a_table_and_progress(self):
        self.run_command('generate', 'heartbeats', '--events', 300000, '--output', 'beats.ndjson')
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.path)
            os.environ['TERM'] = 'xterm'
            os.execv(SEQUITUR, [SEQUITUR, 'run', str(SOURCE / 'rules/monitoring'), '--input', 'beats.ndjson', '--threads', '1'])
        output, deadline = b'', time.monotonic() + 100
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                data = os.read(terminal, 65536)
            except OSError:  # The other side has ended.
                break
            if not data:
                break
            output += data
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        self.assertIn(b'events/s', output)
        self.assertRegex(output, rb'\[=*>')
        self.assertIn(b'heartbeat_missing', output)
        self.assertNotIn(b'"rule":', output)

    def test_labels_give_precision_and_recall(self):
        self.run_command('generate', 'payments', '--events', 30000, '--output', 'p.ndjson', '--labels', 'labels.ndjson')
        done = self.run_command('run', SOURCE / 'rules/fraud', '--input', 'p.ndjson', '--labels', 'labels.ndjson', '--output', 'a.ndjson')
        self.assertRegex(done.stdout, r'(?m)^rule +incidents +caught +alerts +true +precision +recall$')
        self.assertRegex(done.stdout, r'(?m)^card_testing +\d+ .* %$')
        self.write('labels.bad', '{}\n')
        self.assertIn('labels.bad:1', self.run_command('run', 'ping.seq', '--input', 'events.ndjson', '--labels', 'labels.bad', code=1).stderr)

    def test_records_of_no_stream_are_explained(self):
        self.write('plain.ndjson', lines({k: v for k, v in e.items() if k != 'stream'} for e in EVENTS))
        self.assertIn('--input STREAM=PATH', self.run_command('run', 'ping.seq', '--input', 'plain.ndjson').stderr)

    # ---- test ------------------------------------------------------------------------------------------------------

    def test_tests_pass(self):
        self.assertEqual(self.run_command('test', 'ping.seq').stdout, 'ok      ping.seq: no answer\nok      ping.seq: answer\n2 tests: all passed\n')
        self.assertEqual(self.run_command('test', 'ping.seq', '--quiet', '--coverage').stdout, '1 of 1 rule seen firing and silent\n2 tests: all passed\n')
        self.assertEqual(self.run_command('test', 'ping.seq', '--filter', 'no answer', '--quiet').stdout, '1 test: all passed\n')

    def test_failed_tests_exit_with_4_and_are_explained(self):
        self.write('ping.seqtest', 'test "wrong" {\n  0s  ping host=a\n  expect lost_ping at 11s\n}\n')
        done = self.run_command('test', 'ping.seq', '--quiet', '--junit', 'junit.xml', code=4)
        self.assertEqual(done.stdout, 'FAILED  ping.seqtest: wrong\n          expected, but did not come: lost_ping at 11s\n'
                                      '          came, but was not expected: lost_ping at 10s host=a n=null (rule lost)\n3 tests: 1 failed\n')
        self.assertIn('failures="1"', (self.path / 'junit.xml').read_text())

    def test_alternatives_in_one_library_are_tested_apart(self):
        self.write('lib/a.seq', RULE)
        self.write('lib/b.seq', RULE)
        self.assertEqual(self.run_command('test', 'lib', '--quiet').stdout, '4 tests: all passed\n')
        self.write('lib/c.seq', RULE.replace('emit', 'emmit'))
        self.assertIn('error[', self.run_command('test', 'lib', '--quiet', code=3).stderr)

    # ---- late events -----------------------------------------------------------------------------------------------

    def test_late_events_correct_alerts(self):
        self.write('late.seq', RULE.replace('time ts {', 'time ts late revise keep 1m {'))
        self.write('late.ndjson', lines([EVENTS[0], EVENTS[3], EVENTS[1]]))  # The answer comes when its absence was reported.
        done = self.run_command('run', 'late.seq', '--input', 'late.ndjson', '--stats')
        first, second, last = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((first['kind'], first['key'], first['revision']), ('match', {'host': 'a'}, 0))
        self.assertEqual((second['kind'], second['withdraws'], second['id'], second['revision']), ('withdrawal', 'match', first['id'], 1))
        self.assertEqual((last['kind'], last['time']), ('match', '2024-01-01T00:01:10.000000Z'))
        self.assertRegex(done.stderr, r'revised +1 +late events; alerts withdrawn 1, issued again 0')
        self.assertRegex(done.stderr, r'late.ndjson: 2 events until 2024-01-01T00:01:00.000000Z, lateness 0s, furthest behind 55s, late 0, revised 1')
        self.assertEqual(self.alerts('late.seq', '--input', 'late.ndjson', '--quiet', '--max-revise-events', '1', '--batch', '1'), [first, second, last])

    def test_explain_says_where_the_watermark_comes_from(self):
        self.write('late.seq', RULE.replace('stream ping time ts', 'stream ping time ts lateness 99.5% up to 1m late to old_ping'))
        said = self.run_command('explain', 'late.seq').stdout
        self.assertIn('watermark: greatest time - what 99.5% of the latest events need, at most 1m; late ones go to old_ping', said)
        self.assertIn('watermark: greatest time; late ones are dropped', said)
        self.assertIn('what holds the watermark back most: ping, by 1m', said)

    # ---- explain, fmt, infer, generate -----------------------------------------------------------------------------

    def test_explain(self):
        self.assertIn('lost', self.run_command('explain', 'ping.seq').stdout)
        self.assertTrue(self.run_command('explain', 'ping.seq', '--rule', 'lost', '--dot').stdout.startswith('digraph'))
        self.assertIn('no rule `found`', self.run_command('explain', 'ping.seq', '--rule', 'found', code=2).stderr)
        self.assertTrue(self.run_command('explain', 'E050').stdout.startswith('E050: '))

    def test_fmt(self):
        self.run_command('fmt', 'ping.seq')
        formatted = (self.path / 'ping.seq').read_text()
        self.run_command('fmt', '--check', 'ping.seq')
        ugly = self.write('ugly.seq', formatted.replace('  key    host\n', 'key host'))
        self.assertEqual(self.run_command('fmt', '--check', '.', code=5).stdout, './ugly.seq is not formatted\n')
        self.assertEqual(self.run_command('fmt', '--stdout', 'ugly.seq').stdout, formatted)
        self.assertNotEqual(ugly.read_text(), formatted)
        ugly.chmod(0o640)
        self.run_command('fmt', 'ugly.seq')
        self.assertEqual(ugly.read_text(), formatted)
        self.assertEqual(ugly.stat().st_mode & 0o777, 0o640)
        self.write('broken.seq', 'rule x {')
        self.assertIn('error[', self.run_command('fmt', 'broken.seq', code=3).stderr)
        self.assertEqual((self.path / 'broken.seq').read_text(), 'rule x {')

    def test_infer_gives_blocks_that_check_and_that_are_formatted(self):
        for kind in ('payments', 'orderbook'):
            self.run_command('generate', kind, '--events', 20000, '--output', kind + '.ndjson')
            self.write('streams.seq', self.run_command('infer', kind + '.ndjson').stdout)
            self.run_command('check', 'streams.seq')
            self.run_command('fmt', '--check', 'streams.seq')
            text = self.run_command('run', 'streams.seq', '--input', kind + '.ndjson').stderr
            self.assertRegex(text, r'events +20,000\n')
            self.assertRegex(text, r'bad +0\n')
        self.run_command('generate', 'orders', '--events', 2000, '--format', 'csv', '--output', 'orders.csv')
        self.assertIn('\nstream payment time ts {\n', self.run_command('infer', 'orders.csv').stdout)
        self.assertIn('stream all time ts {', self.run_command('infer', 'orders.csv', '--stream', 'all').stdout)

    def test_what_infer_says_of_lists_and_addresses_reads_them(self):
        self.write('typed.ndjson', lines([
            {'ts': '2024-01-01T00:00:00Z', 'src': '10.0.0.1', 'tags': ['a', 'b'], 'args': [{'name': 'x', 'value': 1}, {'name': 'y'}], 'paid': '1.50'},
            {'ts': '2024-01-01T00:00:01Z', 'src': '::1', 'tags': [], 'args': [], 'paid': '2.5'}]))
        self.write('typed.csv', 'ts,src,tags\n2024-01-01T00:00:00Z,10.0.0.1,"[""a"",""b""]"\n')
        for name, fields in [('typed.ndjson', 'src: ip tags: string[] args: { name: string, value: int? }[] paid: decimal'),
                             ('typed.csv', 'src: ip, tags: string[]')]:
            block = self.run_command('infer', name).stdout
            self.assertEqual(re.sub(r'[\s,]+', ' ', block), re.sub(r'[\s,]+', ' ', 'stream typed time ts { ' + fields + ' } '))
            self.write('typed.seq', block + 'rule r { first a: typed where src in ["10.0.0.0/8"] and some tags == "a"  emit x(n = len(a.tags)) }')
            self.assertEqual([alert['fields'] for alert in self.alerts('typed.seq', '--input', name)], [{'n': 2}])

    def test_infer_of_csv(self):
        self.write('c.csv', ',id,zip,amount,paid_at,ok,note\n0,1,01234,1.5,2024-01-31 12:00:00,true,"a, b"\n1,2,99999,2,2024-01-31 12:00:01,false,\n')
        self.assertEqual(self.run_command('infer', 'c.csv').stdout,
                         'stream c time paid_at { id: int, zip: string, amount: float, ok: bool, note: string? }\n')
        self.assertIn('no sample has a field `when`', self.run_command('infer', 'c.csv', '--time', 'when', code=1).stderr)
        self.assertIn('`line` pattern', self.run_command('infer', 'c.csv', '--format', 'lines', code=1).stderr)

    def test_generate_is_seeded(self):
        first = self.run_command('generate', 'logins', '--events', 1000, '--seed', 5).stdout
        self.assertEqual(first.count('\n'), 1000)
        self.assertEqual(self.run_command('generate', 'logins', '--events', 1000, '--seed', 5).stdout, first)
        self.assertNotEqual(self.run_command('generate', 'logins', '--events', 1000, '--seed', 6).stdout, first)

    def test_the_streams_of_generated_data_are_declared(self):
        for kind in ('payments', 'logins', 'orders', 'heartbeats', 'orderbook'):
            self.run_command('generate', kind, '--events', 20000, '--disorder', '50ms', '--output', kind + '.ndjson')
            text = self.run_command('run', SOURCE / f'rules/streams/{kind}.seq', '--input', kind + '.ndjson').stderr
            self.assertRegex(text, r'events +20,000\n')
            self.assertRegex(text, r'late +0\n')
            self.assertRegex(text, r'bad +0\n')
            self.assertRegex(text, r'unmatched +0 ')


if __name__ == '__main__':
    SEQUITUR = str(pathlib.Path(sys.argv.pop(1)).resolve())
    SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
