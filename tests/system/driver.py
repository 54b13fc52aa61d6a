#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""The NVIDIA driver in a container, on a machine that is made up in a mount namespace (nvidia.py):
nodes, every library by its bare name, manifests, plugins, and what is left behind."""

import os
import shutil
import subprocess
import tempfile

import nvidia
from harness import Skip, claim, has, main, same, that

VIEW = "/usr/lib/nvbind/driver"
QUIET = ["--network", "none"]
GPU = ["--gpu", "all"]
made = {}

NODES = """
import json, os, stat
found = {}
for top, _, names in os.walk("/dev"):
    for name in names:
        path = os.path.join(top, name)
        st = os.lstat(path)
        if stat.S_ISCHR(st.st_mode) and ("dri" in path or "nvidia" in path):
            found[path] = [os.major(st.st_rdev), os.minor(st.st_rdev), oct(stat.S_IMODE(st.st_mode))]
print(json.dumps(found))"""

LOAD = """
import ctypes, json, sys
told = {}
for name in sys.argv[1:]:
    try:
        told[name] = (ctypes.c_char * 64).in_dll(ctypes.CDLL(name), "nvb_test_name").value.decode()
    except (OSError, ValueError) as error:
        told[name] = str(error)
print(json.dumps(told))"""

READ = """
import json, os, sys
print(json.dumps({p: open(p).read() if os.path.exists(p) else None for p in sys.argv[1:]}))"""


def files(caller):
    """The machine's files, made once a caller."""
    if os.getuid() != 0:
        raise Skip("needs root to make the machine")
    if os.path.exists("/proc/driver/nvidia"):
        raise Skip("this machine has a driver of its own")
    if caller.name not in made:
        top = tempfile.mkdtemp(prefix="nvbind-driver-", dir=caller.home)
        made[caller.name] = (top, nvidia.make_files(top))
    if made[caller.name][1] is None:
        raise Skip("needs a C compiler to make the libraries")
    return made[caller.name]


def machine(caller, extra=""):
    return nvidia.view(caller.home, files(caller)[0], extra)


def python(caller, code, *args, opts=GPU, extra="", env=None):
    return caller.python(code, *args, opts=opts, quiet=QUIET, view=machine(caller, extra), env=env)


def views(caller):
    """Where this caller's views lie, seen from the host."""
    return caller.home + ("/cache/nvbind/driver" if caller.uid == 0 else "/.cache/nvbind/driver")


def view_names(caller):
    return sorted(n for n in os.listdir(views(caller)) if n.startswith(nvidia.VERSION + "-")
                  and "-layer-" not in n)


@claim("the GPU's nodes are there with their numbers and modes, and no card node")
def nodes(caller):
    want = {"/dev/" + n: [1, 3, "0o666"] for n in nvidia.NODES if n != "dri/card0"}
    same(python(caller, NODES).json(), want)


@claim("every library loads by its bare name and is the one of that name")
def libraries(caller):
    names = files(caller)[1]["wide"] + ["libcuda.so", "libnvidia-egl-gbm.so.1", "libnvidia-egl-wayland.so.1",
                                        "libnvidia-api.so.1"]
    told = python(caller, LOAD, *names).json()
    same(told, {**{n: n for n in names}, "libcuda.so": "libcuda.so.1"})


@claim("without a GPU none of them loads")
def without(caller):
    told = python(caller, LOAD, "libcuda.so.1", opts=["--gpu", "none"]).json()
    has(told["libcuda.so.1"], "cannot open shared object file")


@claim("32-bit programs find their own libraries")
def narrow(caller):
    top, names = files(caller)
    program = top + "/narrow"
    source = "extern const char nvb_test_name[]; int puts(const char *); int main(void) { return !puts(nvb_test_name); }"
    built = subprocess.run(["gcc", "-m32", "-x", "c", "-", "-x", "none", "-o", program, f"{top}/driver32/lib/libcuda.so.{nvidia.VERSION}"],
                           input=source, text=True, capture_output=True)
    if not names["narrow"] or built.returncode != 0:
        raise Skip("the compiler makes no 32-bit programs")
    same(caller.run("/narrow", opts=[*GPU, "-v", program + ":/narrow:ro"], quiet=QUIET, view=machine(caller)).ok().out,
         "libcuda.so.1\n")


@claim("ld.so.cache names the driver first and all that the machine's names")
def cache(caller):
    listed = caller.run("/sbin/ldconfig", "-p", opts=GPU, quiet=QUIET, view=machine(caller)).ok().out
    has(listed, f"libcuda.so.1 (libc6,x86-64) => {VIEW}/lib64/libcuda.so.1")
    own = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    missing = [line for line in own.splitlines()[1:-1] if "=>" in line and line not in listed]
    same(missing, [])


