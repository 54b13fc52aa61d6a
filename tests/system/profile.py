#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""What a profile, a game's entry and the command line say reaches the program in the container."""

import json
import os
import shutil
import subprocess

from harness import Skip, claim, has, main, same, that

CONFIG = ".config/nvbind"
PROFILE = """\
performance_level = "ultra-low-latency"
[frames]
cap = 90
[wine]
dxvk_async = true
fsync = false
[env]
OWN_WORD = "x"
"""
GAMES = """\
[game.race]
executables = ["race.exe"]
settings.frames.cap = 75
settings.env.PULSE_LATENCY_MSEC = "60"
"""


def variables(result):
    return dict(line.split("=", 1) for line in result.ok().out.splitlines() if "=" in line)


def write_own(caller):
    caller.file(f"{caller.home}/{CONFIG}/profiles/p.toml", PROFILE)
    caller.file(f"{caller.home}/{CONFIG}/games.toml", GAMES)
    for folder in (".config", CONFIG, f"{CONFIG}/profiles"):
        os.chown(f"{caller.home}/{folder}", caller.uid, caller.uid)


@claim("settings become variables in the container, and what nobody reads is told and left out")
def becomes(caller):
    write_own(caller)
    result = caller.run("/usr/bin/env", opts=["--profile", "p"])
    env = variables(result)
    has(env["DXVK_CONFIG"], "dxgi.maxFrameRate = 90", "dxgi.maxFrameLatency = 1", "dxvk.latencySleep = True")
    same((env["VKD3D_FRAME_RATE"], env["PROTON_NO_FSYNC"], env["OWN_WORD"]), ("90", "1", "x"))
    same([name for name in env if name in ("DXVK_ASYNC", "RADV_FORCE_VRS")], [])
    has(result.err, "wants wine.dxvk_async, which is left out", "sets OWN_WORD, which nothing is known to read")


@claim("a game beats the profile, --set beats the game, and --env beats them all")
def layers(caller):
    write_own(caller)
    game = ["--profile", "p", "--game", "C:\\Games\\RACE.EXE"]
    env = variables(caller.run("/usr/bin/env", opts=game))
    same((env["VKD3D_FRAME_RATE"], env["PULSE_LATENCY_MSEC"]), ("75", "60"))
    env = variables(caller.run("/usr/bin/env", opts=[*game, "--set", "frames.cap=50", "--env", "PULSE_LATENCY_MSEC=9"]))
    same((env["VKD3D_FRAME_RATE"], env["PULSE_LATENCY_MSEC"]), ("50", "9"))


@claim("the caller's own change is what the next container gets")
def changed(caller):
    write_own(caller)
    caller.nvbind_run("profile", "set", "p", "frames.cap", "41").ok()
    env = variables(caller.run("/usr/bin/env", opts=["--profile", "p"]))
    same(env["VKD3D_FRAME_RATE"], "41")
    status = os.stat(f"{caller.home}/{CONFIG}/profiles/p.toml")
    same((status.st_uid, oct(status.st_mode & 0o777)), (caller.uid, "0o644"))


@claim("a wrong setting stops the container with a word about it")
def wrong(caller):
    result = caller.run("/usr/bin/true", opts=["--set", "frames.cp=60"])
    same(result.status, 125)
    has(result.err, "there is no setting 'frames.cp'", "did you mean 'frames.cap'?")


class Screen:
    """An X server that nobody sees."""

    def __enter__(self):
        if not shutil.which("Xvfb") or not shutil.which("vkcube"):
            raise Skip("vkcube and Xvfb are not both installed")
        read_end, write_end = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "640x480x24", "-nolisten", "tcp", "-ac"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            return f":{pipe.readline().strip()}"

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()


@claim("the frame layer holds a cap for a real Vulkan program, from its first frame on")
def capped(caller):
    # The report's folder: the caller's own.
    report = f"{caller.home}/report.json"
    with Screen() as display:
        result = caller.nvbind_run(
            "run", "--gpu", "software", "--profile", "gaming", "--set", "frames.cap=30", "--report", report, "host", "--",
            "vkcube", "--c", "60", "--width", "64", "--height", "48", "--suppress_popups",
            env={"DISPLAY": display, "XDG_CACHE_HOME": caller.home + "/.cache"}, timeout=60)
    if "the Vulkan layer is not installed" in result.err:
        raise Skip("the frame layer is not built")
    result.ok()
    with open(report, encoding="utf-8") as file:
        frames = json.load(file)["frames"]
    that(frames["frames"] >= 55, frames["frames"])
    that(10 < frames["fps"]["average"] < 31, frames["fps"])


main()
