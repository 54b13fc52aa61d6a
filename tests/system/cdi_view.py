#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Specifications that mount the driver's prepared view, on the machine of nvidia.py: what they hold, that
containers of them find every library, and that the view stays and goes when it should: over an update of
the driver, with changed files, and for as long as any specification names it."""

import json
import os
import shutil
import tempfile

import nvidia
from harness import Skip, claim, has, main, same, that

VIEW = "/usr/lib/nvbind/driver"
STORE = "/var/cache/nvbind/driver"
NEWER = "570.1.2"
made = {}

# In a container of the device: each library by its bare name, and where programs look for the rest.
LOOK = """
import ctypes, json, os, sys
told = {}
for name in sys.argv[1:]:
    try:
        told[name] = (ctypes.c_char * 64).in_dll(ctypes.CDLL(name), "nvb_test_name").value.decode()
    except (OSError, ValueError) as error:
        told[name] = str(error)
def read(path):
    return open(path).read() if os.path.exists(path) else None
print(json.dumps({"libraries": told, "icd": read("/etc/vulkan/icd.d/nvidia_icd.x86_64.json"),
                  "conf": read("/etc/ld.so.conf.d/00-nvbind-driver.conf"),
                  "egl": read("/usr/share/glvnd/egl_vendor.d/10_nvidia.json"),
                  "nodes": sorted(n for n in os.listdir("/dev") if n.startswith("nvidia"))}))"""


def of_version(top, version):
    """The machine's files with another driver's version."""
    os.mkdir(top)
    kept, nvidia.VERSION = nvidia.VERSION, version
    kept_text, nvidia.VERSION_TEXT = nvidia.VERSION_TEXT, nvidia.VERSION_TEXT.replace(kept, version)
    try:
        return nvidia.make_files(top)
    finally:
        nvidia.VERSION, nvidia.VERSION_TEXT = kept, kept_text


def files(caller):
    """The machine's files and, as `newer`, those of a newer driver; made once a caller."""
    if os.getuid() != 0:
        raise Skip("needs root to make the machine")
    if os.path.exists("/proc/driver/nvidia"):
        raise Skip("this machine has a driver of its own")
    if caller.name not in made:
        top = tempfile.mkdtemp(prefix="nvbind-cdi-view-", dir=caller.home)
        os.chmod(top, 0o755)
        made[caller.name] = (top, nvidia.make_files(top), of_version(top + "/newer", NEWER))
    if made[caller.name][1] is None:
        raise Skip("needs a C compiler to make the libraries")
    return made[caller.name]


def shell(caller, script, *args, before=""):
    """A script on the machine; $nvbind, $files and $home are set. Nothing of one claim is left for the next.
    `before` runs as root."""
    top, names, _ = files(caller)
    shutil.rmtree(caller.home + "/cache", ignore_errors=True)
    shutil.rmtree(caller.home + "/.cache", ignore_errors=True)
    # A view is read-only for its owner, too; and the driver that a claim has updated is put back.
    for path in ("driver", "driver32", "proc"):
        if os.path.exists(f"{top}/{path}.old"):
            shutil.rmtree(f"{top}/{path}", ignore_errors=True)
            os.rename(f"{top}/{path}.old", f"{top}/{path}")
    prelude = f"set -e; nvbind={caller.nvbind}; files={top}; home={caller.home}\n"
    view = nvidia.view(caller.home, top, "mkdir -m 755 /run/cdi; chmod 755 /run\n" + before)
    return caller.finish(caller.start(["bash", "-c", prelude + script, "sh", *args], view=view), timeout=60)


UPDATE = """
update() { for d in driver driver32; do mv $files/$d $files/$d.old; cp -a $files/newer/$d $files/$d; done; }
restart() { cp -a $files/proc $files/proc.old; cp $files/newer/proc/nvidia/version $files/proc/nvidia/version; }
views() { ls /var/cache/nvbind/driver | grep -v -- -layer- | sed -n 's/^\\([0-9.]*\\)-.*/\\1/p' | sort | uniq | paste -sd' '; }
spec_view() { sed 's/.*"hostPath":"\\([^"]*\\)","containerPath":"\\/usr\\/lib\\/nvbind\\/driver".*/\\1/' /run/cdi/nvidia.json; }
"""


