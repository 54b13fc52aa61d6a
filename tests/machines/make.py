#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""make.py DIR - build the captured machines below DIR, one folder a machine.

Only names, links and a few lines of text: what a user's computer shows in /proc, /sys, /dev,
/etc and /usr, without a byte of anyone's driver. A plain file stands for a device node."""
import json
import os
import pathlib
import struct
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

    def pci(self, address, cls, vendor, device, driver=None, drm=(), behind=""):
        below = f"pci0000:00/{behind}{address}"
        home = f"sys/devices/{below}"
        for file, text in (("class", cls), ("vendor", vendor), ("device", device)):
            self.put(f"{home}/{file}", text + "\n")
        if driver:
            up = "../" * below.count("/")
            self.link(f"{home}/driver", f"../../{up}bus/pci/drivers/{driver}")
        self.link(f"sys/bus/pci/devices/{address}", f"../../../devices/{below}")
        for node in drm:
            self.put(f"{home}/drm/{node}/dev", "226:0\n")
            self.link(f"sys/class/drm/{node}", f"../../devices/{below}/drm/{node}")
            self.put(f"dev/dri/{node}")
        return home

    def switch(self, root, up, down, vendor, *link):
        """A board's own PCIe switch below the port of a slot; `link` is what it tells of the slot."""
        behind = ""
        for address in (root, up, down):
            maker = "0x1022" if address == root else vendor
            home = self.pci(address, "0x060400", maker, "0x1478", "pcieport", behind=behind)
            self.puts(home, link if address == up else ())
            behind += address + "/"
        return behind

    def puts(self, home, files):
        for file, text in files:
            self.put(f"{home}/{file}", text + "\n")

    def opens(self, pid, comm, *files):
        """A process and its DRM files: (descriptor, what its link says, the lines of fdinfo)."""
        self.put(f"proc/{pid}/comm", comm + "\n")
        self.put(f"proc/{pid}/cmdline", comm + "\0")
        self.link(f"proc/{pid}/fd/0", "/dev/null")
        self.put(f"proc/{pid}/fdinfo/0", "pos:\t0\nflags:\t0100002\n")
        for fd, node, lines in files:
            self.link(f"proc/{pid}/fd/{fd}", node)
            self.put(f"proc/{pid}/fdinfo/{fd}", "".join(
                line + "\n" for line in ("pos:\t0", "flags:\t02100002", "mnt_id:\t26", *lines)))


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


def drm(driver, address, client, *keys):
    """What DRM tells of one client, as of Linux 6.13."""
    return (f"drm-driver:\t{driver}", f"drm-client-id:\t{client}", f"drm-pdev:\t{address}", *keys)


def amd_metrics(size, revision, offset, throttle):
    """amdgpu's gpu_metrics: a header, and the reasons for being slow at `offset`."""
    data = bytearray(size)
    struct.pack_into("<HBB", data, 0, size, *revision)
    struct.pack_into("<Q", data, offset, throttle)
    return bytes(data)


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
    m.puts("sys/class/drm/card2", (("gt_act_freq_mhz", "1300"), ("gt_RP0_freq_mhz", "1450"),
                                   ("gt/gt0/throttle_reason_pl1", "0")))
    intel = ("i915", "0000:00:02.0")
    m.opens(612, "systemd-logind", (20, "/dev/dri/card2", drm(*intel, 1, "drm-resident-system0: 0")))
    m.opens(1200, "gnome-shell",
            (9, "/dev/dri/card2", drm(*intel, 4, "drm-resident-system0: 96 MiB",
                                      "drm-engine-render: 25662044495 ns", "drm-engine-video: 0 ns",
                                      "drm-engine-capacity-video: 2")),
            (12, "/dev/dri/card0", ("pos:\t0",))) # the sleeping GPU is not asked for it
    # Without its library NVIDIA's driver tells nothing, not even by fdinfo.
    m.opens(4100, "python3", (5, "/dev/nvidiactl", ()), (6, "/dev/nvidia0", ()), (7, "/dev/nvidia0", ()))


