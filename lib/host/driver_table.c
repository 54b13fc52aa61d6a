/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* Capabilities are libnvidia-container's, as images expect them. What it does not know follows
 * what loads it: egl-gbm and its kin with EGL, nvidia-api with DXVK, compiler pieces with those
 * that load them. libnvidia-gpucomp and -allocator serve graphics too since 545. */
#include "host/driver_table.h"

#include <string.h>

#define COMPUTE  NVB_CAP_COMPUTE
#define UTILITY  NVB_CAP_UTILITY
#define VIDEO    NVB_CAP_VIDEO
#define GRAPHICS NVB_CAP_GRAPHICS
#define DISPLAY  NVB_CAP_DISPLAY
#define NGX      NVB_CAP_NGX
#define ANYTHING (COMPUTE | UTILITY | VIDEO | GRAPHICS | DISPLAY | NGX)

#define VERSION NVB_SUFFIX_VERSION
#define OWN     NVB_SUFFIX_OWN
#define LIBRARY NVB_DRIVER_LIBRARY

/* A stem matches to its end, so the order does not matter but for the last. */
static const struct nvb_driver_library_row libraries[] = {
    {"libcuda",                    VERSION,        LIBRARY,          COMPUTE,            "",      "libcuda.so"                  },
    { "libcudadebugger",           VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-opencl",          VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-gpucomp",         VERSION,        LIBRARY,          COMPUTE | GRAPHICS, "",      NULL                          },
    { "libnvidia-ptxjitcompiler",  VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-fatbinaryloader", VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-allocator",       VERSION,        LIBRARY,          COMPUTE | GRAPHICS, "",      NULL                          },
    { "libnvidia-compiler",        VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-pkcs11",          VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-pkcs11-openssl3", VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-nvvm",            VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-nvvm70",          NVB_SUFFIX_ANY, LIBRARY,          COMPUTE,            "",      NULL                          },
    { "libnvidia-tileiras",        VERSION,        LIBRARY,          COMPUTE,            "",      NULL                          },

    { "libnvidia-ml",              VERSION,        LIBRARY,          UTILITY,            "",      NULL                          },
    { "libnvidia-cfg",             VERSION,        LIBRARY,          UTILITY,            "",      NULL                          },
    { "libnvidia-nscq",            VERSION,        LIBRARY,          UTILITY,            "",      NULL                          },
    { "libnvidia-sandboxutils",    VERSION,        LIBRARY,          UTILITY,            "",      NULL                          },

    { "libvdpau_nvidia",           VERSION,        NVB_DRIVER_VDPAU, VIDEO,              "vdpau", NULL                          },
    { "libnvidia-encode",          VERSION,        LIBRARY,          VIDEO,              "",      NULL                          },
    { "libnvidia-opticalflow",     VERSION,        LIBRARY,          VIDEO,              "",      "libnvidia-opticalflow.so"    },
    { "libnvcuvid",                VERSION,        LIBRARY,          VIDEO,              "",      NULL                          },

    { "libnvidia-eglcore",         VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-glcore",          VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-tls",             VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-glsi",            VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-fbc",             VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-ifr",             VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-rtcore",          VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvoptix",                VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libGLX_nvidia",             VERSION,        LIBRARY,          GRAPHICS,           "",      "libGLX_indirect.so.0"        },
    { "libEGL_nvidia",             VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libGLESv1_CM_nvidia",       VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libGLESv2_nvidia",          VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-glvkspirv",       VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-cbl",             VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-present",         VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-vulkan-producer", VERSION,        LIBRARY,          GRAPHICS,           "",      "libnvidia-vulkan-producer.so"},
    { "libnvidia-vksc-core",       VERSION,        LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-egl-gbm",         OWN,            LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-egl-wayland",     OWN,            LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-egl-wayland2",    OWN,            LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-egl-xcb",         OWN,            LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-egl-xlib",        OWN,            LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-api",             NVB_SUFFIX_ONE, LIBRARY,          GRAPHICS,           "",      NULL                          },
    { "libnvidia-gtk2",            OWN,            LIBRARY,          DISPLAY,            "",      NULL                          },
    { "libnvidia-gtk3",            OWN,            LIBRARY,          DISPLAY,            "",      NULL                          },
    { "libnvidia-wayland-client",  OWN,            LIBRARY,          DISPLAY,            "",      NULL                          },

    { "libnvidia-ngx",             VERSION,        LIBRARY,          NGX,                "",      NULL                          },

 /* What a newer driver brings: better one library too many than a driver that lacks it. */
    { "lib",                       VERSION,        LIBRARY,          ANYTHING,           "",      NULL                          },
};