@claim("an output file mounts the view at once, and is a good specification without hooks", only="root")
def form(caller):
    done = shell(caller, "$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json; $nvbind cdi validate /run/cdi/nvidia.json >&2;"
                         "$nvbind cdi check >&2; cat /run/cdi/nvidia.json").ok()
    spec = json.loads(done.out)
    edits = spec["containerEdits"]
    mounts = {m["containerPath"]: m["hostPath"] for m in edits["mounts"]}
    that(mounts[VIEW].startswith(f"{STORE}/{nvidia.VERSION}-3f-"), mounts[VIEW])
    for path, part in (("/etc/vulkan/icd.d/nvidia_icd.x86_64.json", "vulkan/icd.d/nvidia_icd.x86_64.json"),
                       ("/etc/OpenCL/vendors/nvidia.icd", "OpenCL/nvidia.icd"),
                       ("/etc/ld.so.conf.d/00-nvbind-driver.conf", "ld.so.conf")):
        same(mounts[path], f"{mounts[VIEW]}/{part}")
    that(len(mounts) < 15, f"{len(mounts)} mounts")
    same([k for k in edits if k in ("hooks", "netDevices", "additionalGids")], [])
    has(done.err, "good   /run/cdi/nvidia.json")


@claim("standard output, another tree and --no-view name each file", only="root")
def file_by_file(caller):
    script = """
$nvbind cdi generate >$home/stdout
$nvbind cdi generate --no-view --output $home/no-view.json
$nvbind cdi generate --root / --output $home/live.json
mkdir $home/tree; for d in /dev /etc /proc /run /sys /usr $files; do mkdir -p $home/tree$d; mount --rbind $d $home/tree$d; done
$nvbind cdi generate --root $home/tree --output $home/tree.json
ls /var/cache/nvbind/driver; $nvbind cdi check $home/no-view.json"""
    done = shell(caller, script).ok()
    has(done.out, "good ")
    for name in ("stdout", "no-view.json", "tree.json"):
        with open(f"{caller.home}/{name}", encoding="utf-8") as file:
            mounts = [m["containerPath"] for m in json.load(file)["containerEdits"]["mounts"]]
        that(VIEW not in mounts and VIEW + "/lib64/libcuda.so.1" in mounts and len(mounts) > 60, f"{name}: {mounts}")
    with open(f"{caller.home}/live.json", encoding="utf-8") as file:
        that(STORE in file.read(), "the machine itself under another name of it")