@claim("manifests name bare sonames and stand where loaders look")
def manifests(caller):
    paths = ["/etc/vulkan/icd.d/nvidia_icd.x86_64.json", "/usr/share/glvnd/egl_vendor.d/10_nvidia.json",
             "/usr/share/egl/egl_external_platform.d/15_nvidia_gbm.json", "/etc/OpenCL/vendors/nvidia.icd",
             "/etc/vulkan/implicit_layer.d/nvidia_layers.json", "/etc/ld.so.conf.d/00-nvbind-driver.conf"]
    told = python(caller, READ, *paths).json()
    for path, soname in zip(paths, ("libGLX_nvidia.so.0", "libEGL_nvidia.so.0", "libnvidia-egl-gbm.so.1",
                                    "libnvidia-opencl.so.1", "libGLX_nvidia.so.0", VIEW + "/lib64")):
        that(told[path] is not None, path + " is missing")
        has(told[path], soname)
        that("/nix/store" not in told[path], path)
    that("library_arch" not in told[paths[0]], "the ICD is for one word size alone")


@claim("GBM's plugin lies where libgbm looks, and leads to a library")
def gbm(caller):
    script = 'for d in /usr/lib/*-linux-gnu /usr/lib64 /usr/lib; do test -e $d/gbm/nvidia-drm_gbm.so && readlink -f $d/gbm/nvidia-drm_gbm.so; done; true'
    out = caller.sh(script, opts=GPU, quiet=QUIET, view=machine(caller)).ok().out
    has(out, f"{VIEW}/lib64/libnvidia-allocator.so.{nvidia.VERSION}")


@claim("the view cannot be written in the container")
def closed(caller):
    out = caller.sh(f"touch {VIEW}/x {VIEW}/lib64/libcuda.so.1; rm {VIEW}/manifest.json; true", opts=GPU, quiet=QUIET,
                    view=machine(caller)).ok()
    same(len(out.err.splitlines()), 3, out.err)
    same(out.err.count("Read-only file system"), 2, out.err)


@claim("Vulkan is told of the view's driver alone")
def vulkan(caller):
    script = "echo $VK_DRIVER_FILES; cat $VK_DRIVER_FILES"
    has(caller.sh(script, opts=GPU, quiet=QUIET, view=machine(caller)).ok().out, VIEW + "/vulkan/icd.d/", "1.3.277")


@claim("a second start uses the same view and writes nothing")
def again(caller):
    python(caller, NODES).ok()
    before = {n: os.lstat(os.path.join(views(caller), n)).st_mtime_ns for n in os.listdir(views(caller))}
    python(caller, NODES).ok()
    after = {n: os.lstat(os.path.join(views(caller), n)).st_mtime_ns for n in os.listdir(views(caller))}
    same(after, before)
    same(len(view_names(caller)), 1)


@claim("nothing of the driver is left in the caller's directories but the cache")
def leftovers(caller):
    before = snapshot(caller)
    python(caller, NODES).ok()
    same(snapshot(caller), before)


def snapshot(caller):
    found = set()
    for top, dirs, names in os.walk(caller.home):
        found |= {os.path.join(top, n) for n in (*dirs, *names)}
    return found


@claim("a library that is added to the driver later gives a new view")
def added(caller):
    top, _ = files(caller)
    python(caller, NODES).ok()
    extra = f"{top}/driver/lib/libnvidia-newcomer.so.{nvidia.VERSION}"
    stub = nvidia.compile_stub(top + "/stub.so")
    try:
        nvidia.write(extra, nvidia.library(stub, f"libnvidia-newcomer.so.{nvidia.VERSION}"))
        os.chmod(extra, 0o755)
        name = os.path.basename(extra)
        same(python(caller, LOAD, name).json(), {name: name})
    finally:
        os.unlink(extra)


@claim("where overlays refuse the prepared layer, its links and its cache are written instead")
def refused(caller):
    python(caller, NODES).ok()
    top = "/var/cache/nvbind/driver" if caller.uid == 0 else views(caller)
    # What is mounted below it is locked in the container's user namespace, and then not cloned.
    extra = f"for d in {top}/*-layer-*/usr/share {top}/*-layer-*/etc/vulkan; do mount -t tmpfs none $d; done"
    same(python(caller, LOAD, "libcuda.so.1", extra=extra).json(), {"libcuda.so.1": "libcuda.so.1"})
    paths = ["/usr/share/glvnd/egl_vendor.d/10_nvidia.json", "/etc/vulkan/icd.d/nvidia_icd.x86_64.json"]
    told = python(caller, READ, *paths, extra=extra).json()
    that(all(told[p] for p in paths), told)
    # Without a writable layer the same.
    told = python(caller, READ, *paths, opts=[*GPU, "--read-only"], extra=extra).json()
    that(all(told[p] for p in paths), told)


@claim("directories of the prepared layer look as the image's do")
def layer_modes(caller):
    out = caller.sh("stat -c '%a %n' /usr /usr/lib /etc /usr/share; ls -A /usr/lib/nvbind", opts=GPU, quiet=QUIET,
                    view=machine(caller)).ok().out
    same(out, "755 /usr\n755 /usr/lib\n755 /etc\n755 /usr/share\ndriver\n")


