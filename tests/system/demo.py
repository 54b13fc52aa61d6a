#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""The main job for real: demo.py BUILD-FOLDER runs tools/demo with the nvbind that was built, and
holds what it told against the raw samples and the picture. TAP; there is nothing to skip."""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

DEMO = pathlib.Path(__file__).resolve().parents[2] / "tools/demo"
FRAMES = 600
results = []


def claim(name, holds, why=""):
    results.append(holds)
    if not holds:
        for line in str(why).splitlines():
            print(f"# {line}")
    print(f"{'ok' if holds else 'not ok'} {len(results)} - {name}")


def close(told, computed):
    return abs(told - computed) <= 0.01 * computed


def rows_of(picture):
    """Its size and lines of pixels, or nothing when it is no PNG of ours."""
    if picture[:8] != b"\x89PNG\r\n\x1a\n":
        return 0, 0, []
    width, height = struct.unpack(">II", picture[16:24])
    size = struct.unpack(">I", picture[33:37])[0]
    pixels = zlib.decompress(picture[41:41 + size])
    return width, height, [pixels[i:i + 1 + 3 * width] for i in range(0, len(pixels), 1 + 3 * width)]


def check_figures(told):
    summary, raw = told["summary"], told["report"]["frames"]["raw_frame_ns"]
    longest = sorted(raw)[-max(1, len(raw) // 100):]
    claim("every frame was seen", summary["frames"] == FRAMES and summary["frames_lost"] == 0, summary)
    claim("there is a sample for each time between two frames", len(raw) == FRAMES - 1, len(raw))
    claim("the average FPS is that of the samples", close(summary["fps_average"], 1e9 * len(raw) / sum(raw)),
          (summary, 1e9 * len(raw) / sum(raw)))
    claim("the 1 % low is that of the samples", close(summary["fps_low_1pct"], 1e9 * len(longest) / sum(longest)),
          (summary, 1e9 * len(longest) / sum(longest)))
    claim("the worst frame is that of the samples", close(summary["frame_ms_worst"], max(raw) / 1e6), summary)
    claim("the start was timed in phases", summary["start_ms"] > 0 and len(summary["phases_ms"]) > 1
          and close(sum(summary["phases_ms"].values()), summary["start_ms"]), summary)
    claim("it says which GPU it was", summary["gpu"] != "", summary)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "build").mkdir()
        (folder / "tmp").mkdir()
        (folder / "build/cli").symlink_to(pathlib.Path(sys.argv[1]).resolve() / "cli")
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        done = subprocess.run([DEMO, folder / "build"], env=environment | {"TMPDIR": str(folder / "tmp")},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        claim("the demo runs", done.returncode == 0, done.stdout)
        if done.returncode == 0:
            check_figures(json.loads((folder / "build/demo.json").read_text()))
            width, height, rows = rows_of((folder / "build/demo.png").read_bytes())
            claim("the picture shows a drawing", width > 100 and height > 100 and len(set(rows)) > 32,
                  f"{width}x{height}, {len(set(rows))} different lines")
        left = list((folder / "tmp").iterdir())
        running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        claim("nothing is left", not left and str(folder / "tmp") not in running, left or running)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
