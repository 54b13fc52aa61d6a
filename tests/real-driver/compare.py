#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""compare.py [NAME FILES.json LOADS.txt]... - a real driver's files as nvbind finds them against what NVIDIA's
toolkit mounts and links (nvidia-ctk.txt), and against what the libraries themselves need. TAP."""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
LIBDIR = "/usr/lib/x86_64-linux-gnu"
# Of 550 or of a running machine, so no fault when a 535 that was only unpacked lacks them.
ABSENT_HERE = {f"{LIBDIR}/libnvidia-gpucomp.so.V", "/run/nvidia-persistenced/socket",
               # Debian's packages leave these development links out; their sonames are there.
               f"{LIBDIR}/libnvidia-allocator.so"}

failed = 0
number = 0


def check(name, complaints):
    global failed, number
    number += 1
    for complaint in complaints:
        print(f"#   {complaint}")
    failed += bool(complaints)
    print(f"{'not ok' if complaints else 'ok'} {number} - {name}")


def plain(text, version):
    """Without versions: the driver's is V, the EGL platforms' own are OWN."""
    return re.sub(r"(libnvidia-egl-[a-z0-9]+\.so)\.\d+\.\d[\d.]*", r"\1.OWN",
                  text.replace(version, "V")).replace("550.163.01", "V")


def ours(files, version):
    """Container path -> None for a file, or the link's target."""
    places = {}
    for file in files:
        if file.get("bits") == 32:
            continue
        if "container_path" in file:
            directory = str(pathlib.PurePosixPath(file["container_path"]).parent)
            places[file["container_path"]] = file.get("link_target")
        else:
            directory = str(pathlib.PurePosixPath(LIBDIR) / file["subdir"])
            places[f"{directory}/{file['name']}"] = file.get("link_target")
        for link in file.get("links", []):
            places[f"{directory}/{link}"] = file["name"]
    return {plain(k, version): v and plain(v, version) for k, v in places.items()}


def theirs():
    places = {}
    for line in (HERE / "nvidia-ctk.txt").read_text().splitlines():
        if not line.startswith("#"):
            path, _, target = plain(line, "V").partition(" -> ")
            places[path] = target or None
    return places


def lost_needs(files, version):
    """In each word size and capability: needs that the whole driver has, but not this part of it."""
    for bits in (64, 32):
        libraries = [f for f in files if "needed" in f and f["bits"] == bits]
        names = {n: f for f in libraries for n in [f["name"], f.get("soname"), *f.get("links", [])] if n}
        for word in ("compute", "utility", "video", "graphics", "display", "ngx"):
            for file in (f for f in libraries if word in f["capabilities"]):
                for need in file["needed"]:
                    if need in names and word not in names[need]["capabilities"]:
                        yield f"{bits} bit, {word}: {file['name']} needs {need}"
                    if version in need and need not in names:
                        yield f"{bits} bit: {file['name']} needs {need}, which was not found"


def compare(name, files_json, loads_txt):
    answer = json.loads(pathlib.Path(files_json).read_text())
    files, version = answer["files"], answer["version"]
    mine, reference = ours(files, version), theirs()
    check(f"{name}: a version and no note", answer["notes"] if version else ["no version"])
    check(f"{name}: all that NVIDIA's toolkit gives a container is found",
          sorted(f"missing: {p}" for p in reference.keys() - mine.keys() - ABSENT_HERE))
    check(f"{name}: links are where NVIDIA has links, files where it has files",
          sorted(f"{p} -> {mine[p]}, theirs {reference[p]}" for p in reference.keys() & mine.keys()
                 if bool(mine[p]) != bool(reference[p])))
    check(f"{name}: no capability loses what its libraries need", sorted(lost_needs(files, version)))
    check(f"{name}: 32 bit is there too",
          [] if sum(f.get("bits") == 32 for f in files) > 15 else ["hardly any"])
    compare_loads(name, pathlib.Path(loads_txt).read_text().splitlines())
    for path in sorted(mine.keys() - reference.keys()):
        print(f"# beyond NVIDIA's: {path}")


def compare_loads(name, loads):
    """A bare machine lacks GTK and such; the driver's own libraries must all be found."""
    name += ": the real loader finds each soname in a cache that we wrote"
    if loads and loads[0].startswith("SKIP"):
        check(f"{name} # {loads[0]}", [])
        return
    bad = [line for line in loads if not line.endswith(" ok")]
    ours_lost = [line for line in bad
                 if re.search(r" lib(nvidia|cuda|nvcuvid|nvoptix|[A-Z]\w+_nvidia)[^:]*: cannot open", line)]
    check(name, ours_lost if "libcuda.so.1 ok" in loads else loads or ["nothing was loaded"])
    for line in bad:
        print(f"# not loaded here: {line}")


def main():
    for i in range(1, len(sys.argv), 3):
        compare(*sys.argv[i:i + 3])
    print(f"1..{number}")
    return 1 if failed or number == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
