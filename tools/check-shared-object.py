#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""usage: check-shared-object.py FILE MAX_GLIBC EXPORT... [-- LIBRARY...]

A shared object that goes into foreign images must run on their C library: it may need no symbol
newer than GLIBC_MAX_GLIBC, no library but those named, and export exactly the EXPORTs."""
import re
import shutil
import subprocess
import sys


def readelf(option, path):
    return subprocess.run(["readelf", "-W", option, path], check=True, capture_output=True, text=True).stdout


def symbols(path):
    """(name, version, is_defined) of each dynamic symbol."""
    for line in readelf("--dyn-syms", path).splitlines():
        fields = line.split()
        if len(fields) < 8 or not fields[0].rstrip(":").isdigit():
            continue
        name, _, version = fields[7].partition("@")
        yield name, version.lstrip("@"), fields[6] != "UND"


def number(version):
    return tuple(int(part) for part in version.split("."))


if not shutil.which("readelf"):
    print("readelf is not installed")
    sys.exit(77)
path, limit = sys.argv[1], sys.argv[2]
words = sys.argv[3:]
split = words.index("--") if "--" in words else len(words)
wanted, libraries = set(words[:split]), set(words[split + 1:])
found = list(symbols(path))
bad = []
newest = "0"
for name, version, is_defined in found:
    match = re.fullmatch(r"GLIBC_([0-9.]+)", version)
    if match:
        newest = max(newest, match[1], key=number)
        if number(match[1]) > number(limit):
            bad.append(f"needs {name}@{version}")
    elif version and not is_defined:
        bad.append(f"needs {name}@{version}")
exported = {name for name, _, is_defined in found if is_defined}
bad += [f"exports {name}" for name in sorted(exported - wanted)]
bad += [f"does not export {name}" for name in sorted(wanted - exported)]
needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", readelf("-d", path)))
bad += [f"needs the library {name}" for name in sorted(needed - libraries)]
if not found:
    bad.append("has no dynamic symbols")
for line in bad:
    print(f"{path}: {line}")
print(f"{path}: newest symbol version GLIBC_{newest}, libraries {' '.join(sorted(needed))}")
sys.exit(bool(bad))
