/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_files.h - every file of the NVIDIA driver's user space that a container can need, found
 * below the host's root, each with the place where a container expects it.
 *
 * Found by: known directories, /run/opengl-driver, the directories that ld.so.cache names, and
 * those that the links found on the way lead to. Links are resolved inside the root. 64 and 32
 * bit. Layouts: flat (Arch, Fedora, Ubuntu), Debian's alternatives, NixOS. What is looked for
 * and where it goes are the tables of driver_table.h. WSL2 has wsl.h, with the same result.
 *
 * A container gets a library by its class and not by the host's directory: in the container's
 * library directory, or in `subdir` below it, where the loader of its kind looks. */
#pragma once

#include "base/json.h"
#include "host/host.h"

enum nvb_driver_file_kind {
    NVB_DRIVER_LIBRARY =
        1,                 /* lib*.so.<version> and its kin, by soname from the library directory */
    NVB_DRIVER_VDPAU,      /* vdpau/libvdpau_nvidia.so.<version> */
    NVB_DRIVER_GBM,        /* gbm/nvidia-drm_gbm.so, a link to libnvidia-allocator */
    NVB_DRIVER_BINARY,     /* nvidia-smi ... -> /usr/bin */
    NVB_DRIVER_VULKAN_ICD, /* manifest; its library_path must become a bare soname */
    NVB_DRIVER_VULKAN_LAYER, /* manifest, as above */
    NVB_DRIVER_EGL_VENDOR,   /* glvnd/egl_vendor.d/10_nvidia.json */
    NVB_DRIVER_EGL_PLATFORM, /* egl/egl_external_platform.d */
    NVB_DRIVER_OPENCL_ICD,
    NVB_DRIVER_FIRMWARE, /* nvidia/<version>/gsp*.bin */
    NVB_DRIVER_XORG,     /* nvidia_drv.so, libglxserver_nvidia.so, xorg.conf.d */
    NVB_DRIVER_DATA,     /* nvoptix.bin, application profiles; WSL's nvcubins.bin */
    NVB_DRIVER_WINE,     /* nvidia/wine/ nvngx.dll and _nvngx.dll: DLSS under Proton */
    NVB_DRIVER_SOCKET,   /* persistenced, fabricmanager; a directory: that of MPS. To be writable */
    NVB_DRIVER_CUDA_COMPAT, /* newer CUDA libraries for an older kernel module; opt-in */
};

/* What a file is for: NVIDIA_DRIVER_CAPABILITIES' words as bits. */
enum nvb_driver_capability {
    NVB_CAP_COMPUTE = 1 << 0,
    NVB_CAP_UTILITY = 1 << 1,
    NVB_CAP_VIDEO = 1 << 2,
    NVB_CAP_GRAPHICS = 1 << 3,
    NVB_CAP_DISPLAY = 1 << 4,
    NVB_CAP_NGX = 1 << 5,
    NVB_CAP_COMPAT32 = 1 << 6, /* set on every 32-bit file, beside what it is for */
    NVB_CAP_ALL = (1 << 7) - 1,
};

struct nvb_driver_file {
    enum nvb_driver_file_kind kind;
    unsigned capabilities; /* any of them suffices, but COMPAT32 is a condition of its own */
    unsigned bits;         /* 64, 32; 0 for data */
    unsigned machine;      /* EM_X86_64 ... of a library, for nvb_ldcache_flags(); 0 for data */
    char *host_path; /* owned; the real file inside the root, links resolved, "/usr/lib/..." */
    char *name;      /* owned; the name it has in a container, "libcuda.so.550.163.01" */
    char *soname;    /* owned; DT_SONAME of a library, NULL when it has none */
    char **links;    /* owned, NULL-terminated; other names a container needs for it in the
                            * same directory: "libcuda.so.1", "libcuda.so", "libGLX_indirect.so.0" */
    size_t n_links;
    const char *subdir;   /* borrowed; "" or "vdpau", "gbm", "nvidia/wine": the place below the
                           * container's library directory of these bits; NULL for the others */
    char *container_path; /* owned; where subdir is NULL: the fixed place, "/usr/bin/nvidia-smi" */
    char *link_target;    /* owned; a container wants no file there but a symbolic link of this
                           * text ("../libnvidia-allocator.so.1"); NULL for a file */
};

struct nvb_driver_files {
    char *version;                 /* owned; "550.163.01"; NULL when no driver was found */
    struct nvb_driver_file *items; /* owned; sorted by kind, bits (64 first), name */
    size_t n;
    struct nvb_strv
        notes; /* what looked wrong, one line each: two versions, a library that is none */
};

/* No driver is an answer (version NULL, n == 0). */
bool nvb_driver_files_find(const struct nvb_host *host,
                           struct nvb_driver_files *out,
                           struct nvb_err *err);
void nvb_driver_files_clear(struct nvb_driver_files *files);
#define nvb_auto_driver_files \
    __attribute__((cleanup(nvb_driver_files_clear))) struct nvb_driver_files

/* "compute,utility", "all", NULL or "" for NVIDIA's default (utility,compute); blanks are fine. */
bool nvb_driver_capabilities_parse(const char *text, unsigned *out, struct nvb_err *err);

/* Does a container with these capabilities get the file? */
bool nvb_driver_file_is_wanted(const struct nvb_driver_file *file, unsigned capabilities);

const char *nvb_driver_file_kind_name(enum nvb_driver_file_kind kind);

/* {"version", "files": [{"kind", "path", "name", ...}], "notes"} for --json; the caller frees. */
struct nvb_json *nvb_driver_files_to_json(const struct nvb_driver_files *files);
