# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""NVIDIA's driver as the distributions lay it out, and machines in the ways in which it fails.

Libraries are empty ELF files with the right sonames (elf.py). A file `nvml` at a machine's top is
what the NVML double answers there (tests/nvml/machine.h has the format)."""
import json

import elf

MIB_40G = 40960

# Name, number of the soname (None: the version itself), what it needs. Of the 64-bit set.
LIBRARIES = [
    ("libcuda", 1, ()), ("libcudadebugger", 1, ()), ("libnvidia-ml", 1, ()),
    ("libnvidia-cfg", 1, ()), ("libnvidia-ptxjitcompiler", 1, ()), ("libnvidia-nvvm", 4, ()),
    ("libnvidia-opencl", 1, ()), ("libnvidia-gpucomp", None, ()), ("libnvidia-allocator", 1, ()),
    ("libnvidia-pkcs11", None, ()), ("libnvcuvid", 1, ("libcuda.so.1",)),
    ("libnvidia-encode", 1, ("libnvcuvid.so.1",)), ("libnvidia-opticalflow", 1, ()),
    ("libGLX_nvidia", 0, ("libnvidia-tls.so.{v}", "libnvidia-glcore.so.{v}")),
    ("libEGL_nvidia", 0, ("libnvidia-glsi.so.{v}", "libnvidia-eglcore.so.{v}")),
    ("libGLESv1_CM_nvidia", 1, ()), ("libGLESv2_nvidia", 2, ()), ("libnvidia-eglcore", None, ()),
    ("libnvidia-glcore", None, ()), ("libnvidia-glsi", None, ()), ("libnvidia-tls", None, ()),
    ("libnvidia-glvkspirv", None, ()), ("libnvidia-rtcore", None, ()), ("libnvoptix", 1, ()),
    ("libnvidia-fbc", 1, ()), ("libnvidia-ngx", 1, ()),
]
LIBRARIES_32 = {"libcuda", "libnvidia-ml", "libnvidia-ptxjitcompiler", "libnvidia-nvvm",
                "libnvidia-opencl", "libnvidia-gpucomp", "libnvidia-allocator", "libnvcuvid",
                "libnvidia-encode", "libnvidia-opticalflow", "libGLX_nvidia", "libEGL_nvidia",
                "libGLESv1_CM_nvidia", "libGLESv2_nvidia", "libnvidia-eglcore",
                "libnvidia-glcore", "libnvidia-glsi", "libnvidia-tls", "libnvidia-glvkspirv",
                "libnvidia-fbc"}


def library(m, path, soname, needed=(), machine="x86_64"):
    full = m.top / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(elf.shared_object(soname, needed, machine))


def each_library(version, machine):
    """(file name, soname, needed) of the driver's libraries."""
    for name, number, needed in LIBRARIES:
        if machine == "i386" and name not in LIBRARIES_32:
            continue
        yield (f"{name}.so.{version}", f"{name}.so.{version if number is None else number}",
               [n.format(v=version) for n in needed])


def flat(m, folder, version, machine="x86_64"):
    """Ubuntu, Arch, Fedora: files and their soname links side by side."""
    for file, soname, needed in each_library(version, machine):
        library(m, f"{folder}/{file}", soname, needed, machine)
        if soname != file:
            m.link(f"{folder}/{soname}", file)
    library(m, f"{folder}/vdpau/libvdpau_nvidia.so.{version}", "libvdpau_nvidia.so.1", (), machine)
    m.link(f"{folder}/vdpau/libvdpau_nvidia.so.1", f"libvdpau_nvidia.so.{version}")
    m.link(f"{folder}/libcuda.so", "libcuda.so.1")
    m.link(f"{folder}/gbm/nvidia-drm_gbm.so", "../libnvidia-allocator.so.1")


def alternatives(m, folder, version, machine="x86_64"):
    """Debian: files below nvidia/current, reached through absolute links in /etc/alternatives."""
    triplet = folder.rsplit("/", 1)[1]
    for file, soname, needed in each_library(version, machine):
        library(m, f"{folder}/nvidia/current/{file}", soname, needed, machine)
        if soname == file:
            continue
        m.link(f"{folder}/nvidia/current/{soname}", file)
        m.link(f"etc/alternatives/nvidia--{soname}-{triplet}",
               f"/{folder}/nvidia/current/{soname}")
        m.link(f"{folder}/{soname}", f"/etc/alternatives/nvidia--{soname}-{triplet}")