@claim("over a part of the machine with mounts below it there is no view, and the reason is told")
def below(caller):
    done = python(caller, NODES, extra="mount -t tmpfs none /usr/local")
    same(done.status, 125, done.err)
    has(done.err, "cannot make '/usr/lib/nvbind", "Read-only file system", "findmnt")


SECOND = r"""
"$@" && "$@" && ls {run}/displays && cat {run}/displays
d=/mnt/pci/0000:02:00.0
mkdir -p $d/drm/renderD129 /mnt/drivers/amdgpu; ln -s /mnt/drivers/amdgpu $d/driver
echo 0x1002 >$d/vendor; echo 0x73bf >$d/device; echo 0x030000 >$d/class; mknod -m 666 /mnt/dev/dri/renderD129 c 1 3
"$@"; echo torn >{run}/displays; "$@"; chmod 666 {run}/displays; "$@" """


@claim("which devices are GPUs is remembered, until one comes or goes")
def remembered(caller):
    run = "/run/nvbind" if caller.uid == 0 else caller.home + "/run/nvbind"
    view = [*machine(caller, nvidia.DESKTOP), "sh", "-c", SECOND.replace("{run}", run), "twice"]
    done = caller.sh("ls /dev/dri", opts=GPU, quiet=QUIET, view=view).ok()
    one, two = "renderD128\n", "renderD128\nrenderD129\n"
    head, _, tail = done.out.partition("nvbind displays 2 ")
    same(head, one + one + f"{run}/displays\n")
    same(tail.partition("\n")[2], "0000:01:00.0 10de 2786 -1\nend\n" + two + two + two)


@claim("capabilities choose what is in the view")
def capabilities(caller):
    told = python(caller, LOAD, "libcuda.so.1", "libGLX_nvidia.so.0",
                  opts=[*GPU, "-e", "NVIDIA_DRIVER_CAPABILITIES=compute"]).json()
    same(told["libcuda.so.1"], "libcuda.so.1")
    has(told["libGLX_nvidia.so.0"], "cannot open shared object file")


@claim("after an update the kept view of the running version is used, with a warning")
def updated(caller):
    top, _ = files(caller)
    python(caller, NODES).ok()
    os.rename(top + "/driver", top + "/driver.gone")
    try:
        done = python(caller, LOAD, "libcuda.so.1")
        same(done.json(), {"libcuda.so.1": "libcuda.so.1"})
        has(done.err, "was updated", nvidia.VERSION, "restart")
    finally:
        os.rename(top + "/driver.gone", top + "/driver")


@claim("without files and without a view there is a warning and no driver")
def absent(caller):
    top, _ = files(caller)
    os.rename(top + "/driver", top + "/driver.gone")
    try:
        if os.path.isdir(views(caller)):
            shutil.rmtree(views(caller))
        done = python(caller, LOAD, "libcuda.so.1")
        has(done.json()["libcuda.so.1"], "cannot open")
        has(done.err, "no libraries of its version")
    finally:
        os.rename(top + "/driver.gone", top + "/driver")


@claim("a cache that cannot be written is an error that says what to do")
def read_only(caller):
    target = "$home/cache" if caller.uid == 0 else "$home/.cache"
    extra = f"mkdir -p {target}; mount -t tmpfs -o size=64k none {target}; mkdir -p {target}; " \
            f"mount -o remount,ro {target}; mount --rbind $home/cache /var/cache"
    done = python(caller, NODES, extra=extra)
    same(done.status, 125, done.err)
    has(done.err, "cannot prepare the driver's files", "Read-only file system", "try: ", "XDG_CACHE_HOME")


@claim("a full cache is an error, and leaves no half of a view")
def full(caller):
    target = "$home/cache" if caller.uid == 0 else "$home/.cache"
    extra = f"mkdir -p {target}; mount -t tmpfs -o size=96k,mode=777 none {target}; mount --rbind $home/cache /var/cache"
    listing = f"; trap 'find {target} | grep -v -e lock$ >$home/left' EXIT"
    view = machine(caller, extra + listing)
    view[4] = view[4].replace('exec "$@"', '"$@"')
    done = caller.python(NODES, opts=GPU, quiet=QUIET, view=view)
    same(done.status, 125, done.err)
    has(done.err, "No space left on device", "try: ")
    with open(caller.home + "/left", encoding="utf-8") as file:
        that(".new-" not in file.read(), "a temporary directory is left")


@claim("NVBIND_DRIVER_VIEW must be a word it knows")
def wish(caller):
    done = python(caller, NODES, env={"NVBIND_DRIVER_VIEW": "maybe"})
    same(done.status, 125)
    has(done.err, "NVBIND_DRIVER_VIEW", "always or auto")


main()
