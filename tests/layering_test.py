#!/usr/bin/env python3
"""Holds the code to the arrows of docs/architecture.md.

    cli -> engine -> nfa -> dsl -> event        cli -> adapters -> event        embed -> engine

An include against an arrow fails, and so does a third-party header outside the place it is confined to.
Usage: layering_test.py SOURCE_DIR
"""
import pathlib
import re
import sys
import tempfile
import unittest

MODULES = {
    'event': set(),
    'dsl': {'event'},
    'nfa': {'dsl', 'event'},
    'engine': {'nfa', 'dsl', 'event'},
    'embed': {'engine', 'nfa', 'dsl', 'event'},
    'adapters': {'event'},
    'cli': {'engine', 'adapters', 'nfa', 'dsl', 'event'},
}

# A header outside these places is an error: (pattern of the include, pattern of the file, most files that may).
CONFINED = [
    (r'boost/(spirit|fusion|phoenix|proto)/', r'^dsl/(grammar/.*|[^/]*\.cpp|.*adapted\.hpp)$', None),
    (r'(tbb|oneapi)/', r'^engine/[^/]*\.cpp$', 1),
    (r'(hs/)?hs\.h|hs_.*\.h', r'^nfa/[^/]*\.cpp$', 1),
    (r'(simdjson\.h|re2/|zlib\.h|zstd.*\.h)', r'^adapters/.*\.cpp$', None),
    (r'CLI/', r'^cli/.*\.cpp$', None),
    (r'date/', r'^(event|nfa)/.*\.cpp$', None),
    (r'gtest/|gmock/|benchmark/', r'^$', None),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def sources(root, folder):
    return sorted(p for p in (root / folder).rglob('*') if p.suffix in ('.cpp', '.hpp', '.h', '.ipp'))


def problems(root):
    """All violations under `root`, as lines for people."""
    found = []
    users = {pattern: set() for pattern, _, _ in CONFINED}
    for folder in list(MODULES) + ['include']:
        for path in sources(root, folder):
            name = path.relative_to(root).as_posix()
            for kind, target in INCLUDE.findall(path.read_text(encoding='utf-8')):
                found += check_include(root, folder, name, kind, target, users)
    for pattern, _, most in CONFINED:
        if most is not None and len(users[pattern]) > most:
            found.append(f'{sorted(users[pattern])}: only {most} file may include <{pattern}>')
    return found


def check_include(root, folder, name, kind, target, users):
    found = []
    top = target.split('/')[0]
    if kind == '"':
        if top == 'sequitur':
            if not (root / 'include' / target).exists():
                found.append(f'{name}: "{target}" does not exist')
        elif folder == 'include':
            found.append(f'{name}: a public header may include only public headers, not "{target}"')
        elif top not in MODULES:
            found.append(f'{name}: "{target}" does not begin with a module\'s folder')
        elif top != folder and top not in MODULES[folder]:
            found.append(f'{name}: {folder} must not include {top} ("{target}")')
        elif not (root / target).exists():
            found.append(f'{name}: "{target}" does not exist')
        return found
    in_c = name.endswith('.h') and target in ('stddef.h', 'stdint.h')  # The interface for C.
    if folder == 'include' and not in_c and ('/' in target or target.endswith('.h')):
        found.append(f'{name}: a public header needs only the standard library, not <{target}>')
    for pattern, place, _ in CONFINED:
        if re.match(pattern, target):
            users[pattern].add(name)
            if not re.match(place, name):
                found.append(f'{name}: <{target}> must not be included here')
    return found


class LayeringTest(unittest.TestCase):
    root = pathlib.Path('.')

    def test_includes_follow_the_arrows(self):
        self.assertEqual(problems(self.root), [])

    def test_every_module_is_there(self):
        for module in MODULES:
            self.assertTrue(sources(self.root, module), module)

    def expect_problem(self, name, line, message):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            for path in (name, 'engine/a.hpp', 'include/sequitur/a.hpp'):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).touch()
            (root / name).write_text(line + '\n')
            found = problems(root)
            self.assertEqual(len(found), 1, found)
            self.assertIn(message, found[0])

    def test_violations_are_found(self):
        self.expect_problem('dsl/b.cpp', '#include "engine/a.hpp"', 'dsl must not include engine')
        self.expect_problem('adapters/file/b.cpp', '#include "engine/a.hpp"', 'adapters must not include engine')
        self.expect_problem('include/sequitur/b.hpp', '#include "engine/a.hpp"', 'only public headers')
        self.expect_problem('include/sequitur/b.hpp', '#include <fmt/format.h>', 'only the standard library')
        self.expect_problem('engine/b.hpp', '#include <tbb/parallel_for.h>', 'must not be included here')
        self.expect_problem('dsl/b.hpp', '#include <boost/spirit/home/x3.hpp>', 'must not be included here')
        self.expect_problem('nfa/b.cpp', '#include <simdjson.h>', 'must not be included here')
        self.expect_problem('cli/b.cpp', '#include "engine/missing.hpp"', 'does not exist')


if __name__ == '__main__':
    LayeringTest.root = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
