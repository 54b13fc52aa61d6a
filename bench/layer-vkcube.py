#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""usage: layer-vkcube.py LAYER MANIFEST-TEMPLATE RING-TOOL [--output FILE]

What the layer costs a real program: pairs of vkcube runs on Mesa's software driver, with and
without the layer, the order changing from pair to pair. Wall and CPU time of each whole run, start
included, divided by its frames; JSON with hardware, versions and all samples."""
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/system"))
import layer  # noqa: E402

FRAMES = 4000
PAIRS = 12


def cpu_model():
    match = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return match[1] if match else "unknown"


def loader_version():
    try:
        text = subprocess.run(["vulkaninfo", "--summary"], capture_output=True, text=True).stdout
    except OSError:
        text = ""
    match = re.search(r"Vulkan Instance Version: (\S+)", text)
    return match[1] if match else "unknown"


def play(bed, is_with):
    """(wall, CPU) microseconds a frame."""
    bed.prepare()
    start, before = time.monotonic(), os.times()
    bed.play(frames=FRAMES, env={"GHOSTFORGE_FRAMES": "1" if is_with else "0"})
    wall, after = time.monotonic() - start, os.times()
    layer.expect(bed.show()["processes"] == is_with, "the layer was not where it should be")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall * 1e6 / FRAMES, cpu * 1e6 / FRAMES


def main():
    driver = layer.find_driver()
    samples = []
    with tempfile.TemporaryDirectory(prefix="nvb-bench-") as directory:
        bed = layer.Bed(driver, directory)
        try:
            for number in range(PAIRS):
                order = (True, False) if number % 2 else (False, True)
                runs = {is_with: play(bed, is_with) for is_with in order}
                samples.append({"without": runs[False], "with": runs[True]})
        finally:
            bed.close()
    added = [[pair["with"][i] - pair["without"][i] for pair in samples] for i in (0, 1)]
    result = {
        "claim": "what the layer adds to the frames of a real program, its start included",
        "hardware": {"cpu": cpu_model(), "cpus_online": os.cpu_count(), "kernel": platform.release()},
        "versions": {"vulkan_loader": loader_version(), "driver": driver},
        "frames_a_run": FRAMES,
        "wall_us_a_frame": {"without_median": statistics.median(pair["without"][0] for pair in samples),
                            "added_median": statistics.median(added[0])},
        "cpu_us_a_frame": {"without_median": statistics.median(pair["without"][1] for pair in samples),
                           "added_median": statistics.median(added[1])},
        "raw": samples,
    }
    text = json.dumps(result, indent=2) + "\n"
    if len(sys.argv) == 6 and sys.argv[4] == "--output":
        pathlib.Path(sys.argv[5]).write_text(text)
    else:
        print(text, end="")


main()
