/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tree_stack.h - directories that lie upon each other, packed as overlayfs would show them.
 *
 * Nothing is mounted: the jail may not. Whiteouts and opaque directories are heeded, links are packed
 * and never followed. */
#pragma once

#include "tree_pack.h"

struct tree_stack {
    int *fds; /* owned; of directories that can be read, the uppermost first */
    size_t n;
};

void tree_stack_add(struct tree_stack *stack, int take_fd); /* below the others */
void tree_stack_clear(struct tree_stack *stack);
#define auto_tree_stack __attribute__((cleanup(tree_stack_clear))) struct tree_stack

/* What a name is in the directory that they make together. */
struct tree_found {
    struct tree_stack directories; /* n > 0: a directory, of these */
    int parent_fd;                 /* owned; of anything else: where it is; -1 */
    struct stat st;
};

void tree_found_clear(struct tree_found *found);
#define auto_tree_found __attribute__((cleanup(tree_found_clear))) struct tree_found

/* False with errno; ENOENT when there is none. */
bool tree_stack_find(const struct tree_stack *stack, const char *name, struct tree_found *out);

/* Where "/a/../link/x" is: its path without links, but for the last part unless `follows_last`; "" for
 * the root. NULL with errno when there is nothing; no link leads out. */
char *tree_stack_dup_path(const struct tree_stack *stack, const char *path, bool follows_last);

/* What is at such a path, which must not be "". */
bool tree_stack_find_path(const struct tree_stack *stack, const char *path, struct tree_found *out);

/* The directory and all below it; `path` is what it is called in the archive, "" for its root. */
bool tree_stack_pack(const struct tree_stack *stack,
                     struct tree_packer *packer,
                     const char *path,
                     struct nvb_err *err);
