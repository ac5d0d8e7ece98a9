#!/usr/bin/env python3
"""Runs the examples on small inputs. Usage: examples_test.py TRADING FRAUD_EMBEDDED SOURCE_DIR

Market ticks beside the project (../shared/data, or where SEQUITUR_DATA says) are used when they are there.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest


def run(*command, code=0, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **options)
    if done.returncode != code:
        raise AssertionError(f'{command} exits with {done.returncode}:\n{done.stdout}')
    return done.stdout


class ExamplesTest(unittest.TestCase):
    trading = fraud = source = pathlib.Path('.')

    def counts(self, output):
        return {rule: int(count) for rule, count in re.findall(r'^  (\w+) +(\d+) alerts$', output, re.MULTILINE)}

    def test_trading_finds_the_incidents_of_generated_ticks(self):
        rules = self.source / 'examples/trading/surveillance.seq'
        output = run(self.trading, '--rules', rules, '--ticks', 40_000, '--seed', 3, '--show', 3)
        self.assertIn('40000 ticks, 0 bad lines, 0 out of order', output)
        found = self.counts(output)
        self.assertEqual(set(found), {'price_spike', 'quote_flood', 'trade_through', 'crossed_book', 'no_trades'})
        for rule in ('price_spike', 'quote_flood', 'trade_through', 'crossed_book'):
            self.assertGreater(found[rule], 0, rule)
        self.assertRegex(output, r'p99 +\d+\n')
        self.assertEqual(found, self.counts(run(self.trading, '--rules', rules, '--ticks', 40_000, '--seed', 3, '--rate', 2_000_000)))

    def test_trading_says_what_is_wrong(self):
        self.assertIn('usage', run(self.trading, code=2))
        self.assertIn('cannot be read', run(self.trading, '--rules', '/no/such/file', code=1))
        with tempfile.NamedTemporaryFile('w', suffix='.seq') as file:
            file.write('rule r { first t: trade where volume > 1  emit x() }')
            file.flush()
            self.assertIn('error[', run(self.trading, '--rules', file.name, code=1))

    def test_trading_reads_market_ticks(self):
        ticks = pathlib.Path(os.environ.get('SEQUITUR_DATA') or self.source.parent / 'shared/data') / 'markets/ticks_public.csv.zst'
        rules = self.source / 'examples/trading/surveillance.seq'
        lines = ('ts_ms,kind,symbol,price,size,bid,bid_size,ask,ask_size,exchange,cond,suspicious\n'
                 '1381154333308,T,BAC,13.91,100,,,,,D,1,0\n1381154333448,Q,BAC,,,13.91,12000,,,N,1,0\nnonsense\n')
        output = run(self.trading, '--rules', rules, '--input', '-', input=lines)
        self.assertIn('2 ticks, 1 bad lines', output)
        if not ticks.exists() or not shutil.which('zstd'):
            self.skipTest('the market ticks are not here')
        with subprocess.Popen(['zstd', '-dcq', str(ticks)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpack:
            output = run(self.trading, '--rules', rules, '--input', '-', '--ticks', 100_000, stdin=unpack.stdout)
            unpack.stdout.close()
            unpack.kill()
        self.assertIn('100000 ticks, 0 bad lines, 0 out of order', output)

    def test_fraud_goes_on_after_a_restart_and_takes_a_rule_more(self):
        rules = self.source / 'rules/fraud'
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder) / 'state'
            first = run(self.fraud, '--rules', rules, '--state', state, '--payments', 4_000)
            self.assertIn('card_testing', first)
            self.assertRegex(first, r'[1-9]\d* cards blocked')
            second = run(self.fraud, '--rules', rules, '--state', state, '--payments', 1_000, '--extra',
                         self.source / 'examples/fraud_embedded/large_first.seq')
            self.assertRegex(second, r'goes on at event [1-9]')
            self.assertRegex(second, r'rules: [1-9]\d* kept, 0 replaced, 1 added, 0 removed')
            self.assertIn('other rules', run(self.fraud, '--rules', rules, '--state', state, '--payments', 1, code=1))
            state.write_bytes(state.read_bytes()[:-1])
            self.assertIn('damaged', run(self.fraud, '--rules', rules, '--state', state, '--payments', 1, code=1))


if __name__ == '__main__':
    ExamplesTest.trading, ExamplesTest.fraud, ExamplesTest.source = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
    del sys.argv[1:4]
    unittest.main()
