#!/usr/bin/env python3
"""Makes the Debian packages and looks at what is in them. Usage: packages_test.py BUILD_DIR CPACK VERSION"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=800, **options)
    if done.returncode != 0:
        raise AssertionError(f'{command} exits with {done.returncode}:\n{done.stdout}')
    return done.stdout


class PackagesTest(unittest.TestCase):
    build = pathlib.Path('.')
    cpack, version = '', ''

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        run(cls.cpack, '--config', cls.build / 'CPackConfig.cmake', '-G', 'DEB', '-B', cls.folder.name, cwd=cls.build)
        cls.packages = {path.name.split('_')[0]: path for path in pathlib.Path(cls.folder.name).glob('*.deb')}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def files(self, package):
        return set(re.findall(r'\./(\S+)', run('dpkg-deb', '--contents', self.packages[package])))

    def field(self, package, name):
        return run('dpkg-deb', '--field', self.packages[package], name).strip()

    def test_there_are_three(self):
        self.assertEqual(set(self.packages), {'libsequitur0', 'libsequitur-dev', 'sequitur'})
        for package in self.packages:
            self.assertEqual(self.field(package, 'Version'), self.version)

    def test_each_holds_its_own(self):
        library, development, command = (self.files(name) for name in ('libsequitur0', 'libsequitur-dev', 'sequitur'))
        self.assertIn(f'usr/lib/libsequitur.so.{self.version}', library)
        self.assertFalse([name for name in library if 'include' in name or name.endswith('.a')])
        for name in ('usr/include/sequitur/sequitur.h', 'usr/include/sequitur/stream.hpp', 'usr/lib/libsequitur.a', 'usr/lib/libsequitur.so',
                     'usr/lib/cmake/Sequitur/SequiturConfig.cmake', 'usr/lib/pkgconfig/sequitur.pc'):
            self.assertIn(name, development)
        self.assertIn('usr/bin/sequitur', command)
        self.assertIn('usr/share/sequitur/rules/fraud/card_testing.seq', command)
        self.assertFalse((library & development & command) - {name for name in library if name.endswith('/')})

    def test_they_depend_on_what_they_need(self):
        for part in ('libhyperscan5', 'libtbb12', 'libfmt9'):
            self.assertIn(part, self.field('libsequitur0', 'Depends'))
        self.assertIn(f'libsequitur0 (= {self.version})', self.field('libsequitur-dev', 'Depends'))
        self.assertIn('libsimdjson', self.field('sequitur', 'Depends'))


if __name__ == '__main__':
    PackagesTest.build, PackagesTest.cpack, PackagesTest.version = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    del sys.argv[1:4]
    unittest.main()