def nix(m, where, store, version, machine="x86_64"):
    """NixOS: a directory of links into the store, itself a link into the store."""
    flat(m, f"nix/store/{store}-nvidia-x11-{version}/lib", version, machine)
    for file, soname, _ in each_library(version, machine):
        for name in {file, soname}:
            m.link(f"nix/store/{store}-graphics-drivers/lib/{name}",
                   f"/nix/store/{store}-nvidia-x11-{version}/lib/{name}")
    m.link(where, f"/nix/store/{store}-graphics-drivers")


def rest(m, libs, version, library_dir=""):
    """All that is no library of the driver proper: programs, manifests, firmware, daemons."""
    for name in ("nvidia-smi", "nvidia-debugdump", "nvidia-persistenced", "nvidia-cuda-mps-control",
                 "nvidia-cuda-mps-server", "nvidia-modprobe", "nvidia-settings"):
        m.put(f"usr/bin/{name}", "", 0o755)
    icd = '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s"}}'
    m.put("usr/share/glvnd/egl_vendor.d/10_nvidia.json", icd % f"{library_dir}libEGL_nvidia.so.0")
    for name, number in (("15_nvidia_gbm", 1), ("10_nvidia_wayland", 1)):
        lib = name.split("_")[2]
        version_of = {"gbm": "1.1.2", "wayland": "1.1.18"}[lib]
        m.put(f"usr/share/egl/egl_external_platform.d/{name}.json",
              icd % f"{library_dir}libnvidia-egl-{lib}.so.{number}")
        library(m, f"{libs}/libnvidia-egl-{lib}.so.{version_of}", f"libnvidia-egl-{lib}.so.{number}")
        m.link(f"{libs}/libnvidia-egl-{lib}.so.{number}", f"libnvidia-egl-{lib}.so.{version_of}")
    m.put("usr/share/vulkan/implicit_layer.d/nvidia_layers.json", json.dumps(
        {"file_format_version": "1.0.0", "layer": {
            "name": "VK_LAYER_NV_optimus", "type": "INSTANCE",
            "library_path": f"{library_dir}libGLX_nvidia.so.0", "api_version": "1.3.277"}}))
    m.put("etc/OpenCL/vendors/nvidia.icd", f"{library_dir}libnvidia-opencl.so.1\n")
    for name in ("nvoptix.bin", f"nvidia-application-profiles-{version}-rc"):
        m.put(f"usr/share/nvidia/{name}")
    for name in ("gsp_ga10x.bin", "gsp_tu10x.bin"):
        m.put(f"usr/lib/firmware/nvidia/{version}/{name}")
    m.link("lib/firmware", "../usr/lib/firmware")
    m.put("usr/lib/xorg/modules/drivers/nvidia_drv.so")
    m.put(f"usr/lib/xorg/modules/extensions/libglxserver_nvidia.so.{version}")
    m.put("usr/share/X11/xorg.conf.d/nvidia-drm-outputclass.conf")
    m.put("run/nvidia-persistenced/socket")
    library(m, "usr/local/cuda/compat/libcuda.so.560.35.05", "libcuda.so.1")


def module(m, version, is_open=False, uvm_major=511):
    name = "UNIX Open Kernel Module for x86_64" if is_open else "UNIX x86_64 Kernel Module"
    m.put("proc/driver/nvidia/version",
          f"NVRM version: NVIDIA {name}  {version}  Release Build  (dvs-builder@U22)\n"
          "GCC version:  gcc version 14.2.0\n")
    m.put("sys/module/nvidia/version", version + "\n")
    m.put("proc/devices", "Character devices:\n  1 mem\n195 nvidia\n195 nvidia-modeset\n"
          f"195 nvidiactl\n226 drm\n237 nvidia-caps\n{uvm_major} nvidia-uvm\n\n"
          "Block devices:\n  8 sd\n")
    for node, numbers in (("nvidiactl", "195:255"), ("nvidia-modeset", "195:254"),
                          ("nvidia-uvm", "511:0"), ("nvidia-uvm-tools", "511:1")):
        m.put(f"dev/{node}", f"c {numbers} 0666 0:0\n")
    m.put("usr/share/vulkan/icd.d/nvidia_icd.json", '{"file_format_version":"1.0.1",'
          '"ICD":{"library_path":"libGLX_nvidia.so.0","api_version":"1.3.277"}}')