const char *const nvb_driver_library_dirs[] = {
    "/usr/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib/i386-linux-gnu",
    "/usr/lib/i386-linux-gnu/nvidia/current",
    "/usr/lib/arm-linux-gnueabihf",
    "/usr/lib/arm-linux-gnueabihf/nvidia/current",
    "/run/opengl-driver/lib",    /* NixOS */
    "/run/opengl-driver-32/lib", /* the same */
    "/usr/local/nvidia/lib64",   /* GKE, COS, Talos */
    "/usr/local/nvidia/lib",
    "/usr/local/glibc/usr/lib", /* Talos */
    NULL,
};

const char *const nvb_driver_bases[] = {
    "/etc",
    "/usr/local/share",
    "/usr/share",
    "/run/opengl-driver/share",
    "/run/opengl-driver-32/share",
    "", /* GKE keeps vulkan/ in its driver's root */
    NULL,
};

const char *const nvb_driver_firmware_dirs[] = {
    "/lib/firmware/updates/%s", "/lib/firmware/updates", "/lib/firmware/%s", "/lib/firmware", NULL,
};

const struct nvb_driver_manifest_row nvb_driver_manifests[] = {
    {"glvnd/egl_vendor.d",                     NVB_DRIVER_EGL_VENDOR, "/usr/share/glvnd/egl_vendor.d" },
    { "egl/egl_external_platform.d",         NVB_DRIVER_EGL_PLATFORM,
     "/usr/share/egl/egl_external_platform.d" },
    { "vulkan/icd.d",           NVB_DRIVER_VULKAN_ICD, "/etc/vulkan/icd.d" },
    { "vulkan/implicit_layer.d", NVB_DRIVER_VULKAN_LAYER, "/etc/vulkan/implicit_layer.d" },
    { 0                         },
};

static const char *const binary_dirs[] = {
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/lib/nvidia/current", /* Debian, while its alternatives are not set up */
    "/usr/local/nvidia/bin",
    "/run/current-system/sw/bin", /* NixOS */
    "/bin",
    NULL,
};

static const char *const share_dirs[] = {
    "/usr/share/nvidia",
    "/usr/local/share/nvidia",
    "/run/opengl-driver/share/nvidia",
    "/usr/lib/x86_64-linux-gnu/nvidia/current", /* Debian keeps nvoptix.bin there */
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    NULL,
};

static const char *const opencl_dirs[] = {
    "/etc/OpenCL/vendors",
    "/usr/share/OpenCL/vendors",
    "/run/opengl-driver/etc/OpenCL/vendors",
    NULL,
};

static const char *const xorg_driver_dirs[] = {
    "/usr/lib/xorg/modules/drivers",
    "/usr/lib/xorg/modules/updates/drivers",
    "/usr/lib64/xorg/modules/drivers",
    "/usr/lib64/xorg/modules/updates/drivers",
    "/usr/lib/x86_64-linux-gnu/nvidia/xorg",
    "/usr/lib/aarch64-linux-gnu/nvidia/xorg",
    "/usr/lib/nvidia",
    "/usr/lib/nvidia/current",
    "/usr/lib64/nvidia/xorg",
    "/usr/X11R6/lib64/modules/drivers",
    "/usr/X11R6/lib/modules/drivers",
    NULL,
};

static const char *const xorg_extension_dirs[] = {
    "/usr/lib/xorg/modules/extensions",
    "/usr/lib/nvidia/xorg", /* Arch */
    "/usr/lib/xorg/modules/updates/extensions",
    "/usr/lib64/xorg/modules/extensions",
    "/usr/lib64/xorg/modules/updates/extensions",
    "/usr/lib/x86_64-linux-gnu/nvidia/xorg",
    "/usr/lib/aarch64-linux-gnu/nvidia/xorg",
    "/usr/lib/nvidia/current",
    "/usr/lib64/nvidia/xorg",
    "/usr/X11R6/lib64/modules/extensions",
    "/usr/X11R6/lib/modules/extensions",
    NULL,
};

static const char *const xorg_conf_dirs[] = {
    "/usr/share/X11/xorg.conf.d",
    "/etc/X11/xorg.conf.d",
    "/etc/nvidia",
    "/etc/nvidia/current",
    NULL,
};

#define BINARY  NVB_DRIVER_BINARY
#define XORG    NVB_DRIVER_XORG
#define BIN     "/usr/bin"
#define MODULES "/usr/lib/xorg/modules"

