#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""make.py DIR - build the captured machines below DIR, one folder a machine.

Only names, links and a few lines of text: what a user's computer shows in /proc, /sys, /dev,
/etc and /usr, without a byte of anyone's driver. A plain file stands for a device node."""
import json
import os
import pathlib
import sys

import nvidia

NODE = ""
GIB = 1 << 30


class Machine:
    def __init__(self, top, name):
        self.top = pathlib.Path(top) / name
        self.top.mkdir(parents=True)

    def put(self, path, text=NODE, mode=0o644):
        full = self.top / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text)
        full.chmod(mode)

    def link(self, path, target):
        full = self.top / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.symlink_to(target)

    def drop(self, path):
        (self.top / path).unlink()

    def icd(self, name, library):
        self.put(f"usr/share/vulkan/icd.d/{name}",
                 json.dumps({"file_format_version": "1.0.0", "ICD": {"library_path": library}}))

    def pci(self, address, cls, vendor, device, driver=None, drm=()):
        home = f"sys/devices/pci0000:00/{address}"
        for file, text in (("class", cls), ("vendor", vendor), ("device", device)):
            self.put(f"{home}/{file}", text + "\n")
        if driver:
            self.link(f"{home}/driver", f"../../../bus/pci/drivers/{driver}")
        self.link(f"sys/bus/pci/devices/{address}", f"../../../devices/pci0000:00/{address}")
        for node in drm:
            self.put(f"{home}/drm/{node}/dev", "226:0\n")
            self.link(f"sys/class/drm/{node}", f"../../devices/pci0000:00/{address}/drm/{node}")
            self.put(f"dev/dri/{node}")
        return home


def cgroup_v2(m, controllers="cpuset cpu io memory pids"):
    m.put("proc/self/mountinfo", "22 1 0:21 / /proc rw shared:5 - proc proc rw\n"
          "31 1 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n")
    m.put("proc/self/cgroup", "0::/user.slice/user-1000.slice/user@1000.service/app.slice\n")
    manager = "sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service"
    m.put(f"{manager}/cgroup.controllers", controllers + "\n")
    m.put(f"{manager}/app.slice/cgroup.controllers", controllers + "\n")


