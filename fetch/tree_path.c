/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_path.h"

#include <limits.h>
#include <string.h>

char *tree_path_clean(const char *path, struct nvb_err *err)
{
    nvb_autofree char *clean = NULL;
    size_t len = 0;

    if (strlen(path) >= PATH_MAX) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "a path of %zu bytes: '%.60s...'", strlen(path),
                 path);
        return NULL;
    }
    clean = nvb_xcalloc(strlen(path) + 1, 1);
    for (const char *p = path; *p;) {
        size_t n = strcspn(p, "/");

        if (n == 2 && memcmp(p, "..", 2) == 0) {
            nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID, "a path with '..': '%s'", path);
            return NULL;
        }
        if (n > 0 && !(n == 1 && *p == '.')) {
            if (len > 0)
                clean[len++] = '/';
            memcpy(clean + len, p, n);
            len += n;
        }
        p += n + (p[n] == '/');
    }
    return nvb_steal(&clean);
}