@claim("a container of either form finds every library by its bare name, and manifests that name bare sonames", only="root")
def containers(caller):
    _, names, _ = files(caller)
    wanted = names["wide"] + ["libcuda.so", "libnvidia-egl-gbm.so.1", "libnvidia-api.so.1"]
    run = "$nvbind run --network none --gpu nvidia.com/gpu=0 host /usr/bin/python3 -I -S -c \"$@\""
    for words in ("", "--no-view"):
        done = shell(caller, f"$nvbind cdi generate --no-nvml {words} --output /run/cdi/nvidia.json; {run}", LOOK, *wanted)
        told = done.json()
        same(done.err, "")
        same(told["libraries"], {**{n: n for n in wanted}, "libcuda.so": "libcuda.so.1"})
        same(told["nodes"], ["nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "nvidia0", "nvidiactl"])
        if not words:
            has(told["icd"], '"libGLX_nvidia.so.0"')
            has(told["egl"], '"libEGL_nvidia.so.0"')
            same(told["conf"], f"{VIEW}/lib64\n{VIEW}/lib32\n")


@claim("with --no-library-path libraries are found and the container's own LD_LIBRARY_PATH stays", only="root")
def library_path(caller):
    script = """$nvbind cdi generate --no-nvml --no-library-path --output /run/cdi/nvidia.json; $nvbind cdi check >&2
$nvbind run --network none -e LD_LIBRARY_PATH=/mine --gpu nvidia.com/gpu=0 host /usr/bin/python3 -I -S -c "$@" """
    look = LOOK.replace('"conf":', '"path": os.environ.get("LD_LIBRARY_PATH"), "conf":')
    _, names, _ = files(caller)
    if os.confstr("CS_GNU_LIBC_VERSION").split()[1] < "2.33" or os.uname().machine != "x86_64":
        raise Skip("the machine's loader looks nowhere else")
    told = shell(caller, script, look, *names["wide"]).json()
    same(told["libraries"], {n: n for n in names["wide"]})
    same(told["path"], "/mine")
    done = shell(caller, "$nvbind cdi generate --no-nvml --no-library-path || echo status $?")
    has(done.out + done.err, "status 2", "try: write it into a file")


@claim("root's specification serves an ordinary user's container", only="user")
def for_users(caller):
    told = shell(caller, "$nvbind run --network none --gpu nvidia.com/gpu=0 host /usr/bin/python3 -I -S -c \"$@\"",
                 LOOK, "libcuda.so.1", before=f"{caller.nvbind} cdi generate --output /run/cdi/nvidia.json").json()
    same(told["libraries"], {"libcuda.so.1": "libcuda.so.1"})
    has(told["icd"], '"libGLX_nvidia.so.0"')
    that(not os.path.exists(caller.home + "/.cache/nvbind/driver"), "the user has a view of his own")


@claim("a plain --gpu and the name of a device of a specification go together", only="root")
def mixed(caller):
    script = """$nvbind cdi generate %s --output /run/cdi/nvidia.json
NVBIND_DRIVER_VIEW=always $nvbind run --network none --gpu 0 --gpu nvidia.com/gpu=0 host /usr/bin/python3 -I -S -c "$@" """
    for words in ("", "--no-view"):
        told = shell(caller, script % words, LOOK, "libcuda.so.1", "libGLX_nvidia.so.0").json()
        same(told["libraries"], {n: n for n in ("libcuda.so.1", "libGLX_nvidia.so.0")})


@claim("a view that is gone makes the specification stale, in words; refresh makes it anew", only="root")
def gone(caller):
    script = """$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json
chmod -R u+w /var/cache/nvbind; rm -r /var/cache/nvbind/driver/[0-9]*
$nvbind cdi check || echo status $?
$nvbind run --gpu nvidia.com/gpu=0 host true || echo status $?
$nvbind cdi refresh; $nvbind cdi check"""
    done = shell(caller, script).ok()
    has(done.out, "stale  /run/cdi/nvidia.json", "the driver view '/var/cache/nvbind/driver/550.163.01-3f-", "' is gone",
        "fix: nvbind cdi refresh", "status 1", "refreshed /run/cdi/nvidia.json", "good   /run/cdi/nvidia.json", "status 125")
    same(done.out.count("is gone"), 2, done.out)  # one of check, one of refresh: not each of its files
    has(done.err, "device 'nvidia.com/gpu=0' of '/run/cdi/nvidia.json' cannot be given", "is gone", "nvbind cdi refresh")


@claim("changed files of a view are found by check and put right by refresh, unless a container uses them", only="root")
def changed(caller):
    script = """$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json
cd /var/cache/nvbind/driver/[0-9]*-3f-*; chmod u+w lib64; ln -sf elsewhere lib64/libcuda.so.1
$nvbind cdi check || echo status $?
exec 9<.; flock -s 9; $nvbind cdi refresh || echo refused; exec 9<&-
$nvbind cdi refresh; $nvbind cdi check"""
    done = shell(caller, script).ok()
    has(done.out, "stale", "'lib64/libcuda.so.1' leads to 'elsewhere'", "status 1", "refused", "refreshed ", "good ")
    has(done.err, "is in use by a container", "try: stop the containers")


DOCTOR = """
look() { $nvbind doctor --json >$home/doctor.json || true; python3 -c '
import json, sys
for check in json.load(open(sys.argv[1]))["checks"]:
    if check["name"] == "driver-view":
        print(check["verdict"], check["text"], "|", check["fix"])' $home/doctor.json; }
mend() { python3 -c '
import json, sys
print([c["fix"] for c in json.load(open(sys.argv[1]))["checks"] if c["name"] == "driver-view"][0])' $home/doctor.json |
    sed "s,nvbind cdi,$nvbind cdi,; s/sudo //g" >$home/fix; sh -e $home/fix; }
store=/var/cache/nvbind/driver; [ $(id -u) = 0 ] || store=$home/.cache/nvbind/driver
"""


@claim("doctor reads every file of every view, and its command mends what was changed")
def doctor(caller):
    script = DOCTOR + """look; echo none
$nvbind cdi generate --no-nvml --output $home/nvidia.json 2>/dev/null; look
cd $store/[0-9]*-3f-*; chmod u+w . lib64; cp lib64/libcuda.so.550.163.01 copy
rm lib64/libcuda.so.550.163.01; sed s/libcuda/libevil/ copy >lib64/libcuda.so.550.163.01; rm -f copy; cd /
look; mend; look; echo none
$nvbind cdi generate --no-nvml --output $home/nvidia.json 2>/dev/null; look"""
    out = shell(caller, script).ok().out
    store = STORE if caller.uid == 0 else caller.home + "/.cache/nvbind/driver"
    has(out, "ok 1 driver view, every file as it was put there",
        f"fail in 1 of 1 driver views files are not as they were put there: in '{store}/{nvidia.VERSION}-3f-",
        "'lib64/libcuda.so.550.163.01' has other contents", f"rm -r '{store}/{nvidia.VERSION}-3f-")
    same([line.split()[0] for line in out.splitlines() if "refreshed" not in line], ["none", "ok", "fail", "none", "ok"], out)


@claim("doctor finds what a killed builder left, and not what one is building; its command removes it")
def leftovers(caller):
    script = DOCTOR + """mkdir -p $store/.new-550-1-2/lib64; chmod 555 $store/.new-550-1-2/lib64; touch -d '1 minute ago' $store/.new-550-1-2
exec 9<$store/.new-550-1-2; flock -x 9; look; echo none; exec 9<&-
look; mend; look; echo none; ls -A $store"""
    out = shell(caller, script).ok().out
    lines = out.splitlines()
    has(out, "warn 1 unfinished driver view was left by a start that was killed", ".new-550-1-2'")
    same([line.split()[0] for line in lines], ["none", "warn", "none"], out)


@claim("over an update containers keep the running driver's view until the restart; then refresh has the new one's", only="root")
def updated(caller):
    script = UPDATE + """$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json; views
update; $nvbind cdi check; $nvbind cdi refresh; views
$nvbind run --network none --gpu nvidia.com/gpu=0 host /usr/bin/python3 -I -S -c "$@"
restart; $nvbind cdi check || echo status $?; $nvbind cdi refresh; views; $nvbind cdi check"""
    done = shell(caller, script, LOOK, "libcuda.so.1").ok()
    lines = done.out.splitlines()
    same(lines[:3], [nvidia.VERSION, "good   /run/cdi/nvidia.json", nvidia.VERSION], done.out)
    same(json.loads(lines[3])["libraries"], {"libcuda.so.1": "libcuda.so.1"})
    has(done.out, f"driver: {nvidia.VERSION} then, {NEWER} now", "status 1")
    same(lines[-2:], [NEWER, "good   /run/cdi/nvidia.json"], done.out)


@claim("a view that a specification names outlives its driver, whatever sweeps; without the name it goes", only="root")
def named(caller):
    start = "NVBIND_DRIVER_VIEW=always $nvbind run --network none --gpu all host true 2>/dev/null\n"
    script = UPDATE + """$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json; old=$(spec_view)
cp /run/cdi/nvidia.json /run/cdi/kept.yaml; rm /run/cdi/nvidia.json
update; restart
""" + start + """views; test -e $old/manifest.json && echo kept
$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json; views; test -e $old/manifest.json && echo kept
rm /run/cdi/kept.yaml; chmod -R u+w /var/cache/nvbind/driver/570*-7f-*; rm -r /var/cache/nvbind/driver/570*-7f-* /var/cache/nvbind/driver/start-*
""" + start + "views; test -e $old/manifest.json || echo gone"
    done = shell(caller, script).ok()
    same(done.out.split("\n"), [f"{nvidia.VERSION} {NEWER}", "kept", f"{nvidia.VERSION} {NEWER}", "kept", NEWER, "gone", ""])


@claim("a user's specification mounts a view in his home, and says so", only="user")
def home(caller):
    done = shell(caller, "cd $home; $nvbind cdi generate --no-nvml --output nvidia.json; $nvbind cdi check nvidia.json; cat nvidia.json").ok()
    has(done.err, "in your own '" + caller.home + "/.cache/nvbind/driver'", "as root")
    has(done.out, "good ", f'"hostPath":"{caller.home}/.cache/nvbind/driver/{nvidia.VERSION}-3f-')


@claim("where root's engines would read it, a view that somebody else can change is told", only="root")
def not_roots(caller):
    script = """$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json; chown -R 54321 /var/cache/nvbind/driver/[0-9]*
$nvbind cdi check || echo status $?"""
    has(shell(caller, script).ok().out, "stale", "belongs to user 54321, who can change what containers get", "status 1")


@claim("a store that cannot be written leaves no specification, and the other form is named", only="root")
def no_store(caller):
    script = """mkdir -p /var/cache/nvbind; mount -t tmpfs -o ro none /var/cache/nvbind
$nvbind cdi generate --no-nvml --output /run/cdi/nvidia.json || echo status $?; ls /run/cdi
$nvbind cdi generate --no-view --output /run/cdi/nvidia.json; ls /run/cdi"""
    done = shell(caller, script).ok()
    same(done.out, "status 1\nnvidia.json\nnvidia.json.nvbind\n")
    has(done.err, "Read-only file system", "with --no-view")


main()
