/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "nvbind/cdi.h"
#include "resolve/cdi_recipe.h"

static bool check_vendor(const char *vendor, struct nvb_err *err)
{
    static const char *const vendors[] = { "nvidia", "amd", "intel" };

    for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
        if (!vendor || strcmp(vendor, vendors[i]) == 0)
            return true;
    }
    nvb_fail(err, NVB_D_RESOLVE, NVB_E_INVALID, "'%s' is no vendor", vendor);
    return nvb_hint(err, "use one of: nvidia, amd, intel");
}

static char *dup_or_null(const char *s)
{
    return s ? nvb_xstrdup(s) : NULL;
}

bool nvb_cdi_describe(const struct nvb_host *host,
                      const struct nvb_cdi_options *options,
                      char **out_text,
                      struct nvb_err *err)
{
    const struct nvb_cdi_options o = options ? *options : (struct nvb_cdi_options){ 0 };
    nvb_auto_cdi_recipe recipe = {
        .profile = dup_or_null(o.profile),
        .vendor = dup_or_null(o.vendor),
        .capabilities = dup_or_null(o.capabilities),
        .has_no_nvml = o.has_no_nvml,
        .is_yaml = o.is_yaml,
    };
    nvb_auto_cdi_made made = { 0 };

    if (!check_vendor(o.vendor, err) || !nvb_cdi_recipe_follow(&recipe, host, &made, err))
        return false;
    *out_text = nvb_cdi_recipe_dup_text(&recipe, made.spec);
    return true;
}
