/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "cdi_files.h"

#include <string.h>
#include <unistd.h>

#include "cdi/registry.h"

#define RECIPE ".nvbind"

static bool is_specification(const char *name)
{
    return nvb_has_suffix(name, ".json") || nvb_has_suffix(name, ".yaml");
}

/* Of one that is gone the recipe may be left, and says that it should be there. */
static void add_if_specification(const char *dir,
                                 const struct nvb_strv *names,
                                 const char *name,
                                 struct nvb_strv *out_paths)
{
    size_t len = strlen(name) - (nvb_has_suffix(name, RECIPE) ? strlen(RECIPE) : 0);
    nvb_autofree char *own = nvb_xstrndup(name, len);

    if (is_specification(own) && (strcmp(own, name) == 0 || !nvb_strv_has(names, own)))
        nvb_strv_addf(out_paths, "%s/%s", dir, own);
}

/* A name is meant from where the caller stands; below another root there is no such place. */
static void add_word(const struct nvb_host *host, const char *word, struct nvb_strv *out_paths)
{
    nvb_autofree char *here =
        host->is_live && *word != '/' ? getcwd(NULL, 0) : NULL; /* NULL: deleted under us */

    if (here) {
        nvb_strv_addf(out_paths, "%s/%s", here, word);
    } else {
        nvb_strv_add(out_paths, word);
    }
}

void cdi_files_find(const struct nvb_host *host,
                    int n_words,
                    char *const *words,
                    struct nvb_strv *out_paths)
{
    for (int i = 0; i < n_words; i++)
        add_word(host, words[i], out_paths);
    for (const char *const *dir = nvb_cdi_default_dirs; n_words == 0 && *dir; dir++) {
        nvb_auto_strv names = { 0 };
        nvb_auto_err absent = { 0 };

        if (!nvb_list_in_root(host->root_fd, *dir, &names, &absent))
            continue;
        for (size_t i = 0; i < names.n; i++)
            add_if_specification(*dir, &names, names.items[i], out_paths);
    }
}
