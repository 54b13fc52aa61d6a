# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvidia.py - a machine with one NVIDIA GPU that is not there: the driver's files as tiny but real
shared objects, and a mount namespace in which /proc, /sys, /dev and /run tell of it.

The libraries are copies of one compiled stub a word size, with the soname and an exported text
patched: a gaming machine's set in a second. They lie in /run/opengl-driver (as on NixOS), which no
ld.so.cache names, so a program finds them only if nvbind does its work."""

import json
import os
import shutil
import subprocess

VERSION = "550.163.01"
HOLE = "libplace_for_a_name_that_is_long_enough_for_every_soname.so"
STUB = f'const char nvb_test_name[64] = "{"@" * 60}";\n'

# name: (stem, soname suffix); None: the driver's version is the soname's.
LIBRARIES = {
    "cuda": 1, "cudadebugger": 1, "nvcuvid": 1, "nvoptix": 1, "EGL_nvidia": 0, "GLX_nvidia": 0,
    "GLESv1_CM_nvidia": 1, "GLESv2_nvidia": 2, "nvidia-ml": 1, "nvidia-cfg": 1, "nvidia-encode": 1,
    "nvidia-opticalflow": 1, "nvidia-fbc": 1, "nvidia-ngx": 1, "nvidia-opencl": 1, "nvidia-nvvm": 4,
    "nvidia-ptxjitcompiler": 1, "nvidia-allocator": 1, "nvidia-vksc-core": 1, "nvidia-sandboxutils": 1,
    "nvidia-eglcore": None, "nvidia-glcore": None, "nvidia-glsi": None, "nvidia-glvkspirv": None,
    "nvidia-gpucomp": None, "nvidia-rtcore": None, "nvidia-tls": None, "nvidia-pkcs11": None,
    "nvidia-pkcs11-openssl3": None, "nvidia-present": None, "nvidia-tileiras": None, "nvidia-compiler": None,
}
NARROW = ["cuda", "nvcuvid", "EGL_nvidia", "GLX_nvidia", "GLESv1_CM_nvidia", "GLESv2_nvidia", "nvidia-ml",
          "nvidia-encode", "nvidia-opticalflow", "nvidia-fbc", "nvidia-opencl", "nvidia-ptxjitcompiler",
          "nvidia-allocator", "nvidia-eglcore", "nvidia-glcore", "nvidia-glsi", "nvidia-glvkspirv",
          "nvidia-gpucomp", "nvidia-tls"]
NODES = ["nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "dri/card0", "dri/renderD128"]

PARAMS = "ResmanDebugLevel: 4294967295\nModifyDeviceFiles: 1\nDeviceFileMode: 438\n"
VERSION_TEXT = (f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {VERSION}  Tue Apr  8 12:41:17 UTC 2025\n"
                "GCC version:  gcc version 12.2.0\n")
INFORMATION = ("Model: \t\t NVIDIA GeForce RTX 4070\nIRQ:   \t\t 16\n"
               "GPU UUID: \t GPU-11111111-2222-3333-4444-555555555555\nDevice Minor: \t 0\nGPU Excluded:\t No\n")

# HOME FILES COMMAND...: the namespace, then the command. A second, uncovered proc must be in it,
# or the kernel refuses the container one of its own.
MACHINE = r"""
set -e
home=$1 files=$2; shift 2
mount --make-rprivate /
mount -t tmpfs machine /mnt
mkdir -p /mnt/proc /mnt/dev/pts /mnt/dev/shm /mnt/dev/dri /mnt/pci/0000:01:00.0/drm/card0 \
    /mnt/pci/0000:01:00.0/drm/renderD128 /mnt/drivers/nvidia