def plain(top, name):
    """A Debian desktop on which everything is as it should be, but without a GPU."""
    m = Machine(top, name)
    m.put("proc/sys/kernel/osrelease", "6.12.9-amd64\n")
    m.put("proc/sys/kernel/seccomp/actions_avail",
          "kill_process kill_thread trap errno user_notif trace log allow\n")
    m.put("proc/sys/user/max_user_namespaces", "63432\n")
    m.put("proc/sys/kernel/unprivileged_userns_clone", "1\n")
    m.put("proc/sys/vm/max_map_count", "1048576\n")
    m.put("proc/filesystems", "nodev\tproc\nnodev\toverlay\n\text4\n")
    m.put("proc/self/status", "Name:\tnvbind\nUid:\t1000\t1000\t1000\t1000\n"
          "Gid:\t1000\t1000\t1000\t1000\nGroups:\t27 44 105 1000 \n")
    m.put("proc/self/limits",
          "Limit                     Soft Limit           Hard Limit           Units     \n"
          "Max open files            1024                 524288               files     \n")
    m.put("etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n')
    (m.top / "run/systemd/system").mkdir(parents=True)
    m.icd("lvp_icd.x86_64.json", "/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so")
    m.icd("lvp_icd.aarch64.json", "/usr/lib/aarch64-linux-gnu/libvulkan_lvp.so")
    m.pci("0000:00:1f.6", "0x020000", "0x8086", "0x15bc", "e1000e")
    cgroup_v2(m)
    return m


def pci_ids(m):
    m.put("usr/share/misc/pci.ids", "# made up for tests\n1002  AMD/ATI\n"
          "\t73bf  Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]\n\t\t1002 0e3a  Board\n"
          "10de  NVIDIA Corporation\n\t1c82  GP107 [GeForce GTX 1050 Ti]\n"
          "8086  Intel Corporation\n\t56a0  DG2 [Arc A770]\n"
          "\t46a6  Alder Lake-P GT2 [Iris Xe Graphics]\n")


def nvidia_driver(m, version, library=None):
    library = library or version
    libs = "usr/lib/x86_64-linux-gnu"
    m.put("proc/driver/nvidia/version",
          f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Tue Apr  8 12:41:17 UTC "
          "2025\nGCC version:  gcc version 14.2.0\n")
    m.put("sys/module/nvidia/version", version + "\n")
    m.put(f"{libs}/nvidia/current/libnvidia-ml.so.{library}")
    m.link(f"{libs}/nvidia/current/libnvidia-ml.so.1", f"libnvidia-ml.so.{library}")
    m.link("etc/alternatives/nvidia--libnvidia-ml.so.1-x86_64-linux-gnu",
           f"/{libs}/nvidia/current/libnvidia-ml.so.1")
    m.link(f"{libs}/libnvidia-ml.so.1",
           "/etc/alternatives/nvidia--libnvidia-ml.so.1-x86_64-linux-gnu")
    m.icd("nvidia_icd.json", "libGLX_nvidia.so.0")
    for node in ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"):
        m.put(f"dev/{node}")


def nvidia_gpu(m, address, device, model, minor, card):
    m.pci(address, "0x030000", "0x10de", device, "nvidia", (f"card{card}", f"renderD{128 + card}"))
    m.put(f"proc/driver/nvidia/gpus/{address}/information",
          f"Model: \t\t {model}\nIRQ:   \t\t 80\n"
          f"GPU UUID: \t GPU-6b1f0e7c-0000-4000-8000-00000000000{minor}\n"
          f"Video BIOS: \t 95.04.31.00.3b\nBus Type: \t PCIe\nBus Location: \t {address}\n"
          f"Device Minor: \t {minor}\nGPU Excluded:\t No\n")
    m.put(f"dev/nvidia{minor}")


def no_gpu(top):
    plain(top, "no-gpu").put("usr/bin/crun", "", 0o755)


def bare(top):
    """Nothing but an empty directory: every answer is 'unknown' or 'none'."""
    Machine(top, "bare")


def nvidia_one(top):
    m = plain(top, "nvidia-one")
    nvidia_driver(m, "550.163.01")
    nvidia_gpu(m, "0000:01:00.0", "0x2786", "NVIDIA GeForce RTX 4070", 0, 0)
    m.pci("0000:01:00.1", "0x040300", "0x10de", "0x22bc", "snd_hda_intel")
    m.put("usr/bin/podman", "", 0o755)
    m.put("usr/bin/runc", "", 0o755)
    m.put("usr/bin/docker", "not executable")


def hybrid_laptop(top):
    """Intel first, then two NVIDIA GPUs whose minors are not their indexes."""
    m = plain(top, "hybrid-laptop")
    pci_ids(m)
    nvidia_driver(m, "570.86.16")
    m.pci("0000:00:02.0", "0x030000", "0x8086", "0x46a6", "i915", ("card2", "renderD130"))
    m.icd("intel_icd.x86_64.json", "/usr/lib/x86_64-linux-gnu/libvulkan_intel.so")
    nvidia_gpu(m, "0000:01:00.0", "0x2860", "NVIDIA GeForce RTX 4070 Laptop GPU", 1, 0)
    m.put("sys/devices/pci0000:00/0000:01:00.0/power/runtime_status", "suspended\n")
    m.put("sys/devices/pci0000:00/0000:01:00.0/current_link_speed", "2.5 GT/s PCIe\n")
    nvidia_gpu(m, "0000:41:00.0", "0x2684", "NVIDIA GeForce RTX 4090", 0, 1)


def amd(top):
    m = plain(top, "amd")
    pci_ids(m)
    home = m.pci("0000:0c:00.0", "0x030000", "0x1002", "0x73bf", "amdgpu", ("card0", "renderD128"))
    m.put(f"{home}/mem_info_vram_total", f"{16 * GIB}\n")
    m.put(f"{home}/product_name", "\n")
    for file, text in (("gpu_busy_percent", "42"), ("mem_info_vram_used", f"{3 * GIB}"),
                       ("pp_dpm_sclk", "0: 500Mhz \n1: 1200Mhz *\n2: 2575Mhz "),
                       ("pp_dpm_mclk", "0: 96Mhz \n1: 1000Mhz *"),
                       ("current_link_speed", "16.0 GT/s PCIe"), ("current_link_width", "16"),
                       ("max_link_speed", "16.0 GT/s PCIe"), ("max_link_width", "16"),
                       ("power/runtime_status", "active"), ("numa_node", "-1"),
                       ("hwmon/hwmon3/temp1_input", "61000"),
                       ("hwmon/hwmon3/power1_average", "187000000"),
                       ("hwmon/hwmon3/power1_cap", "255000000"),
                       ("hwmon/hwmon3/freq1_input", "2410000000"),
                       ("hwmon/hwmon3/freq2_input", "1000000000"),
                       ("hwmon/hwmon3/fan1_input", "1480"), ("hwmon/hwmon3/pwm1", "102")):
        m.put(f"{home}/{file}", text + "\n")
    m.put("dev/kfd")
    m.put("dev/ntsync")
    m.put("proc/sys/kernel/osrelease", "6.14.2-arch1-1\n")
    m.put("etc/os-release", "ID=arch\n")
    m.icd("radeon_icd.x86_64.json", "/usr/lib/libvulkan_radeon.so")
    m.icd("radeon_icd.i686.json", "/usr/lib32/libvulkan_radeon.so")
    nvidia.library(m, "usr/lib/libvulkan_radeon.so", "libvulkan_radeon.so")
    nvidia.library(m, "usr/lib32/libvulkan_radeon.so", "libvulkan_radeon.so", machine="i386")


def intel_xe(top):
    """An Arc card on xe, on Arch without its Vulkan driver and without lavapipe."""
    m = plain(top, "intel-xe")
    pci_ids(m)
    home = m.pci("0000:03:00.0", "0x030000", "0x8086", "0x56a0", "xe", ("card1", "renderD128"))
    m.put(f"{home}/tile0/physical_vram_size_bytes", f"{16 * GIB}\n")
    for file, text in (("tile0/gt0/freq0/act_freq", "2050"), ("tile0/gt0/freq0/rp0_freq", "2400"),
                       ("tile0/gt0/freq0/throttle/reason_pl1", "1"),
                       ("tile0/gt0/freq0/throttle/reason_thermal", "0"),
                       ("hwmon/hwmon1/temp2_input", "57000"),
                       ("hwmon/hwmon1/power1_max", "190000000"),
                       ("current_link_speed", "Unknown"), ("current_link_width", "255")):
        m.put(f"{home}/{file}", text + "\n")
    m.put("proc/sys/kernel/osrelease", "6.15.1-arch1-1\n")
    m.put("etc/os-release", 'NAME="EndeavourOS"\nID="endeavouros"\nID_LIKE="arch"\n')
    m.drop("usr/share/vulkan/icd.d/lvp_icd.x86_64.json")
    m.drop("usr/share/vulkan/icd.d/lvp_icd.aarch64.json")


def nouveau(top):
    m = plain(top, "nouveau")
    pci_ids(m)
    m.pci("0000:01:00.0", "0x030000", "0x10de", "0x1c82", "nouveau", ("card0", "renderD128"))
    m.icd("nouveau_icd.x86_64.json", "/usr/lib/x86_64-linux-gnu/libvulkan_nouveau.so")


def virtio(top):
    """A virtual machine: the render node hangs below the virtio device, not the PCI device."""
    m = plain(top, "virtio")
    home = m.pci("0000:00:02.0", "0x038000", "0x1af4", "0x1050", "virtio-pci")
    m.put(f"{home}/virtio0/drm/renderD128/dev", "226:128\n")
    m.link(f"{home}/virtio0/drm/renderD128/device", "../..")
    m.link(f"{home}/virtio0/driver", "../../../../bus/virtio/drivers/virtio_gpu")
    m.link("sys/class/drm/renderD128",
           "../../devices/pci0000:00/0000:00:02.0/virtio0/drm/renderD128")
    m.put("dev/dri/renderD128")


def reserved_and_unbound(top):
    """One GPU is kept for virtual machines, the other has no driver at all."""
    m = plain(top, "reserved")
    m.pci("0000:01:00.0", "0x030000", "0x10de", "0x2786", "vfio-pci")
    m.pci("0000:02:00.0", "0x030000", "0x1002", "0x73bf")


def userns(top):
    plain(top, "userns-clone").put("proc/sys/kernel/unprivileged_userns_clone", "0\n")
    plain(top, "userns-max").put("proc/sys/user/max_user_namespaces", "0\n")
    m = plain(top, "userns-apparmor")
    m.put("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n")
    m.put("etc/os-release", "ID=ubuntu\nID_LIKE=debian\n")
    m = plain(top, "userns-clone-root")
    m.put("proc/sys/kernel/unprivileged_userns_clone", "0\n")
    m.put("proc/self/status", "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t\n")
    m.put("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n")


def cgroups(top):
    v1 = "30 1 0:25 / /sys/fs/cgroup/memory rw shared:8 - cgroup cgroup rw,memory\n"
    m = plain(top, "cgroup-v1")
    m.put("proc/self/mountinfo", v1)
    m = plain(top, "cgroup-hybrid")
    m.put("proc/self/mountinfo", v1 +
          "31 1 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
    m.put("proc/self/cgroup", "5:memory:/\n0::/\n")
    m.put("sys/fs/cgroup/unified/cgroup.controllers", "hugetlb\n")
    cgroup_v2(plain(top, "cgroup-v2-undelegated"), "memory pids")
    m = plain(top, "cgroup-none")
    m.put("proc/self/mountinfo", "22 1 0:21 / /proc rw - proc proc rw\n")


def old(top):
    """Old kernel, no overlay, no seccomp, small limits, an unknown distribution."""
    m = plain(top, "old")
    m.put("proc/sys/kernel/osrelease", "4.19.0-27\n")
    m.put("proc/filesystems", "nodev\tproc\n\text4\n")
    m.drop("proc/sys/kernel/seccomp/actions_avail")
    m.put("proc/sys/vm/max_map_count", "65530\n")
    m.put("proc/self/limits", "Max open files            1024                 4096       files\n")
    m.put("etc/os-release", "ID=unheard-of\n")
    m.drop("usr/share/vulkan/icd.d/lvp_icd.x86_64.json")
    m.drop("usr/share/vulkan/icd.d/lvp_icd.aarch64.json")


def nvidia_updated(top):
    """Ubuntu after an update without a restart; its Vulkan manifest went with the old package."""
    m = plain(top, "nvidia-updated")
    m.put("etc/os-release", "ID=ubuntu\nID_LIKE=debian\n")
    nvidia_driver(m, "550.163.01", "570.86.16")
    nvidia_gpu(m, "0000:01:00.0", "0x2786", "NVIDIA GeForce RTX 4070", 0, 0)
    m.drop("usr/share/vulkan/icd.d/nvidia_icd.json")


def nvidia_no_nodes(top):
    """After a boot without X: the module is there, nobody made the nodes; Vulkan part missing."""
    m = plain(top, "nvidia-no-nodes")
    nvidia_driver(m, "550.163.01")
    nvidia_gpu(m, "0000:01:00.0", "0x2786", "NVIDIA GeForce RTX 4070", 0, 0)
    for node in ("nvidia-uvm", "nvidia-uvm-tools", "nvidia0", "dri/renderD128"):
        m.drop(f"dev/{node}")
    m.drop("usr/share/vulkan/icd.d/nvidia_icd.json")


def hostile(top):
    """Whatever a tree can do to its reader."""
    m = plain(top, "hostile")
    m.pci("0000:01:00.0", "0x030000", "0x10de", "0x2786", "nvidia")
    m.put("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t big\n" + "x" * (10 << 20))
    os.makedirs(m.top / "sys/module/nvidia")
    os.mkfifo(m.top / "sys/module/nvidia/version")
    m.link("proc/driver/nvidia/version", "version")
    m.link("usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1", "/../../../../../etc/passwd")
    home = m.pci("0000:02:00.0", "0x030000", "0x1002", "0x73bf", "amdgpu")
    m.put(f"{home}/product_name", "\x1b]0;title\x07name\n")
    m.put(f"{home}/mem_info_vram_total", "99999999999999999999999\n")
    m.link(f"{home}/drm", "drm")
    m.pci("0000:03:00.0", "0x030000", "not a number", "0x", "../../../../../../bin/sh")
    m.link("sys/bus/pci/devices/0000:04:00.0", "0000:04:00.0")
    m.put("sys/bus/pci/devices/; rm -rf/class", "0x030000\n")
    m.put("sys/class/drm/renderD999999999/dev", "")
    m.link("sys/class/drm/renderD200", "/")
    m.link("dev/dri", "/proc")
    m.put("proc/renderD200")
    os.mkfifo(m.top / "etc/os-release.fifo")
    m.drop("etc/os-release")
    m.link("etc/os-release", "os-release.fifo")
    m.put("usr/share/vulkan/icd.d/lvp\nicd.json", '{"ICD":{"library_path":"libvulkan_lvp.so"}}')
    m.put("usr/share/vulkan/icd.d/a.json", '{"ICD":{"library_path":"libvulkan_radeon.so"')
    m.put("usr/share/vulkan/icd.d/b.json", "[" * 60000 + "libvulkan_radeon.so")
    m.put("proc/self/cgroup", "0::/../../../../../..\n")
    m.put("proc/self/status", "Uid:\t2000\t2000\t2000\t2000\n") # without a session's manager
    m.link("usr/bin/crun", "/usr/bin/crun")
    os.mkfifo(m.top / "usr/bin/podman")
    os.mkfifo(m.top / "usr/share/pci.fifo")
    m.link("usr/share/misc/pci.ids", "../pci.fifo")


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        raise SystemExit(__doc__) # or --help would become a folder of machines
    top = sys.argv[1]
    for make in (no_gpu, bare, nvidia_one, hybrid_laptop, amd, intel_xe, nouveau, virtio,
                 reserved_and_unbound, userns, cgroups, old, nvidia_updated, nvidia_no_nodes,
                 hostile):
        make(top)
    for make in nvidia.MACHINES:
        make(plain, top)


if __name__ == "__main__":
    main()
