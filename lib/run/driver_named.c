/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/driver_named.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "cdi/registry.h"

enum {
    SPEC_SIZE_MAX = 16 << 20, /* what the readers of specifications take */
};

/* As text, whatever the format: a view's name is of letters, digits, '.' and '-', which no format
 * writes in another way, and nothing else has a name like it. */
static bool is_in_file(int dir_fd, const char *file, const char *name)
{
    nvb_autofree char *text = NULL;
    nvb_auto_err err = { 0 };
    size_t len = 0;

    if (!nvb_read_file(dir_fd, file, SPEC_SIZE_MAX, &text, &len, &err))
        return err.sys_errno != ENOENT && err.kind != NVB_E_INVALID;
    return memmem(text, len, name, strlen(name)) != NULL;
}

static bool is_in_directory(const char *dir, const char *name)
{
    nvb_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    nvb_auto_strv files = { 0 };
    nvb_auto_err err = { 0 };

    if (fd < 0)
        return errno != ENOENT && errno != ENOTDIR;
    if (!nvb_list_in_root(fd, ".", &files, &err))
        return true;
    for (size_t i = 0; i < files.n; i++) {
        if (is_in_file(fd, files.items[i], name))
            return true;
    }
    return false;
}

bool nvb_driver_is_named(const char *name)
{
    for (const char *const *dir = nvb_cdi_default_dirs; *dir; dir++) {
        if (is_in_directory(*dir, name))
            return true;
    }
    return false;
}
