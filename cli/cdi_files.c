/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi_files.h"

#include "cdi/registry.h"

void cdi_files_find(const struct nvb_host *host,
                    int n_words,
                    char *const *words,
                    struct nvb_strv *out_paths)
{
    for (int i = 0; i < n_words; i++)
        nvb_strv_add(out_paths, words[i]);
    for (const char *const *dir = nvb_cdi_default_dirs; n_words == 0 && *dir; dir++) {
        nvb_auto_strv names = { 0 };
        nvb_auto_err absent = { 0 };

        if (!nvb_list_in_root(host->root_fd, *dir, &names, &absent))
            continue;
        for (size_t i = 0; i < names.n; i++) {
            if (nvb_has_suffix(names.items[i], ".json") || nvb_has_suffix(names.items[i], ".yaml"))
                nvb_strv_addf(out_paths, "%s/%s", *dir, names.items[i]);
        }
    }
}
