#!/usr/bin/env python3
"""Runs the commands that README.md, docs/cli.md and docs/operations.md show, in their order, in one empty folder with the project's `rules` in it.

Links between documents must lead somewhere. Only blocks marked ```console are run. A line `$ sequitur ..` is a command; `# exits with N` behind it names its exit code.
The lines below a command, if there are any, must be what it writes to standard output and standard error, but for empty lines and
for how many blanks stand between words; `...` stands for anything, within a line or for any number of lines. Blocks marked ```seq FILE or ```json FILE are written to that file first.
Usage: documents_test.py SEQUITUR SOURCE_DIR
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'^```(console|seq|json)(?: (\S+))?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def pattern_of(expected):
    """A regular expression for the lines that a document shows."""
    parts = []
    for line in expected:
        parts.append(r'(?:[^\n]*\n)*' if line == '...' else '[^\n]*'.join(map(re.escape, line.split('...'))) + '\n')
    return re.compile(''.join(parts))


def plain(text):
    """The lines that are not empty, with single blanks."""
    return [re.sub(r' +', ' ', line).strip() for line in text.split('\n') if line.strip()]


def run_console(text, folder, environment, where):
    """The problems of one block."""
    problems = []
    for piece in re.split(r'^\$ ', text, flags=re.MULTILINE)[1:]:
        first, _, shown = piece.partition('\n')
        command, _, code = first.partition('# exits with ')
        done = subprocess.run(command, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        expected, output = plain(shown), '\n'.join(plain(done.stdout)) + '\n'
        if done.returncode != int(code or 0):
            problems.append(f'{where}: `{command}` exits with {done.returncode}:\n{done.stdout}')
        elif shown.strip() and not pattern_of(expected).fullmatch(output):
            problems.append(f'{where}: `{command}` writes\n{done.stdout}')
    return problems


def broken_links(source):
    """Links of all documents to files that are not there."""
    documents = [source / 'README.md', source / 'CONTRIBUTING.md', *sorted((source / 'docs').rglob('*.md'))]
    return [f'{document.relative_to(source)}: there is no {link}'
            for document in documents for link in re.findall(r'\]\(([^)#\s]+)(?:#[^)]*)?\)', document.read_text(encoding='utf-8'))
            if '://' not in link and not (document.parent / link).exists()]


def main():
    sequitur, source = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    environment = dict(os.environ, PATH=f'{sequitur.parent}:{os.environ["PATH"]}', NO_COLOR='1')
    problems, commands = broken_links(source), 0
    for document in ('README.md', 'docs/cli.md', 'docs/operations.md'):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / 'rules').symlink_to(source / 'rules')
            for kind, target, text in BLOCK.findall((source / document).read_text(encoding='utf-8')):
                if kind == 'console':
                    commands += text.count('$ sequitur')
                    problems += run_console(text, folder, environment, document)
                elif target:
                    (folder / target).write_text(text)
    print('\n'.join(problems) or f'{commands} commands')
    return 1 if problems or commands == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