def amd(top):
    m = plain(top, "amd")
    pci_ids(m)
    behind = m.switch("0000:00:01.1", "0000:0a:00.0", "0000:0b:00.0", "0x1002",
                      ("current_link_speed", "8.0 GT/s PCIe"), ("current_link_width", "8"),
                      ("max_link_speed", "16.0 GT/s PCIe"), ("max_link_width", "16"))
    home = m.pci("0000:0c:00.0", "0x030000", "0x1002", "0x73bf", "amdgpu", ("card0", "renderD128"), behind)
    m.put(f"{home}/mem_info_vram_total", f"{16 * GIB}\n")
    m.put(f"{home}/product_name", "\n")
    m.puts(home, (("gpu_busy_percent", "42"), ("mem_busy_percent", "17"),
                  ("mem_info_vram_used", f"{3 * GIB}"),
                  ("pp_dpm_sclk", "0: 500Mhz \n1: 1200Mhz *\n2: 2575Mhz "),
                  ("pp_dpm_mclk", "0: 96Mhz \n1: 1000Mhz *"),
                  ("current_link_speed", "16.0 GT/s PCIe"), ("current_link_width", "16"),
                  ("max_link_speed", "16.0 GT/s PCIe"), ("max_link_width", "16"),
                  ("power/runtime_status", "active"), ("numa_node", "-1")))
    m.puts(f"{home}/hwmon/hwmon3", (("name", "amdgpu"), ("temp1_label", "edge"), ("temp1_input", "61000"),
                                    ("temp2_label", "junction"), ("temp2_input", "78000"),
                                    ("temp3_label", "mem"), ("temp3_input", "70000"),
                                    ("power1_average", "187000000"), ("power1_cap", "255000000"),
                                    ("freq1_input", "2410000000"), ("freq2_input", "1000000000"),
                                    ("fan1_input", "1480"), ("pwm1", "102")))
    (m.top / home / "gpu_metrics").write_bytes(amd_metrics(120, (1, 3), 112, 1 << 0 | 1 << 36))
    amd_processes(m)
    m.put("dev/kfd")
    m.put("dev/ntsync")
    m.put("proc/sys/kernel/osrelease", "6.14.2-arch1-1\n")
    m.put("etc/os-release", "ID=arch\n")
    m.icd("radeon_icd.x86_64.json", "/usr/lib/libvulkan_radeon.so")
    m.icd("radeon_icd.i686.json", "/usr/lib32/libvulkan_radeon.so")
    nvidia.library(m, "usr/lib/libvulkan_radeon.so", "libvulkan_radeon.so")
    nvidia.library(m, "usr/lib32/libvulkan_radeon.so", "libvulkan_radeon.so", machine="i386")


def amd_processes(m):
    """A game, a compositor with a client of it, a session manager, and ROCm as another user."""
    amd = ("amdgpu", "0000:0c:00.0")
    game = drm(*amd, 77, "drm-resident-vram:\t2048 MiB", "drm-resident-gtt:\t110 MiB",
               "drm-resident-cpu:\t0", "drm-memory-vram:\t2097152 KiB", "drm-memory-gtt: \t112640 KiB",
               "drm-engine-gfx:\t981234567890 ns", "drm-engine-compute:\t1234567 ns",
               "drm-client-name:\tprivate name of a game")
    m.opens(612, "systemd-logind", (18, "/dev/dri/card0", drm(*amd, 2, "drm-memory-vram:\t0 KiB")))
    m.opens(1201, "kwin_wayland",
            (11, "/dev/dri/card0", drm(*amd, 9, "drm-memory-vram:\t81920 KiB", "drm-engine-gfx:\t5 ns")))
    m.opens(3000, "game\x1b[2J.exe", (31, "/dev/dri/renderD128", game), (32, "/dev/dri/renderD128", game),
            (33, "/dev/dri/renderD128", drm(*amd, 78, "drm-memory-vram:\t20480 KiB",
                                            "drm-engine-dec:\t17 ns")))
    m.opens(3001, "wineserver", (5, "/dev/dri/renderD128", game))
    kfd = "sys/class/kfd/kfd"
    m.put(f"{kfd}/topology/nodes/0/gpu_id", "0\n")
    m.put(f"{kfd}/topology/nodes/0/properties", "cpu_cores_count 16\nlocation_id 0\n")
    m.put(f"{kfd}/topology/nodes/1/gpu_id", "51963\n")
    m.put(f"{kfd}/topology/nodes/1/properties",
          f"simd_count 144\nlocation_id {0x0c00}\ndomain 0\ndrm_render_minor 128\n"
          "unique_id 12345678901234567\n")
    m.put(f"{kfd}/proc/5150/vram_51963", f"{5 * GIB}\n")
    m.put(f"{kfd}/proc/5150/pasid", "32770\n")
    m.put("proc/5150/comm", "llama-server\n")


