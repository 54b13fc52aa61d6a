/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_parent.h - the directory that an entry of an archive stands in, below one directory.
 *
 * Resolved with openat2(RESOLVE_IN_ROOT), so links lead to places inside. What is missing on the way is
 * made, also where a link of the archive will lead: archives use directories that they describe later
 * or never. These are remembered, since they shall look as in the layers below. */
#pragma once

#include "base/text.h"
#include "path_set.h"

struct tree_parent {
    int root_fd; /* borrowed */
    char *path;  /* owned; of the last one, NULL for none */
    int fd;      /* owned; of the same */
    struct path_set implied;
};

void tree_parent_init(struct tree_parent *parent, int root_fd);
void tree_parent_clear(struct tree_parent *parent);

/* The last one may be gone. */
void tree_parent_forget(struct tree_parent *parent);

/* The directory of `path`, made if need be and open until the next call, and the path's last part. -1
 * with the error set. */
int tree_parent_open(struct tree_parent *parent,
                     const char *path,
                     const char **out_name,
                     struct nvb_err *err);

/* A directory itself: one that is there, or one made like those; yours to close. -1 with errno. */
int tree_parent_find(const struct tree_parent *parent, const char *path);
int tree_parent_make(struct tree_parent *parent, const char *path);