class Gpu:
    """One GPU in /proc, /sys and /dev, and its paragraph for the NVML double."""

    def __init__(self, m, address, device, model, minor, card, cls="0x030000"):
        home = m.pci(address, cls, "0x10de", device, "nvidia",
                     (f"card{card}", f"renderD{128 + card}"))
        self.m, self.home, self.minor = m, home, minor
        self.uuid = f"GPU-6b1f0e7c-0000-4000-8000-{minor:012d}"
        m.put(f"proc/driver/nvidia/gpus/{address}/information",
              f"Model: \t\t {model}\nIRQ:   \t\t {80 + minor}\nGPU UUID: \t {self.uuid}\n"
              f"Video BIOS: \t 95.04.31.00.3b\nBus Type: \t PCIe\nBus Location: \t {address}\n"
              f"Device Minor: \t {minor}\nGPU Excluded:\t No\n")
        m.put(f"dev/nvidia{minor}", f"c 195:{minor} 0666 0:0\n")
        m.put(f"dev/dri/card{card}", f"c 226:{card} 0660 0:44\n")
        m.put(f"dev/dri/renderD{128 + card}", f"c 226:{128 + card} 0660 0:105\n")
        self.lines = [f"gpu {address}", f"name {model}", f"uuid {self.uuid}", f"minor {minor}"]

    def numa(self, node):
        self.m.put(f"{self.home}/numa_node", f"{node}\n")
        return self

    def tells(self, *lines):
        self.lines += lines
        return self


def answers(m, gpus, *head):
    m.put("nvml", "\n".join([*head, *(line for gpu in gpus for line in gpu.lines)]) + "\n")


RTX_4070 = ("memory_mib 12282", "reserved_mib 360", "capability 89", "architecture 8",
            "display 1", "persistence 0")
A100 = (f"memory_mib {MIB_40G}", "reserved_mib 600", "capability 80", "architecture 7",
        "display 0", "persistence 1", "mig_mode 0")


