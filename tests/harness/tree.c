/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "test.h"

enum {
    TREES_MAX = 16,
};

static char base[64];             /* holds every tree of one test */
static char paths[TREES_MAX][96]; /* what tree_new() handed out */
static size_t n_paths;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* A directory that a test closed must be entered to be emptied. */
static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (type == FTW_DNR)
        (void)chmod(path, 0700);
    return 0;
}

void tree_begin(void)
{
    (void)snprintf(base, sizeof(base), "/tmp/nvbind-test-XXXXXX");
    if (!mkdtemp(base) || chmod(base, 0711) < 0) /* a test may become another user */
        abort();
}

/* What another process of the test still writes, or what is closed in layers, takes a few tries;
 * mounts are not crossed, so that one left behind is never emptied. */
void tree_end(void)
{
    for (int tries = 0; tries < 4 && access(base, F_OK) == 0; tries++) {
        (void)nftw(base, open_up, 16, FTW_PHYS | FTW_MOUNT);
        (void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    }
}

const char *tree_new(void)
{
    char *path = NULL;

    if (n_paths == TREES_MAX)
        abort();
    path = paths[n_paths];
    (void)snprintf(path, sizeof(paths[0]), "%s/%zu", base, n_paths++);
    if (mkdir(path, 0755) < 0)
        abort();
    return path;
}

int tree_open_nameless(void)
{
    char path[128];
    int fd = -1;

    (void)snprintf(path, sizeof(path), "%s/nameless", tree_new());
    fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600); /* a child may need it: no O_CLOEXEC */
    if (fd < 0 || unlink(path) < 0)
        abort();
    return fd;
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

void tree_node(const char *tree, const char *path, unsigned major, unsigned minor)
{
    char full[4096];

    join(tree, path, full);
    if (mknod(full, S_IFCHR | 0600, makedev(major, minor)) < 0)
        abort();
}

/* A bound socket outlives its descriptor. */
void tree_socket(const char *tree, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char full[4096];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    join(tree, path, full);
    if (strlen(full) >= sizeof(address.sun_path))
        abort();
    memcpy(address.sun_path, full, strlen(full));
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        abort();
    (void)close(fd);
}

/* With /proc, since the sanitizers look into it when a process ends. */
void tree_enter(const char *tree)
{
    int others = geteuid() == 0 ? 0 : CLONE_NEWUSER;
    char proc[4096];

    join(tree, "proc", proc);
    if (mkdir(proc, 0755) < 0)
        abort();
    if (unshare(CLONE_NEWNS | others) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("/proc", proc, NULL, MS_BIND | MS_REC, NULL) < 0)
        SKIP("needs root or a user namespace to change the root");
    if (chroot(tree) < 0 || chdir("/") < 0)
        abort();
}
