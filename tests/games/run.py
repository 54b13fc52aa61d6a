#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Made-up libraries of other programs, imported: run.py GHOSTFORGE.

Of each case of make.py: what is told is in expected/CASE; nothing of the sources is touched, not
even when they are on a read-only file system; a second import writes nothing.
After a wanted change: UPDATE=1 tests/games/run.py build/ghostforge/cli/ghostforge, then read the diff."""
import difflib
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import make

HERE = pathlib.Path(__file__).resolve().parent
OWN = ".local/share/ghostforge"
PROGRAM = os.path.realpath(sys.argv[1])
results = []


def tell(ok, name, why=""):
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {name}")
    for line in "" if ok else why.splitlines():
        print(f"# {line}")


def environment(home):
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "XDG_DATA_DIRS": f"{home}/usr/share",
            **{name: os.environ[name] for name in ["ASAN_OPTIONS", "UBSAN_OPTIONS"] if name in os.environ}}


def run(home, *words, before=()):
    done = subprocess.run([*before, PROGRAM, *words], env=environment(home), capture_output=True, text=True,
                          errors="surrogateescape", check=False)
    text = (done.stdout + done.stderr).replace(str(home), "HOME")
    return re.sub(r'"added": \d+', '"added": 0', text) + ("" if done.returncode == 0 else f"exit {done.returncode}\n")


def snapshot(home):
    """All that a write would change, of everything but our own files."""
    seen = {}
    for top, dirs, files in os.walk(home):
        if os.path.relpath(top, home) == OWN:
            dirs.clear()
            continue
        for name in [*dirs, *files]:
            path = os.path.join(top, name)
            st = os.lstat(path)
            if os.path.relpath(path, home) not in (OWN, os.path.dirname(OWN)):
                seen[path] = (st.st_ino, st.st_mode, st.st_size, st.st_mtime_ns, st.st_ctime_ns)
    return seen


def database(home):
    path = pathlib.Path(home) / OWN / "library.db"
    return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns


def compare(name, got):
    path = HERE / "expected" / name
    if os.environ.get("UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(got, errors="surrogateescape")
    want = path.read_text(errors="surrogateescape") if path.exists() else ""
    tell(got == want, f"{name}: the games are those expected",
         "".join(difflib.unified_diff(want.splitlines(True), got.splitlines(True), "expected", "got")))


def check_case(home, name):
    make.CASES[name](make.Home(home))
    (home / OWN).parent.mkdir(parents=True, exist_ok=True)
    before = snapshot(home)
    got = run(home, "import") + run(home, "list", "--all") + run(home, "list", "--all", "--json")
    compare(name, got)
    kept = database(home)
    again = json.loads(run(home, "import", "--json").split("\n}\n")[0] + "\n}")
    tell(not again["written"] and database(home) == kept, f"{name}: a second import writes nothing", json.dumps(again))
    tell(snapshot(home) == before, f"{name}: no file of a source is touched",
         "\n".join(sorted(set(map(str, snapshot(home).items())) ^ set(map(str, before.items())))))
    return got


READ_ONLY = """
mkdir -p "$1/.local/share/ghostforge" "$2/own" &&
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount --bind "$2/own" "$1/.local/share/ghostforge" || exit 99
! touch "$1/x" 2>/dev/null || exit 98
shift 2; exec "$@"
"""


def check_read_only(home, name, want):
    """The same words when the kernel would refuse a write."""
    shutil.rmtree(home / OWN)
    with tempfile.TemporaryDirectory() as own:
        got = run(home, "import", before=["unshare", "-Urm", "--propagation", "private", "sh", "-c", READ_ONLY, "sh", str(home), own])
    if re.search(r"exit (98|99)$|unshare:", got):
        results.append(True)
        print(f"ok {len(results)} - {name}: on a read-only file system # SKIP no mounts here: {got.strip().splitlines()[0]}")
    else:
        tell(want.startswith(got), f"{name}: on a read-only file system all is found as well", got)


COMMANDS = """
ghostforge
list
help show
import --help
list --help
add --help
remove --help
hide --help
import --source lutris
import
import --source steam --source desktop
sho
show
show nothing
show portall-2
show por
show 'Portal 2'
show steam:1091500 --json
list --source stem
list --quiet
add
add nowhere
add HOME/Games
add --env x HOME/Games/hand/game.sh
add HOME/Games/celeste/Celeste
add --title 'By hand' --env A=b=c --prefix HOME/Games --icon HOME/Games/hand/game.sh HOME/Games/hand/Setup.EXE -x 'two words' ''
add HOME/Games/hand/Setup.EXE
show by-hand
remove portal
remove by-hand
remove by-hand
hide portal
list
import
list --all --quiet
unhide portal
"""


def check_commands(home):
    """What the program says to people, in this order."""
    make.CASES["steam_native"](make.Home(home))
    make.Home(home).put("Games/hand/game.sh", "#!/bin/sh")
    make.Home(home).put("Games/hand/Setup.EXE", "MZ")
    got = ""
    for line in COMMANDS.strip().splitlines():
        words = [word.replace("HOME", str(home)) for word in shlex.split(line)]
        got += f"$ {line}\n{run(home, *words[words[0] == 'ghostforge':])}"
    compare("commands", got)


def check_at_once(home, n):
    """Several imports of one home, none of which loses or doubles a game."""
    make.CASES["steam_native"](make.Home(home))
    started = [subprocess.Popen([PROGRAM, "import"], env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for _ in range(n)]
    told = [(process.communicate()[1], process.returncode) for process in started]
    games = run(home, "list", "--quiet").splitlines()
    tell(all(status == 0 for _, status in told) and len(games) == 8 == len(set(games)), f"{n} imports at once", f"{told}\n{games}")


def check_killed(home):
    """An import that was killed leaves the library before it or the one after it."""
    make.CASES["steam_native"](make.Home(home))
    for delay in range(0, 40, 2):
        process = subprocess.Popen([PROGRAM, "import"], env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay / 1000)
        process.kill()
        process.wait()
        games = run(home, "list", "--quiet").splitlines()
        if len(games) != 8 and games:
            tell(False, "an import that is killed at any time", f"after {delay} ms: {games}")
            return
    tell(len(run(home, "import")) > 0 and len(run(home, "list", "--quiet").splitlines()) == 8, "an import that is killed at any time")


def check_completions(home):
    for shell in ["bash", "zsh", "fish"]:
        script = home / shell
        script.write_text(run(home, "completions", shell))
        if shutil.which(shell):
            done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
            tell(done.returncode == 0 and "ghostforge" in script.read_text(), f"{shell} accepts its completions", done.stderr)
    done = subprocess.run(["bash", "-c", f'. {home}/bash; COMP_WORDS=(ghostforge import --source l); COMP_CWORD=3; _ghostforge; echo "${{COMPREPLY[*]}}"'],
                          capture_output=True, text=True, check=False)
    tell(done.stdout == "lutris\n", "bash completes a source", done.stdout + done.stderr)


def main():
    for check, *more in [(check_at_once, 6), (check_killed,), (check_completions,)]:
        with tempfile.TemporaryDirectory() as top:
            home = pathlib.Path(top) / "home"
            home.mkdir()
            check(home, *more)
    with tempfile.TemporaryDirectory() as top:
        home = pathlib.Path(top) / "home"
        home.mkdir()
        check_commands(home)
    for name in make.CASES:
        with tempfile.TemporaryDirectory() as top:
            home = pathlib.Path(top) / "home"
            home.mkdir()
            check_read_only(home, name, check_case(home, name))
    print(f"1..{len(results)}")
    return not all(results)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