const struct nvb_driver_data_row nvb_driver_data[] = {
    {"nvidia-smi",               binary_dirs, BINARY, UTILITY, BIN },
    { "nvidia-debugdump",                    binary_dirs, BINARY, UTILITY, BIN },
    { "nvidia-persistenced",                       binary_dirs, BINARY, UTILITY, BIN },
    { "nv-fabricmanager",        binary_dirs, BINARY, UTILITY, BIN },
    { "nvidia-modprobe",                    binary_dirs, BINARY, UTILITY, BIN },
    { "nvidia-cuda-mps-control",                       binary_dirs, BINARY, COMPUTE, BIN },
    { "nvidia-cuda-mps-server",     binary_dirs, BINARY, COMPUTE, BIN },
    { "nvidia-imex",                    binary_dirs, BINARY, COMPUTE, BIN },
    { "nvidia-imex-ctl",                       binary_dirs, BINARY, COMPUTE, BIN },
    { "nvidia-settings",        binary_dirs, BINARY, DISPLAY, BIN },
    { "nvidia-xconfig",                    binary_dirs, BINARY, DISPLAY, BIN },
    { "nvidia-ngx-updater",                       binary_dirs, BINARY, NGX, BIN },
    { "nvidia.icd",         opencl_dirs, NVB_DRIVER_OPENCL_ICD, COMPUTE, "/etc/OpenCL/vendors" },
    { "nvoptix.bin",                    share_dirs, NVB_DRIVER_DATA, GRAPHICS, "/usr/share/nvidia" },
    { "nvidia-application-profiles-%s-rc",                       share_dirs, NVB_DRIVER_DATA, GRAPHICS,
     "/usr/share/nvidia" },
    { "nvidia-application-profiles-%s-key-documentation", share_dirs, NVB_DRIVER_DATA, GRAPHICS,
     "/usr/share/nvidia" },
    { "nvidia_drv.so",                    xorg_driver_dirs, XORG, DISPLAY, MODULES "/drivers" },
    { "libglxserver_nvidia.so.%s",                       xorg_extension_dirs, XORG, DISPLAY, MODULES "/extensions" },
    { "10-nvidia.conf",  xorg_conf_dirs, XORG, DISPLAY, "/usr/share/X11/xorg.conf.d" },
    { "10-nvidia-drm-outputclass.conf",                    xorg_conf_dirs, XORG, DISPLAY,
     "/usr/share/X11/xorg.conf.d" },
    { "nvidia-drm-outputclass.conf",                       xorg_conf_dirs, XORG, DISPLAY, "/usr/share/X11/xorg.conf.d" },
    { 0            },
};

bool nvb_driver_is_plain(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p <= ' ' || *p > '~')
            return false;
    }
    return *text != '\0';
}

/* How many numbers "550.163.01" has; 0 when it is anything else. */
static size_t count_numbers(const char *text)
{
    size_t n = 0;

    for (; n == 0 || *text == '.'; n++) {
        size_t len = strspn(text + (n > 0), "0123456789");

        if (len == 0 || len > 9)
            return 0;
        text += len + (n > 0);
    }
    return *text ? 0 : n;
}

/* Behind ".so." where the name has one with something behind it. */
static const char *suffix_of(const char *name)
{
    const char *so = strstr(name, ".so.");

    return so ? so + 4 : NULL;
}

/* No other library counts its versions from hundreds with more numbers behind. */
static bool has_driver_like_version(const char *name)
{
    const char *suffix = suffix_of(name);

    return suffix && strspn(suffix, "0123456789") >= 3 && count_numbers(suffix) >= 2;
}

bool nvb_driver_is_library_name(const char *name)
{
    static const char *const stems[] = { "libnvidia-", "libcuda.so", "libnvcuvid.so" };

    if (strncmp(name, "lib", 3) != 0 || !nvb_driver_is_plain(name))
        return false;
    for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
        if (nvb_has_prefix(name, stems[i]))
            return true;
    }
    return strstr(name, "_nvidia.so") || has_driver_like_version(name);
}

static bool fits(const struct nvb_driver_library_row *row, const char *suffix, const char *version)
{
    switch (row->suffix) {
    case NVB_SUFFIX_VERSION:
        return strcmp(suffix, version) == 0;
    case NVB_SUFFIX_OWN:
        return count_numbers(suffix) >= 2;
    case NVB_SUFFIX_ANY:
        return count_numbers(suffix) >= 1;
    case NVB_SUFFIX_ONE:
    default:
        return strcmp(suffix, "1") == 0;
    }
}

const struct nvb_driver_library_row *nvb_driver_library_row(const char *name, const char *version)
{
    const char *suffix = suffix_of(name);
    const size_t n = sizeof(libraries) / sizeof(libraries[0]);
    size_t stem = suffix ? (size_t)(suffix - 4 - name) : 0;

    if (!suffix || strncmp(name, "libglxserver_nvidia.", 20) == 0) /* a module of the X server */
        return NULL;
    for (size_t i = 0; i < n - 1; i++) {
        if (strlen(libraries[i].stem) == stem && strncmp(name, libraries[i].stem, stem) == 0)
            return fits(&libraries[i], suffix, version) ? &libraries[i] : NULL;
    }
    return fits(&libraries[n - 1], suffix, version) ? &libraries[n - 1] : NULL;
}

const char *nvb_driver_version_in_name(const char *name)
{
    if (!nvb_has_prefix(name, "libcuda.so.") && !nvb_has_prefix(name, "libnvidia-ml.so."))
        return NULL;
    return has_driver_like_version(name) ? suffix_of(name) : NULL; /* not WSL's libcuda.so.1.1 */
}
