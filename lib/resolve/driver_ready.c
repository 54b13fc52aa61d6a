/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "resolve/driver_ready.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "resolve/driver_view.h"

bool nvb_driver_is_ready(const char *dir, const char *name, uid_t owner)
{
    nvb_autofree char *manifest = nvb_xasprintf("%s/%s/" NVB_VIEW_MANIFEST, dir, name);
    struct stat st;

    return lstat(manifest, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == owner;
}

char *
nvb_driver_ready_dup_name(const char *dir, const char *version, unsigned capabilities, uid_t owner)
{
    nvb_autofree char *prefix = nvb_xasprintf("%s-%02x-", version, capabilities);
    nvb_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (fd < 0 || !nvb_list_in_root(fd, ".", &names, &ignored))
        return NULL;
    for (size_t i = 0; i < names.n; i++) {
        if (nvb_has_prefix(names.items[i], prefix) &&
            nvb_driver_is_ready(dir, names.items[i], owner))
            return nvb_xstrdup(names.items[i]);
    }
    return NULL;
}
