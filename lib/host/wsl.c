/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/wsl.h"

#include <string.h>

enum {
    STORES_MAX = 256,
};

/* Packages of some distributions put the loader libraries elsewhere than Windows mounts them. */
static const char *const library_dirs[] = { "/usr/lib/wsl/lib", "/usr/lib/x86_64-linux-gnu",
                                            "/usr/lib64", "/usr/lib", "/run/opengl-driver/lib" };

static char *dup_library(const struct nvb_host *host, const char *name)
{
    for (size_t i = 0; i < sizeof(library_dirs) / sizeof(library_dirs[0]); i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", library_dirs[i], name);

        if (nvb_host_exists(host, path))
            return nvb_steal(&path);
    }
    return NULL;
}

static void read_stores(const struct nvb_host *host, struct nvb_wsl *wsl)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(host->root_fd, "/usr/lib/wsl/drivers", &names, &ignored);
    for (size_t i = 0; i < names.n && i < STORES_MAX; i++) {
        nvb_autofree char *store = nvb_xasprintf("/usr/lib/wsl/drivers/%s", names.items[i]);
        nvb_autofree char *libcuda = nvb_xasprintf("%s/libcuda.so.1.1", store);

        if (nvb_host_exists(host, libcuda)) {
            nvb_strv_take(&wsl->stores, nvb_steal(&store));
        } else {
            wsl->n_other_stores++;
        }
    }
}

void nvb_wsl_read(const struct nvb_host *host, struct nvb_wsl *out)
{
    struct nvb_wsl wsl = { 0 };

    wsl.kernel_release = nvb_host_dup_line(host, "/proc/sys/kernel/osrelease");
    wsl.has_dxg = nvb_host_is_node(host, "/dev/dxg");
    wsl.is_wsl = wsl.has_dxg || (wsl.kernel_release && strcasestr(wsl.kernel_release, "microsoft"));
    if (wsl.is_wsl) {
        wsl.dxcore = dup_library(host, "libdxcore.so");
        wsl.libcuda = dup_library(host, "libcuda.so.1");
        wsl.nvml = dup_library(host, "libnvidia-ml.so.1");
        read_stores(host, &wsl);
    }
    *out = wsl;
}

void nvb_wsl_clear(struct nvb_wsl *wsl)
{
    free(wsl->kernel_release);
    free(wsl->dxcore);
    free(wsl->libcuda);
    free(wsl->nvml);
    nvb_strv_clear(&wsl->stores);
    *wsl = (struct nvb_wsl){ 0 };
}
