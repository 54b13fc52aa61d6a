#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""A folder of lib/ may include only itself and the folders named before it here; nothing in
lib/ or include/ may look into the programs built on it, nor ghostforge/core/ into its own or at a screen."""
import pathlib
import re
import sys

ORDER = ["base", "cdi", "host", "profile", "request", "resolve", "oci", "image", "run", "life", "stats", "snapshot"]
PROGRAMS = {"command", "cli", "fetch", "runtime", "shim", "supervisor", "ghostforge", "app", "core"}
SCREEN = {"gtk", "gdk", "adwaita"}

bad = 0
for path in sorted(pathlib.Path("lib").rglob("*.[ch]")):
    room = path.parts[1]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'#\s*include ["<](\w+)/', line)
        if not match:
            continue
        if match[1] in PROGRAMS:
            print(f"{path}:{number}: lib/ must not include {match[1]}/")
            bad = 1
        if match[1] in ORDER and ORDER.index(match[1]) > ORDER.index(room):
            print(f"{path}:{number}: {room}/ must not include {match[1]}/")
            bad = 1
for path in sorted(pathlib.Path("ghostforge/core").rglob("*.[ch]")):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'#\s*include ["<](\w+)', line)
        if match and match[1] in (PROGRAMS - {"core"}) | SCREEN:
            print(f"{path}:{number}: ghostforge/core/ must not include {match[1]}")
            bad = 1
for path in sorted(pathlib.Path("include").rglob("*.h")):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.match(r'#\s*include "(?!nvbind/)', line):
            print(f"{path}:{number}: a public header includes only public headers")
            bad = 1
sys.exit(bad)
