/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/memory.h"

#include <fcntl.h>
#include <string.h>

#include "base/dirs.h"
#include "base/file.h"

enum {
    MEMO_MAX = 4096,
};

static char *dup_path(void)
{
    nvb_autofree char *dir = nvb_dir_dup_run();

    return dir ? nvb_xasprintf("%s/displays", dir) : NULL;
}

void nvb_memory_recall(struct nvb_memo *memo)
{
    nvb_autofree char *path = dup_path();

    if (path)
        memo->text = nvb_dup_own_text(path, MEMO_MAX);
}

void nvb_memory_keep(const struct nvb_memo *memo)
{
    nvb_autofree char *path = memo->new_text ? dup_path() : NULL;
    nvb_autofree char *dir = path ? nvb_xstrndup(path, (size_t)(strrchr(path, '/') - path)) : NULL;
    nvb_auto_err ignored = { 0 };

    if (path && nvb_mkdirs(dir, &ignored))
        (void)nvb_write_file(AT_FDCWD, path, memo->new_text, strlen(memo->new_text), 0600,
                             &ignored);
}
