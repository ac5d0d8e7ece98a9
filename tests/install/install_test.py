#!/usr/bin/env python3
"""Uses an installed tree from outside, as somebody would who has only that.

Builds and runs the consumer project (static and shared library, C++ and C), a C program by pkg-config, and every program that README.md
and docs/embedding.md show: a block marked ```cpp NAME.cpp, ```c NAME.c or ```python NAME.py is a program; a block ```text behind it is what it prints.
Usage: install_test.py FOLDER SOURCE_DIR CMAKE CXX, where FOLDER/tree is the installed tree.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

PROGRAM = re.compile(r'^```(?:cpp|c|python) (\w+\.(?:cpp|c|py))\n(.*?)^```\n(?:\s*```text\n(.*?)^```)?', re.MULTILINE | re.DOTALL)


def programs_of(document):
    """(name, code, output or None) of each program that the document shows."""
    return [(name, code, output) for name, code, output in PROGRAM.findall(document.read_text(encoding='utf-8'))]


class InstallTest(unittest.TestCase):
    folder = source = pathlib.Path('.')
    cmake = cxx = ''

    @classmethod
    def run_command(cls, *command, **options):
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=800, **options)
        if done.returncode != 0:
            raise AssertionError(f'{command} exits with {done.returncode}:\n{done.stdout}')
        return done.stdout

    @classmethod
    def setUpClass(cls):
        """One project for all programs, so that CMake looks at the compiler once."""
        cls.tree = cls.folder / 'tree'
        cls.project, cls.build = cls.folder / 'consumer', cls.folder / 'build'
        for old in (cls.project, cls.build):
            shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(cls.source / 'tests/install/consumer', cls.project)
        cls.programs = []
        for document in ('README.md', 'docs/embedding.md'):
            for name, code, output in programs_of(cls.source / document):
                cls.programs.append((document, name, output))
                (cls.project / 'documents').mkdir(exist_ok=True)
                (cls.project / 'documents' / name).write_text(code)
        cls.run_command(cls.cmake, '-G', 'Ninja', '-S', cls.project, '-B', cls.build, f'-DCMAKE_PREFIX_PATH={cls.tree}',
                        f'-DCMAKE_CXX_COMPILER={cls.cxx}')
        cls.run_command(cls.cmake, '--build', cls.build)

    def library(self):
        return next(self.tree.rglob('libsequitur.so')).parent

    def test_the_tree_is_whole(self):
        lib = self.library()
        for path in ('bin/sequitur', 'include/sequitur/sequitur.h', 'include/sequitur/engine.hpp', 'share/sequitur/rules/fraud'):
            self.assertTrue((self.tree / path).exists(), path)
        for name in ('libsequitur.a', 'libsequitur.so.0', 'pkgconfig/sequitur.pc', 'cmake/Sequitur/SequiturConfig.cmake'):
            self.assertTrue((lib / name).exists(), name)
        self.assertIn('0.1.0', self.run_command(self.tree / 'bin/sequitur', '--version'))

    def test_both_kinds_of_the_library_work(self):
        for kind in ('static', 'shared', 'default'):
            self.assertEqual(self.run_command(self.build / f'consumer_{kind}'), 'ABC to 112.5\n', kind)

    def test_the_c_interface(self):
        self.assertEqual(self.run_command(self.build / 'c_interface'), 'ok\n')

    def test_pkg_config_leads_to_a_c_program(self):
        lib = self.library()
        environment = dict(os.environ, PKG_CONFIG_PATH=str(lib / 'pkgconfig'), LD_LIBRARY_PATH=str(lib))
        flags = self.run_command('pkg-config', '--cflags', '--libs', 'sequitur', env=environment).split()
        self.assertIn('-lsequitur', flags)
        program = self.build / 'by_pkg_config'
        self.run_command('cc', '-std=c11', '-Wall', '-Wextra', '-Werror', self.project / 'c_interface.c', *flags, '-lm', '-o', program)
        self.assertEqual(self.run_command(program, env=environment), 'ok\n')

    def test_the_shared_library_shows_its_interface_only(self):
        symbols = self.run_command('nm', '-D', '--defined-only', '--demangle', self.library() / 'libsequitur.so').splitlines()
        names = [line.split(maxsplit=2)[2] for line in symbols]
        public = re.compile(r'(non-virtual thunk to )?(sequitur_\w+$|((vtable|typeinfo|typeinfo name) for )?sequitur::)')
        self.assertEqual([name for name in names if not public.match(name)], [])
        inside = re.compile(r'sequitur::(dsl|nfa|cli|detail|Evaluator|Shard)\b')
        self.assertEqual([name for name in names if inside.match(name)], [])
        self.assertIn('sequitur_engine_push', names)

    def test_there_is_no_global_state(self):
        """Variables of the library are constants, or of one thread: outside of functions by its symbols, inside by its source."""
        lines = self.run_command('objdump', '--syms', '--demangle', self.library() / 'libsequitur.so').splitlines()
        written = [line for line in lines if re.search(r' (\.data|\.bss)\s', line) and 'sequitur::' in line]
        # The objects of the grammar are constants that are made when the library is loaded.
        self.assertEqual([line for line in written if ')::' not in line and 'sequitur::dsl::grammar::' not in line], [])
        variable = re.compile(r'^\s+static (?!const|inline|constexpr)[\w:<>, *&]+ \w+(\{.*\}|\s*=.*)?;', re.MULTILINE)
        allowed = {'nfa/text_database.cpp': 1}  # A counter that gives each thread a number.
        for module in ('event', 'dsl', 'nfa', 'engine', 'embed'):
            for path in sorted((self.source / module).rglob('*.[ch]pp')):
                name = path.relative_to(self.source).as_posix()
                self.assertEqual(len(variable.findall(path.read_text(encoding='utf-8'))), allowed.get(name, 0), name)

    def test_the_documents_show_what_works(self):
        self.assertTrue(any(document == 'README.md' for document, _, _ in self.programs))
        for document, name, output in self.programs:
            if name.endswith('.py'):
                environment = dict(os.environ, PYTHONPATH=str(self.source / 'python'), SEQUITUR_LIBRARY=str(self.library() / 'libsequitur.so'),
                                   PYTHONDONTWRITEBYTECODE='1')
                printed = self.run_command(sys.executable, self.project / 'documents' / name, env=environment)
            else:
                printed = self.run_command(self.build / name.replace('.', '_'))
            if output:
                self.assertEqual(printed, output, f'{document}: {name}')


if __name__ == '__main__':
    InstallTest.folder, InstallTest.source = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    InstallTest.cmake, InstallTest.cxx = sys.argv[3:5]
    del sys.argv[1:5]
    unittest.main()
