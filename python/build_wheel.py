#!/usr/bin/env python3
"""Makes sequitur-VERSION-py3-none-PLATFORM.whl of the package and the shared library. Needs nothing but Python.

The library finds fmt, TBB, Hyperscan and date in the system, so the wheel is for machines on which libsequitur's own package
could be installed. The same inputs give the same bytes.
Usage: build_wheel.py LIBSEQUITUR.SO OUTPUT_DIR
"""
import base64
import hashlib
import pathlib
import re
import sys
import sysconfig
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    library, output = (pathlib.Path(word) for word in sys.argv[1:3])
    text = (HERE.parent / 'CMakeLists.txt').read_text(encoding='utf-8')
    version = re.search(r'project\(Sequitur VERSION ([0-9.]+)', text).group(1)
    platform = re.sub(r'[-.]', '_', sysconfig.get_platform())
    tag = f'py3-none-{platform}'
    info = f'sequitur-{version}.dist-info'

    files = {f'sequitur/{path.name}': path.read_bytes() for path in sorted((HERE / 'sequitur').iterdir()) if path.suffix in ('.py', '.typed')}
    files['sequitur/libsequitur.so'] = library.resolve().read_bytes()
    files[f'{info}/METADATA'] = (f'Metadata-Version: 2.1\nName: sequitur\nVersion: {version}\nSummary: Complex event processing rules over keyed event streams\n'
                                 'License: Apache-2.0\nRequires-Python: >=3.8\n').encode()
    files[f'{info}/WHEEL'] = f'Wheel-Version: 1.0\nGenerator: sequitur\nRoot-Is-Purelib: false\nTag: {tag}\n'.encode()
    files[f'{info}/LICENSE'] = (HERE.parent / 'LICENSE').read_bytes()
    record = ''
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
        record += f'{name},sha256={digest},{len(data)}\n'
    files[f'{info}/RECORD'] = (record + f'{info}/RECORD,,\n').encode()

    wheel = output / f'sequitur-{version}-{tag}.whl'
    with zipfile.ZipFile(wheel, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if name.endswith('.so') else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    print(wheel)


if __name__ == '__main__':
    main()
