/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/json.h"
#include "host/gpu.h"

#if defined(__x86_64__)
#define OWN_ARCH "x86_64"
#elif defined(__aarch64__)
#define OWN_ARCH "aarch64"
#else
#define OWN_ARCH "unknown"
#endif

enum {
    MANIFEST_MAX = 1 << 16,
};

const char *const nvb_vulkan_icd_dirs[] = {
    "/usr/local/etc/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/usr/share/vulkan/icd.d",
    NULL,
};

/* The library that a manifest names, by the kernel's driver; the first that is there. */
static const struct {
    const char *driver;
    const char *library;
} libraries[] = {
    {"nvidia",      "libGLX_nvidia.so"        },
    { "nouveau",    "libvulkan_nouveau.so"    },
    { "amdgpu",     "libvulkan_radeon.so"     },
    { "radeon",     "libvulkan_radeon.so"     },
    { "xe",         "libvulkan_intel.so"      },
    { "i915",       "libvulkan_intel.so"      },
    { "i915",       "libvulkan_intel_hasvk.so"}, /* Haswell and Broadwell */
    { "virtio_gpu", "libvulkan_virtio.so"     },
    { "virtio-pci", "libvulkan_virtio.so"     },
    { "panfrost",   "libvulkan_panfrost.so"   },
    { "panthor",    "libvulkan_panfrost.so"   },
    { "msm",        "libvulkan_freedreno.so"  },
    { "msm_dpu",    "libvulkan_freedreno.so"  },
    { "v3d",        "libvulkan_broadcom.so"   },
    { "asahi",      "libvulkan_asahi.so"      },
    { "dxgkrnl",    "libvulkan_dzn.so"        },
    { "lavapipe",   "libvulkan_lvp.so"        },
};

/* All manifests of the machine, in the loader's order, read once. */
struct manifest {
    char *path;       /* owned */
    const char *name; /* in path */
    char *text;       /* owned; NULL when it cannot be read */
};

struct manifests {
    struct manifest *items;
    size_t n;
};

/* How well a manifest suits programs of this machine. */
enum fit {
    FIT_NONE = 0,
    FIT_FOREIGN, /* another architecture's */
    FIT_UNSAID,
    FIT_OWN,
};

/* Distributions put the architecture in the name, newer manifests say 32 or 64 in "library_arch". */
static enum fit judge(const char *name, const char *library_arch)
{
    static const char *const foreign[] = { ".i686.",    ".i386.", ".i586.",   ".x86_64.",
                                           ".aarch64.", ".armv7", ".riscv64." };

    if (strstr(name, "." OWN_ARCH "."))
        return FIT_OWN;
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (strstr(name, foreign[i]))
            return FIT_FOREIGN;
    }
    if (!library_arch)
        return FIT_UNSAID;
    return strcmp(library_arch, "64") == 0 ? FIT_OWN : FIT_FOREIGN;
}

static enum fit read_manifest(const struct manifest *manifest, const char *library_prefix)
{
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 }; /* the loader skips a broken manifest too */
    const char *text = manifest->text;
    const struct nvb_json *icd = NULL;
    const char *library = NULL;
    const char *slash = NULL;

    if (!text || !strstr(text, library_prefix)) /* most are other drivers': no need to parse */
        return FIT_NONE;
    if (!nvb_json_parse(text, strlen(text), manifest->path, &json, &ignored))
        return FIT_NONE;
    icd = nvb_json_get(json, "ICD");
    library = nvb_json_get_str(icd, "library_path");
    slash = library ? strrchr(library, '/') : NULL;
    if (!library || !nvb_has_prefix(slash ? slash + 1 : library, library_prefix))
        return FIT_NONE;
    return judge(manifest->name, nvb_json_get_str(icd, "library_arch"));
}

/* Names go into messages and variables: blanks and control characters are nobody's manifest. */
static bool is_manifest_name(const char *name)
{
    for (const char *p = name; *p; p++) {
        if (*p <= ' ' || *p > '~' || *p == ':')
            return false;
    }
    return nvb_has_suffix(name, ".json");
}

static void read_dir(const struct nvb_host *host, const char *dir, struct manifests *out)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(host->root_fd, dir, &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        struct manifest *manifest = NULL;

        if (!is_manifest_name(names.items[i]))
            continue;
        out->items = nvb_xrealloc(out->items, out->n + 1, sizeof(*out->items));
        manifest = &out->items[out->n++];
        manifest->path = nvb_xasprintf("%s/%s", dir, names.items[i]);
        manifest->name = manifest->path + strlen(dir) + 1;
        manifest->text = nvb_host_dup_text(host, manifest->path, MANIFEST_MAX);
    }
}

static void manifests_read(const struct nvb_host *host, struct manifests *out)
{
    for (const char *const *dir = nvb_vulkan_icd_dirs; *dir; dir++)
        read_dir(host, *dir, out);
}

static void manifests_clear(struct manifests *manifests)
{
    for (size_t i = 0; i < manifests->n; i++) {
        free(manifests->items[i].path);
        free(manifests->items[i].text);
    }
    free(manifests->items);
    *manifests = (struct manifests){ 0 };
}

static const char *find(const struct manifests *manifests, const char *library_prefix)
{
    enum fit best = FIT_NONE;
    const char *path = NULL;

    for (size_t i = 0; i < manifests->n && best < FIT_OWN; i++) {
        enum fit fit = read_manifest(&manifests->items[i], library_prefix);

        if (fit > best) {
            best = fit;
            path = manifests->items[i].path;
        }
    }
    return path;
}

static char *dup_path(const struct manifests *manifests, const char *driver)
{
    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        const char *path = NULL;

        if (strcmp(libraries[i].driver, driver) == 0)
            path = find(manifests, libraries[i].library);
        if (path)
            return nvb_xstrdup(path);
    }
    return NULL;
}

char *nvb_vulkan_icd_dup_path(const struct nvb_host *host, const char *driver)
{
    struct manifests manifests = { 0 };
    char *path = NULL;

    manifests_read(host, &manifests);
    path = dup_path(&manifests, driver);
    manifests_clear(&manifests);
    return path;
}

static void fill(const struct manifests *manifests, struct nvb_gpu *gpu)
{
    if (!gpu->vulkan_icd && gpu->driver)
        gpu->vulkan_icd = dup_path(manifests, gpu->driver);
}

void nvb_gpus_find_vulkan(const struct nvb_host *host, struct nvb_gpus *gpus)
{
    struct manifests manifests = { 0 };
    bool is_read = false;

    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i].vulkan_icd || !gpus->items[i].driver)
            continue;
        if (!is_read)
            manifests_read(host, &manifests);
        is_read = true;
        fill(&manifests, &gpus->items[i]);
    }
    manifests_clear(&manifests);
}

void nvb_gpus_find_vulkan_and_software(const struct nvb_host *host, struct nvb_gpus *gpus)
{
    struct manifests manifests = { 0 };
    char *icd = NULL;

    manifests_read(host, &manifests);
    for (size_t i = 0; i < gpus->n; i++)
        fill(&manifests, &gpus->items[i]);
    icd = dup_path(&manifests, "lavapipe");
    if (icd)
        nvb_gpus_take_software(gpus, icd);
    manifests_clear(&manifests);
}