mount -t proc proc /mnt/proc
d=/mnt/pci/0000:01:00.0
echo 0x10de >$d/vendor; echo 0x2786 >$d/device; echo 0x030000 >$d/class; ln -s /mnt/drivers/nvidia $d/driver
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /mnt/dev/
for n in @NODES@; do mknod -m 666 /mnt/dev/$n c 1 3; done
mount --bind $files/proc /proc/driver
mount --bind /mnt/pci /sys/bus/pci/devices
mount --bind /mnt/dev /dev
mount -t tmpfs run /run
ln -s $files/driver /run/opengl-driver
ln -s $files/driver32 /run/opengl-driver-32
mkdir -p $home/cache
mount --bind $home/cache /var/cache
@EXTRA@
exec "$@"
""".replace("@NODES@", " ".join(NODES))


# What else a desktop has on PCI: bridges, a disk, a network, sound.
DESKTOP = r"""
for i in $(seq 10 49); do mkdir /mnt/pci/0000:00:$i.0; echo 0x060000 >/mnt/pci/0000:00:$i.0/class; done"""


def compile_stub(path, *flags):
    """The bytes of the stub, or None where the compiler cannot."""
    done = subprocess.run(["gcc", *flags, "-x", "c", "-", "-shared", "-fPIC", "-nostdlib", "-s",
                           f"-Wl,-soname,{HOLE}", "-Wl,--build-id=none", "-o", path],
                          input=STUB, text=True, capture_output=True)
    if done.returncode != 0:
        return None
    with open(path, "rb") as file:
        data = file.read()
    os.unlink(path)
    return data


def patch(stub, hole, text):
    at = stub.index(hole)
    return stub[:at] + text.encode().ljust(len(hole), b"\0") + stub[at + len(hole):]


def library(stub, soname):
    return patch(patch(stub, HOLE.encode(), soname), b"@" * 60, soname)


def soname_of(stem):
    suffix = LIBRARIES[stem]
    return f"lib{stem}.so.{VERSION if suffix is None else suffix}"


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def write_libraries(top, stub, stems):
    for stem in stems:
        name, soname = f"lib{stem}.so.{VERSION}", soname_of(stem)
        write(f"{top}/lib/{name}", library(stub, soname))
        if soname != name:
            os.symlink(name, f"{top}/lib/{soname}")


def write_extras(top, stub):
    """Plugins with versions of their own, VDPAU, GBM, DLSS for Wine, data, programs."""
    for name, soname in ((f"vdpau/libvdpau_nvidia.so.{VERSION}", "libvdpau_nvidia.so.1"),
                         ("libnvidia-egl-gbm.so.1.1.1", "libnvidia-egl-gbm.so.1"),
                         ("libnvidia-egl-wayland.so.1.1.13", "libnvidia-egl-wayland.so.1"),
                         ("libnvidia-api.so.1", "libnvidia-api.so.1")):
        write(f"{top}/lib/{name}", library(stub, soname))
    os.symlink(f"libvdpau_nvidia.so.{VERSION}", f"{top}/lib/vdpau/libvdpau_nvidia.so.1")
    os.makedirs(f"{top}/lib/gbm")
    os.symlink(f"../libnvidia-allocator.so.{VERSION}", f"{top}/lib/gbm/nvidia-drm_gbm.so")
    for name in ("nvngx.dll", "_nvngx.dll"):
        write(f"{top}/lib/nvidia/wine/{name}", "MZ")


def write_manifests(top):
    icd = lambda soname, **more: json.dumps({"file_format_version": "1.0.0", "ICD": {"library_path": soname, **more}})
    # Absolute, as Fedora and NixOS write them: no container has that path.
    write(f"{top}/share/vulkan/icd.d/nvidia_icd.x86_64.json",
          icd("/nix/store/x/lib/libGLX_nvidia.so.0", api_version="1.3.277", library_arch="64"))
    write(f"{top}/share/glvnd/egl_vendor.d/10_nvidia.json", icd("/nix/store/x/lib/libEGL_nvidia.so.0"))
    write(f"{top}/share/egl/egl_external_platform.d/10_nvidia_wayland.json", icd("libnvidia-egl-wayland.so.1"))
    write(f"{top}/share/egl/egl_external_platform.d/15_nvidia_gbm.json", icd("libnvidia-egl-gbm.so.1"))
    write(f"{top}/etc/OpenCL/vendors/nvidia.icd", "/nix/store/x/lib/libnvidia-opencl.so.1\n")
    write(f"{top}/share/vulkan/implicit_layer.d/nvidia_layers.json", json.dumps({
        "file_format_version": "1.0.0", "layers": [{"name": "VK_LAYER_NV_optimus", "type": "INSTANCE",
                                                    "library_path": "/nix/store/x/lib/libGLX_nvidia.so.0"}]}))


def make_files(top, extra=""):
    """The machine's files below `top`: proc/, driver/, driver32/. None without a compiler."""
    if shutil.which("gcc") is None:
        return None
    wide, narrow = compile_stub(top + "/stub.so"), compile_stub(top + "/stub.so", "-m32")
    write_libraries(top + "/driver", wide, LIBRARIES)
    write_extras(top + "/driver", wide)
    write_manifests(top + "/driver")
    os.makedirs(top + "/driver32/lib")
    if narrow:
        write_libraries(top + "/driver32", narrow, NARROW)
    write(top + "/proc/nvidia/version", VERSION_TEXT)
    write(top + "/proc/nvidia/params", PARAMS)
    write(top + "/proc/nvidia/gpus/0000:01:00.0/information", INFORMATION)
    for path, dirs, names in os.walk(top):
        for name in (*dirs, *names):
            if not os.path.islink(os.path.join(path, name)):
                os.chmod(os.path.join(path, name), 0o755)
    os.chmod(top, 0o755)
    return {"wide": sorted(map(soname_of, LIBRARIES)), "narrow": sorted(map(soname_of, NARROW)) if narrow else []}


def view(home, files, extra=""):
    """The words that run a command on the machine."""
    return ["unshare", "--mount", "sh", "-c", MACHINE.replace("@EXTRA@", extra), "machine", home, files]
