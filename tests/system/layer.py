#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""usage: layer.py LAYER MANIFEST-TEMPLATE RING-TOOL

The real loader and a real program: vkcube on Mesa's software driver under an X server of its
own. The manifest is found through XDG_DATA_HOME, which every loader reads; Debian 12's 1.3.239
has no VK_ADD_IMPLICIT_LAYER_PATH."""
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

LAYER, TEMPLATE, RING_TOOL = (os.path.abspath(word) for word in sys.argv[1:4])
FRAMES = 200
NOBODY = 65534


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def expect(is_so, text):
    if not is_so:
        raise AssertionError(text)


class Bed:
    """A directory with the manifest and a ring, and an X server; `games` start vkcubes in it."""

    def __init__(self, driver, directory):
        self.dir = pathlib.Path(directory)
        self.dir.chmod(0o755)
        manifests = self.dir / "data/vulkan/implicit_layer.d"
        manifests.mkdir(parents=True)
        # A copy, so that somebody who may not enter the build folder can load it too.
        library = shutil.copy(LAYER, self.dir)
        text = pathlib.Path(TEMPLATE).read_text().replace("@LIBRARY@", library)
        (manifests / "frames.json").write_text(text)
        self.ring = self.dir / "ring"
        read_end, write_end = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "640x480x24", "-nolisten", "tcp", "-ac"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        display = os.fdopen(read_end).readline().strip()
        self.env = {**os.environ, "DISPLAY": f":{display}", "XDG_DATA_HOME": str(self.dir / "data"),
                    "VK_ICD_FILENAMES": driver, "VK_DRIVER_FILES": driver, "GHOSTFORGE_FRAMES": "1",
                    "GHOSTFORGE_FRAMES_FILE": str(self.ring)}
        for name in ("VK_LAYER_PATH", "VK_INSTANCE_LAYERS", "DISABLE_GHOSTFORGE_FRAMES", "WAYLAND_DISPLAY"):
            self.env.pop(name, None)

    def tool(self, *words):
        return subprocess.run([RING_TOOL, words[0], self.ring, *words[1:]], check=True,
                              stdout=subprocess.PIPE, timeout=30).stdout

    def prepare(self):
        self.ring.unlink(missing_ok=True)
        self.tool("prepare")

    def show(self):
        return json.loads(self.tool("show"))

    def start(self, frames=FRAMES, env=None, **options):
        # Mode 0 is "immediate": lavapipe has it, and no frame waits for a screen that is none.
        return subprocess.Popen(["vkcube", "--c", str(frames), "--width", "64", "--height", "48",
                                 "--present_mode", "0", "--suppress_popups"], env={**self.env, **(env or {})},
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)

    def finish(self, game):
        output = game.communicate(timeout=120)[0]
        expect(game.returncode == 0, f"vkcube ended with {game.returncode}: {output}")

    def play(self, **options):
        start = time.monotonic()
        self.finish(self.start(**options))
        return time.monotonic() - start

    def close(self):
        self.server.terminate()
        self.server.wait()


def counts_the_frames_of_a_game(bed):
    bed.prepare()
    bed.play()
    shown = bed.show()
    print(f"# {json.dumps({k: v for k, v in shown.items() if k != 'raw_frame_ns'})}")
    expect(FRAMES <= shown["frames"] <= FRAMES + 1, shown["frames"])
    expect(shown["lost"] == 0 and shown["processes"] == 1, shown)
    expect(shown["program"] == "vkcube" and (shown["width"], shown["height"]) == (64, 48), shown)
    expect(len(shown["raw_frame_ns"]) == shown["frames"] - 1, "raw frames")
    expect(0 < shown["frame_ms"]["median"] <= shown["frame_ms"]["p99"] <= shown["frame_ms"]["worst"], shown)
    expect(shown["present_us"]["mean"] > 0 and shown["fps"]["low_1pct"] <= shown["fps"]["average"], shown)


def follows_a_game_longer_than_the_ring(bed):
    bed.prepare()
    follower = subprocess.Popen([RING_TOOL, "follow", bed.ring], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    bed.play(frames=6000)
    shown = json.loads(follower.communicate(timeout=30)[0])
    expect(6000 <= shown["frames"] <= 6001 and shown["lost"] == 0, (shown["frames"], shown["lost"]))


def stays_out_when_not_enabled(bed):
    bed.prepare()
    bed.play(env={"GHOSTFORGE_FRAMES": "0"})
    bed.play(env={"DISABLE_GHOSTFORGE_FRAMES": "1"})
    expect(bed.show()["processes"] == 0, "frames were counted")


def lets_the_game_run_without_a_ring(bed):
    bed.ring.unlink(missing_ok=True)
    bed.play()
    expect(not bed.ring.exists(), "the layer made a ring")


def lets_the_game_run_with_a_ring_it_may_not_write(bed):
    somebody = {"env": {"HOME": str(bed.dir)}}
    if os.geteuid() == 0:
        somebody.update(user=NOBODY, group=NOBODY, extra_groups=[])
    for mode, processes in (0o666, 1), (0o444, 0):
        bed.prepare()
        bed.ring.chmod(mode)
        bed.play(**somebody)
        bed.ring.chmod(0o600)
        expect(bed.show()["processes"] == processes, f"{processes} processes at mode {mode:o}")


def lets_the_game_run_when_the_ring_is_cut(bed):
    bed.prepare()
    bed.tool("limit", "200")
    game = bed.start()
    deadline = time.monotonic() + 30
    while bed.show()["frames"] < 10:
        expect(time.monotonic() < deadline, "no frame in 30 s")
        time.sleep(0.02)
    os.truncate(bed.ring, 10)
    expect(game.poll() is None, "the game was over too soon")
    bed.finish(game)
    expect(bed.ring.stat().st_size == 10, "the layer wrote on")


def gives_each_of_three_games_a_slot(bed):
    bed.prepare()
    games = [bed.start() for _ in range(3)]
    for game in games:
        bed.finish(game)
    shown = bed.show()
    expect(shown["processes"] == 3 and FRAMES <= shown["frames"] <= FRAMES + 1, shown["frames"])


def holds_the_game_to_50_frames_a_second(bed):
    bed.prepare()
    bed.tool("limit", "50")
    bed.play(frames=150)
    fps = bed.show()["fps"]["average"]
    print(f"# {fps} frames a second")
    expect(45 <= fps <= 51, fps)


def lifts_the_limit_while_the_game_runs(bed):
    bed.prepare()
    bed.tool("limit", "5")
    game = bed.start(frames=1000)
    while bed.show()["frames"] < 3:
        time.sleep(0.05)
    start = time.monotonic()
    bed.tool("limit", "0")
    bed.finish(game)
    took = time.monotonic() - start
    expect(took < 60, f"{took} s for what takes 200 s at 5 frames a second")


TESTS = [counts_the_frames_of_a_game, follows_a_game_longer_than_the_ring, stays_out_when_not_enabled,
         lets_the_game_run_without_a_ring, lets_the_game_run_with_a_ring_it_may_not_write,
         lets_the_game_run_when_the_ring_is_cut, gives_each_of_three_games_a_slot,
         holds_the_game_to_50_frames_a_second, lifts_the_limit_while_the_game_runs]


def find_driver():
    """lavapipe's manifest; skips where it or a program is missing."""
    for program in ("vkcube", "Xvfb"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    drivers = glob.glob("/usr/share/vulkan/icd.d/lvp_icd*.json")
    if not drivers:
        skip("Mesa's lavapipe is not installed")
    return drivers[0]


def main():
    driver = find_driver()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="nvb-layer-") as directory:
        bed = Bed(driver, directory)
        try:
            for number, test in enumerate(TESTS, 1):
                try:
                    test(bed)
                    print(f"ok {number} - {test.__name__}", flush=True)
                except (AssertionError, subprocess.SubprocessError, OSError) as error:
                    failed += 1
                    print(f"# {error}\nnot ok {number} - {test.__name__}", flush=True)
        finally:
            bed.close()
    print(f"1..{len(TESTS)}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