def amd_apu(top):
    """An RDNA 3 GPU in a processor: little memory of its own, one temperature, no fan, and a format
    of gpu_metrics that says nothing of why it is slow."""
    m = plain(top, "amd-apu")
    apu = ("amdgpu", "0000:c1:00.0")
    home = m.pci(apu[1], "0x030000", "0x1002", "0x15bf", "amdgpu", ("card1", "renderD128"))
    m.puts(home, (("gpu_busy_percent", "3"), ("mem_info_vram_total", f"{GIB // 2}"),
                  ("mem_info_vram_used", f"{GIB // 4}"),
                  ("pp_dpm_sclk", "0: 800Mhz *\n1: 1100Mhz \n2: 2700Mhz "),
                  ("pp_dpm_mclk", "0: 2800Mhz \n1: 1000Mhz *"),
                  ("hwmon/hwmon5/name", "amdgpu"), ("hwmon/hwmon5/temp1_label", "edge"),
                  ("hwmon/hwmon5/temp1_input", "44000"), ("hwmon/hwmon5/power1_label", "PPT"),
                  ("hwmon/hwmon5/power1_input", "8123000")))
    (m.top / home / "gpu_metrics").write_bytes(amd_metrics(120, (2, 1), 112, 1))
    m.put("dev/kfd")
    m.icd("radeon_icd.x86_64.json", "/usr/lib/x86_64-linux-gnu/libvulkan_radeon.so")
    m.opens(2000, "mpv", (4, "/dev/dri/renderD128",
                          drm(*apu, 5, "drm-memory-vram:\t16384 KiB", "drm-memory-gtt: \t71680 KiB",
                              "drm-engine-dec:\t900 ns", "drm-engine-gfx:\t0 ns")))


def intel_i915(top):
    """An Arc card on i915, that has a hwmon for each part of the GPU too, and tells nobody but root
    how much memory there is."""
    m = plain(top, "intel-i915")
    pci_ids(m)
    arc = ("i915", "0000:03:00.0")
    behind = m.switch("0000:00:01.0", "0000:01:00.0", "0000:02:01.0", "0x8086",
                      ("current_link_speed", "16.0 GT/s PCIe"), ("current_link_width", "16"),
                      ("max_link_speed", "16.0 GT/s PCIe"), ("max_link_width", "16"))
    home = m.pci(arc[1], "0x030000", "0x8086", "0x56a0", "i915", ("card0", "renderD128"), behind)
    m.puts(home, (("current_link_speed", "2.5 GT/s PCIe"), ("current_link_width", "1"),
                  ("max_link_speed", "2.5 GT/s PCIe"), ("max_link_width", "1"),
                  ("hwmon/hwmon4/name", "i915_gt0"), ("hwmon/hwmon4/energy1_input", "1"),
                  ("hwmon/hwmon5/name", "i915"), ("hwmon/hwmon5/energy1_input", "123456789012"),
                  ("hwmon/hwmon5/power1_max", "190000000"), ("hwmon/hwmon5/temp1_input", "48000"),
                  ("hwmon/hwmon5/fan1_input", "1100")))
    m.puts("sys/class/drm/card0/gt/gt0", (("rps_act_freq_mhz", "2100"), ("rps_RP0_freq_mhz", "2400"),
                                          ("throttle_reason_pl1", "0"), ("throttle_reason_ratl", "1")))
    m.icd("intel_icd.x86_64.json", "/usr/lib/x86_64-linux-gnu/libvulkan_intel.so")
    m.opens(900, "blender", (8, "/dev/dri/renderD128",
                             drm(*arc, 3, "drm-total-local0: 700 MiB", "drm-resident-local0: 640 MiB",
                                 "drm-resident-system0: 30 MiB", "drm-engine-render: 77 ns",
                                 "drm-engine-compute: 5123 ns")))


