#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Style that a script can see, as TAP: SPDX lines, function and file length, clang-format."""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["include", "lib", "command", "cli", "fetch", "runtime", "shim", "supervisor", "layer", "ghostforge", "data",
           "images", "tests", "bench", "tools", "packaging", ".ci"]
SCRIPT_SUFFIXES = {".sh", ".py", ".build"}
COPYRIGHT = "SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors"
LICENSE = "SPDX-License-Identifier: MIT"
FUNCTION_LINES = 80
FILE_LINES = 500
FORMAT_VERSION = 14


def is_script(path):
    """By its suffix, or by its first two bytes when it has none (tools/check)."""
    if path.suffix in SCRIPT_SUFFIXES:
        return True
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def all_files():
    for name in FOLDERS:
        for path in sorted((ROOT / name).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and "corpus" not in path.parts:
                yield path
    yield from (ROOT / name for name in ["meson.build", "meson_options.txt", "Makefile"])


def is_c(path):
    return path.suffix in {".c", ".h"}


def check_spdx(files):
    """The two lines stand at the top, below a script's #! line."""
    for path in files:
        head = path.read_text().splitlines()[:3]
        if head and head[0].startswith("#!"):
            head = head[1:]
        if len(head) < 2 or COPYRIGHT not in head[0] or LICENSE not in head[1]:
            yield f"{path.relative_to(ROOT)}:1: the two SPDX lines are not at the top"


def check_functions(files):
    """Our format puts a function's braces alone in the first column, and nobody else's."""
    for path in filter(is_c, files):
        start = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start + 1 > FUNCTION_LINES:
                    yield f"{path.relative_to(ROOT)}:{start}: a function of {number - start + 1} lines"
                start = None


def warn_lengths(files):
    for path in filter(is_c, files):
        n_lines = len(path.read_text().splitlines())
        if n_lines > FILE_LINES:
            print(f"# warning: {path.relative_to(ROOT)} has {n_lines} lines; split it by nouns")


def find_formatter():
    """(program, None), or (None, why not): other versions lay out other text."""
    found = "no clang-format"
    for name in [f"clang-format-{FORMAT_VERSION}", "clang-format"]:
        program = shutil.which(name)
        if not program:
            continue
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        match = re.search(r"version (\d+)", told)
        if match and int(match[1]) == FORMAT_VERSION:
            return program, None
        found = told.strip()
    return None, f"clang-format {FORMAT_VERSION} is needed; here is {found}"


def check_format(program, files):
    done = subprocess.run([program, "--dry-run", "-Werror", *filter(is_c, files)],
                          capture_output=True, text=True, cwd=ROOT, check=False)
    return [line for line in done.stderr.splitlines() if "error:" in line or "Error" in line] or \
        (["clang-format failed: " + done.stderr] if done.returncode else [])


def main():
    files = [path for path in all_files() if is_c(path) or is_script(path)
             or path.name in {"Makefile", "meson_options.txt"}]
    warn_lengths(files)
    checks = [("every source has its SPDX lines", list(check_spdx(files))),
              (f"no function is longer than {FUNCTION_LINES} lines", list(check_functions(files)))]
    program, why_not = find_formatter()
    if program:
        checks.append(("the C is laid out as .clang-format says", check_format(program, files)))
    failed = 0
    for number, (name, complaints) in enumerate(checks, 1):
        for complaint in complaints:
            print(f"# {complaint}")
        failed += bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {number} - {name}")
    if not program:
        print(f"ok {len(checks) + 1} - the C is laid out as .clang-format says # SKIP {why_not}")
    print(f"1..{len(checks) + (not program)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
