/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TREES_MAX = 16,
};

static char base[64];             /* holds every tree of this process */
static char paths[TREES_MAX][96]; /* what tree_new() handed out */
static size_t n_paths;
static pid_t owner; /* a forked child must not remove its parent's tree */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_tree(void)
{
    if (getpid() == owner)
        (void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_base(void)
{
    (void)snprintf(base, sizeof(base), "/tmp/nvbind-test-XXXXXX");
    owner = getpid();
    if (!mkdtemp(base) || atexit(remove_tree) != 0)
        abort();
}

const char *tree_new(void)
{
    char *path = NULL;

    if (!*base)
        make_base();
    if (n_paths == TREES_MAX)
        abort();
    path = paths[n_paths];
    (void)snprintf(path, sizeof(paths[0]), "%s/%zu", base, n_paths++);
    if (mkdir(path, 0755) < 0)
        abort();
    return path;
}

static void make_parents(char *path)
{
    for (char *p = path + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        (void)mkdir(path, 0755);
        *p = '/';
    }
}

static void join(const char *tree, const char *path, char out[4096])
{
    if (snprintf(out, 4096, "%s/%s", tree, path) >= 4096)
        abort();
    make_parents(out);
}

void tree_put(const char *tree, const char *path, const char *text)
{
    char full[4096];
    FILE *f = NULL;

    join(tree, path, full);
    f = fopen(full, "we");
    if (!f || fputs(text, f) == EOF || fclose(f) != 0)
        abort();
}

void tree_link(const char *tree, const char *path, const char *target)
{
    char full[4096];

    join(tree, path, full);
    if (symlink(target, full) < 0)
        abort();
}

void tree_fifo(const char *tree, const char *path)
{
    char full[4096];

    join(tree, path, full);
    if (mkfifo(full, 0644) < 0)
        abort();
}

void tree_mkdir(const char *tree, const char *path)
{
    char full[4096];

    join(tree, path, full);
    if (mkdir(full, 0755) < 0)
        abort();
}