def intel_xe(top):
    """An Arc card on xe, on Arch without its Vulkan driver and without lavapipe."""
    m = plain(top, "intel-xe")
    pci_ids(m)
    home = m.pci("0000:03:00.0", "0x030000", "0x8086", "0x56a0", "xe", ("card1", "renderD128"))
    m.put(f"{home}/tile0/physical_vram_size_bytes", f"{16 * GIB}\n")
    m.puts(home, (("tile0/gt0/freq0/act_freq", "2050"), ("tile0/gt0/freq0/rp0_freq", "2400"),
                  ("tile0/gt0/freq0/throttle/reason_pl1", "1"),
                  ("tile0/gt0/freq0/throttle/reason_thermal", "0"),
                  ("hwmon/hwmon1/name", "xe"), ("hwmon/hwmon1/temp2_label", "pkg"),
                  ("hwmon/hwmon1/temp2_input", "57000"), ("hwmon/hwmon1/temp3_label", "vram"),
                  ("hwmon/hwmon1/temp3_input", "62000"), ("hwmon/hwmon1/energy1_input", "42000000"),
                  ("hwmon/hwmon1/power1_max", "190000000"), ("hwmon/hwmon1/fan1_input", "900"),
                  ("current_link_speed", "Unknown"), ("current_link_width", "255")))
    xe = ("xe", "0000:03:00.0")
    m.opens(700, "Xwayland", (4, "/dev/dri/card1", drm(*xe, 2, "drm-resident-vram0:\t49152 KiB",
                                                       "drm-cycles-rcs:\t28257900",
                                                       "drm-total-cycles-rcs:\t7655183225")))
    m.opens(701, "ffmpeg", (6, "/dev/dri/renderD128", drm(
        *xe, 3, "drm-resident-vram0:\t98304 KiB", "drm-resident-gtt:\t192 KiB", "drm-cycles-vcs:\t99",
        "drm-total-cycles-vcs:\t7655183226", "drm-engine-capacity-vcs:\t2")))
    m.put("proc/sys/kernel/osrelease", "6.15.1-arch1-1\n")
    m.put("etc/os-release", 'NAME="EndeavourOS"\nID="endeavouros"\nID_LIKE="arch"\n')
    m.drop("usr/share/vulkan/icd.d/lvp_icd.x86_64.json")
    m.drop("usr/share/vulkan/icd.d/lvp_icd.aarch64.json")


def nouveau(top):
    m = plain(top, "nouveau")
    pci_ids(m)
    m.pci("0000:01:00.0", "0x030000", "0x10de", "0x1c82", "nouveau", ("card0", "renderD128"))
    m.icd("nouveau_icd.x86_64.json", "/usr/lib/x86_64-linux-gnu/libvulkan_nouveau.so")
    m.opens(800, "Xorg", (13, "/dev/dri/card0", ()), (14, "/dev/dri/renderD128", ()))


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


def hostile_processes(top):
    """A GPU that is fine, and programs that would rather not be seen as they are."""
    m = plain(top, "hostile-processes")
    m.pci("0000:01:00.0", "0x030000", "0x1002", "0x73bf", "amdgpu", ("card0", "renderD128"))
    node = "/dev/dri/renderD128"
    m.opens(31, "x) draws, 1 MiB\x1b[2J\r(", (3, node, ("drm-driver:\tx", "drm-memory-vram:\t-1 KiB",
                                                    "drm-resident-gtt:\t18446744073709551615 MiB",
                                                    "drm-engine-gfx:\t99999999999999999999 ns",
                                                    "drm-engine-\x1b[2J:\t1 ns", "drm-client-id:\t-1")))
    m.opens(32, "huge", (3, node, ("drm-driver:\tx" + "x" * (1 << 20),)))
    m.opens(33, "fifo", (4, node, ()))
    m.drop("proc/33/fdinfo/4")
    os.mkfifo(m.top / "proc/33/fdinfo/4")
    m.drop("proc/33/comm")
    os.mkfifo(m.top / "proc/33/comm")
    os.makedirs(m.top / "proc/34")
    os.mkfifo(m.top / "proc/34/fd")
    m.link("proc/35", "35")
    m.opens(36, "self", (3, node, ()), (4, "/dev/dri/../../etc/shadow", ()), (5, "/dev/dri/", ()))
    m.drop("proc/36/fdinfo/3")
    m.link("proc/36/fdinfo/3", "/proc/36/fdinfo/3")
    m.put("proc/4294967296/fd/3")
    m.link("sys/class/kfd/kfd/proc", "/proc")
    m.link("sys/class/kfd/kfd/topology/nodes", "nodes")
    m.opens(40, "honest", (3, node, drm("amdgpu", "0000:01:00.0", 1, "drm-memory-vram:\t1024 KiB")))


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
    for make in (no_gpu, bare, nvidia_one, hybrid_laptop, amd, amd_apu, intel_i915, intel_xe,
                 nouveau, virtio, reserved_and_unbound, userns, cgroups, old, nvidia_updated,
                 nvidia_no_nodes, hostile, hostile_processes):
        make(top)
    for make in nvidia.MACHINES:
        make(plain, top)


if __name__ == "__main__":
    main()