def eight(plain, top):
    """A server with eight A100, one below a bridge of its own domain; minors in another order."""
    m = plain(top, "nvidia-eight")
    m.put("etc/os-release", "ID=ubuntu\nID_LIKE=debian\n")
    module(m, "550.163.01", is_open=True)
    flat(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    rest(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    gpus = []
    for i, address in enumerate(("0000:07:00.0", "0000:0f:00.0", "0000:47:00.0", "0000:4e:00.0",
                                 "0000:87:00.0", "0000:90:00.0", "0000:b7:00.0", "10000:01:00.0")):
        gpu = Gpu(m, address, "0x20b0", "NVIDIA A100-SXM4-40GB", 7 - i, i, "0x030200")
        gpus.append(gpu.numa(i // 4).tells(*A100, f"used_mib {i * 100}", f"utilisation {i}",
                                           "temperature 31", "power_mw 52345",
                                           "power_limit_mw 400000", "throttle 1"))
    answers(m, gpus, "driver 550.163.01")


def debian(plain, top):
    """Debian's alternatives, both word sizes; a game and a renderer share the GPU."""
    m = plain(top, "nvidia-debian")
    module(m, "550.163.01")
    alternatives(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    alternatives(m, "usr/lib/i386-linux-gnu", "550.163.01", "i386")
    rest(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    for name in ("nvngx.dll", "_nvngx.dll"):
        m.put(f"usr/lib/x86_64-linux-gnu/nvidia/current/nvidia/wine/{name}")
    gpu = Gpu(m, "0000:01:00.0", "0x2786", "NVIDIA GeForce RTX 4070", 0, 0)
    gpu.tells(*RTX_4070, "used_mib 5120", "utilisation 97", "encoder 12", "decoder 0",
              "temperature 83", "power_mw 199876", "power_limit_mw 200000", "clock_mhz 2310",
              "max_clock_mhz 3105", "memory_clock_mhz 10501", "max_memory_clock_mhz 10501",
              "fan 71", "state 2", "pcie_gen 4", "pcie_width 16", "pcie_max_gen 4",
              "pcie_max_width 16", "throttle 0x24", "draws 4242 4096", "process 4242 4096",
              "process 777 1024", "draws 1000 -")
    m.put("proc/4242/comm", "game.exe\n")
    m.put("proc/777/comm", "blender\x1b[2J\n")
    answers(m, [gpu], "driver 550.163.01", "cuda 12040")


def arch(plain, top):
    """Arch with multilib; after a suspend NVML gives its unknown error."""
    m = plain(top, "nvidia-arch")
    m.put("etc/os-release", "ID=arch\n")
    module(m, "570.86.16", is_open=True)
    flat(m, "usr/lib", "570.86.16")
    flat(m, "usr/lib32", "570.86.16", "i386")
    m.link("usr/lib64", "lib")
    Gpu(m, "0000:01:00.0", "0x2684", "NVIDIA GeForce RTX 4090", 0, 1)
    answers(m, [], "init 999")


def fedora(plain, top):
    """Fedora: lib64 and lib, manifests with paths, SELinux enforcing, no NVML answer to be had."""
    m = plain(top, "nvidia-fedora")
    m.put("etc/os-release", 'NAME="Fedora Linux"\nID=fedora\n')
    module(m, "565.77")
    flat(m, "usr/lib64", "565.77")
    flat(m, "usr/lib", "565.77", "i386")
    rest(m, "usr/lib64", "565.77", "/usr/lib64/")
    m.put("usr/share/vulkan/icd.d/nvidia_icd.json", '{"file_format_version":"1.0.1",'
          '"ICD":{"library_path":"/usr/lib64/libGLX_nvidia.so.0","api_version":"1.3.277"}}')
    m.put("sys/fs/selinux/enforce", "1")
    m.put("sys/fs/selinux/booleans/container_use_devices", "0 0")
    Gpu(m, "0000:01:00.0", "0x2684", "NVIDIA GeForce RTX 4090", 0, 0)


def nixos(plain, top):
    """Nothing in /usr/lib; the 32-bit half was not switched on."""
    m = plain(top, "nvidia-nixos")
    m.put("etc/os-release", "ID=nixos\n")
    module(m, "550.163.01")
    nix(m, "run/opengl-driver", "0abc", "550.163.01")
    Gpu(m, "0000:01:00.0", "0x2786", "NVIDIA GeForce RTX 4070", 0, 0)


def mig_minors(gpus):
    minor = 3
    yield "config 1\nmonitor 2\n"
    for gpu in range(gpus):
        for gi in range(15):
            yield f"gpu{gpu}/gi{gi}/access {minor}\n"
            for ci in range(8):
                yield f"gpu{gpu}/gi{gi}/ci{ci}/access {minor + 1 + ci}\n"
            minor += 9


def mig(plain, top):
    """0 is cut in three (NVML counts them in another order than their ids), 1 is in MIG mode but
    uncut, 2 is whole."""
    m = plain(top, "nvidia-mig")
    module(m, "550.163.01")
    flat(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    gpus = [Gpu(m, f"0000:{bus}:00.0", "0x20b0", "NVIDIA A100-SXM4-40GB", i, i, "0x030200")
            .tells(*A100) for i, bus in enumerate(("07", "0f", "47"))]
    m.put("proc/driver/nvidia-caps/mig-minors", "".join(mig_minors(3)))
    for gi, ci in ((2, 0), (9, 0), (9, 1)):
        m.put(f"proc/driver/nvidia/capabilities/gpu0/mig/gi{gi}/access", "DeviceFileMinor: 1\n")
        m.put(f"proc/driver/nvidia/capabilities/gpu0/mig/gi{gi}/ci{ci}/access",
              "DeviceFileMinor: 1\n")
    m.put("proc/driver/nvidia/capabilities/gpu1/mig/config", "DeviceFileMinor: 1\n")
    gpus[0].tells("mig_mode 1", "mig 2 0 3g.20gb MIG-6b1f0e7c-0000-5000-8000-000000000001 19968",
                  "hole", "mig 9 1 1c.2g.10gb+gfx MIG-6b1f0e7c-0000-5000-8000-000000000002 9856",
                  "mig 9 0 1c.2g.10gb+gfx MIG-6b1f0e7c-0000-5000-8000-000000000003 9856")
    gpus[1].tells("mig_mode 1")
    answers(m, gpus, "driver 550.163.01")


def mig_unasked(plain, top):
    """The same without NVML: what the kernel lists is all that is known."""
    m = plain(top, "nvidia-mig-unasked")
    module(m, "550.163.01")
    flat(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    Gpu(m, "0000:07:00.0", "0x20b0", "NVIDIA A100-SXM4-40GB", 0, 0, "0x030200")
    m.put("proc/driver/nvidia-caps/mig-minors", "".join(mig_minors(1)))
    for gi in (10, 9):
        m.put(f"proc/driver/nvidia/capabilities/gpu0/mig/gi{gi}/ci0/access", "x")


def lost(plain, top):
    """Of three GPUs one fell off the bus: NVML has its address no more."""
    m = plain(top, "nvidia-lost")
    module(m, "550.163.01")
    flat(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    gpus = [Gpu(m, f"0000:0{i + 1}:00.0", "0x2786", "NVIDIA GeForce RTX 4070", i, i)
            .tells(*RTX_4070) for i in range(3)]
    gpus[1].tells("gone")
    answers(m, gpus)


def uvm(plain, top):
    """A node of nvidia-uvm that outlived its boot, and an old module's libraries of 32 bit."""
    m = plain(top, "nvidia-uvm-major")
    module(m, "550.163.01", uvm_major=508)
    flat(m, "usr/lib/x86_64-linux-gnu", "550.163.01")
    Gpu(m, "0000:01:00.0", "0x2786", "NVIDIA GeForce RTX 4070", 0, 0)


def wsl2(plain, top):
    """Ubuntu in Windows, on a laptop with an Intel GPU beside NVIDIA's."""
    m = plain(top, "wsl2")
    m.put("proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2\n")
    m.put("etc/os-release", "ID=ubuntu\nID_LIKE=debian\n")
    m.pci("5582:00:00.0", "0x030200", "0x1414", "0x008e", "dxgkrnl")
    m.put("dev/dxg", "c 10:127 0666 0:0\n")
    store = "usr/lib/wsl/drivers/nv_dispi.inf_amd64_0f1e2d3c4b5a6978"
    for file, soname in (("libcuda.so.1.1", "libcuda.so.1"), ("libcuda_loader.so", None),
                         ("libnvidia-ml.so.1", "libnvidia-ml.so.1"),
                         ("libnvidia-ptxjitcompiler.so.1", "libnvidia-ptxjitcompiler.so.1"),
                         ("libnvdxgdmal.so.1", "libnvdxgdmal.so.1")):
        library(m, f"{store}/{file}", soname)
    m.put("usr/lib/wsl/drivers/iigd_dch.inf_amd64_1122334455667788/libigd12umd.so", "")
    for name, soname in (("libdxcore.so", "libdxcore.so"), ("libcuda.so.1", "libcuda.so.1"),
                         ("libnvidia-ml.so.1", "libnvidia-ml.so.1"), ("libd3d12.so", None)):
        library(m, f"usr/lib/wsl/lib/{name}", soname)
    m.put(f"{store}/nvidia-smi", "", 0o755)
    m.put("nvml", "driver 566.36\ncuda 12070\ngpu 0000:01:00.0\n"
          "name NVIDIA GeForce RTX 4060 Laptop GPU\n"
          "uuid GPU-6b1f0e7c-0000-4000-8000-000000000009\nmemory_mib 8188\nused_mib 700\n"
          "capability 89\narchitecture 8\ndisplay 1\npersistence 1\ntemperature 44\n"
          "process 4242 -\n")


MACHINES = (eight, debian, arch, fedora, nixos, mig, mig_unasked, lost, uvm, wsl2)
