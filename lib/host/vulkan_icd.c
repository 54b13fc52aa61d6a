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

/* The Vulkan loader's directories, in its order. */
static const char *const dirs[] = {
    "/usr/local/etc/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/usr/share/vulkan/icd.d",
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

static enum fit read_manifest(const struct nvb_host *host,
                              const char *path,
                              const char *name,
                              const char *library_prefix)
{
    nvb_autofree char *text = nvb_host_dup_text(host, path, MANIFEST_MAX);
    nvb_autoptr(nvb_json) json = NULL;
    nvb_auto_err ignored = { 0 }; /* the loader skips a broken manifest too */
    const struct nvb_json *icd = NULL;
    const char *library = NULL;
    const char *slash = NULL;

    if (!text || !strstr(text, library_prefix)) /* most are other drivers': no need to parse */
        return FIT_NONE;
    if (!nvb_json_parse(text, strlen(text), path, &json, &ignored))
        return FIT_NONE;
    icd = nvb_json_get(json, "ICD");
    library = nvb_json_get_str(icd, "library_path");
    slash = library ? strrchr(library, '/') : NULL;
    if (!library || !nvb_has_prefix(slash ? slash + 1 : library, library_prefix))
        return FIT_NONE;
    return judge(name, nvb_json_get_str(icd, "library_arch"));
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

struct candidate {
    enum fit fit;
    char *path; /* owned */
};

static void look_in(const struct nvb_host *host,
                    const char *dir,
                    const char *library_prefix,
                    struct candidate *best)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    (void)nvb_list_in_root(host->root_fd, dir, &names, &ignored);
    for (size_t i = 0; i < names.n && best->fit < FIT_OWN; i++) {
        nvb_autofree char *path = nvb_xasprintf("%s/%s", dir, names.items[i]);
        enum fit fit = FIT_NONE;

        if (is_manifest_name(names.items[i]))
            fit = read_manifest(host, path, names.items[i], library_prefix);
        if (fit > best->fit) {
            best->fit = fit;
            free(best->path);
            best->path = nvb_steal(&path);
        }
    }
}

char *nvb_vulkan_icd_dup_path(const struct nvb_host *host, const char *library_prefix)
{
    struct candidate best = { 0 };

    for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && best.fit < FIT_OWN; i++)
        look_in(host, dirs[i], library_prefix, &best);
    return best.path;
}
