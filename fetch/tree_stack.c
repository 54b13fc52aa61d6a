/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "tree_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "whiteout.h"

enum {
    DEPTH_MAX = 1500,
    LINKS_MAX = 40, /* as the kernel's own */
};

void tree_stack_add(struct tree_stack *stack, int take_fd)
{
    stack->fds = nvb_xrealloc(stack->fds, stack->n + 1, sizeof(*stack->fds));
    stack->fds[stack->n++] = take_fd;
}

void tree_stack_clear(struct tree_stack *stack)
{
    for (size_t i = 0; i < stack->n; i++)
        (void)close(stack->fds[i]);
    free(stack->fds);
    *stack = (struct tree_stack){ 0 };
}

void tree_found_clear(struct tree_found *found)
{
    tree_stack_clear(&found->directories);
    if (found->parent_fd >= 0)
        (void)close(found->parent_fd);
    found->parent_fd = -1;
}

/* What one directory says of the name; *out_is_last: what is below it does not count. */
static bool
look(int dir_fd, const char *name, struct tree_found *found, bool *out_is_last, struct stat *st)
{
    int fd = -1;

    *out_is_last = false;
    if (fstatat(dir_fd, name, st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT;
    *out_is_last = !S_ISDIR(st->st_mode);
    if (!S_ISDIR(st->st_mode))
        return true;
    fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (found->directories.n == 0)
        found->st = *st;
    tree_stack_add(&found->directories, fd);
    *out_is_last = opaque_is(fd);
    return true;
}

bool tree_stack_find(const struct tree_stack *stack, const char *name, struct tree_found *out)
{
    auto_tree_found found = { .parent_fd = -1 };
    bool is_last = false;

    for (size_t i = 0; i < stack->n && !is_last; i++) {
        struct stat st;

        if (!look(stack->fds[i], name, &found, &is_last, &st))
            return false;
        if (!is_last || S_ISDIR(st.st_mode) || whiteout_is(&st) || found.directories.n > 0)
            continue;
        found.parent_fd = fcntl(stack->fds[i], F_DUPFD_CLOEXEC, 0);
        if (found.parent_fd < 0)
            return false;
        found.st = st;
    }
    if (found.directories.n == 0 && found.parent_fd < 0) {
        errno = ENOENT;
        return false;
    }
    *out = found;
    found = (struct tree_found){ .parent_fd = -1 };
    return true;
}

bool tree_stack_find_path(const struct tree_stack *stack, const char *path, struct tree_found *out)
{
    nvb_autofree char *copy = nvb_xstrdup(path);
    auto_tree_found found = { .parent_fd = -1 };
    const struct tree_stack *here = stack;
    char *rest = copy;

    for (char *name = NULL; (name = strsep(&rest, "/"));) {
        auto_tree_found next = { .parent_fd = -1 };

        if (here->n == 0) {
            errno = ENOTDIR;
            return false;
        }
        if (!tree_stack_find(here, name, &next))
            return false;
        tree_found_clear(&found);
        found = next;
        next = (struct tree_found){ .parent_fd = -1 };
        here = &found.directories;
    }
    *out = found;
    found = (struct tree_found){ .parent_fd = -1 };
    return true;
}

/* A path on its way: what is behind without links, and what is still ahead. */
struct way {
    struct nvb_strv done;
    char *rest; /* owned */
    bool follows_last;
    unsigned n_links;
};

static void way_clear(struct way *way)
{
    nvb_strv_clear(&way->done);
    free(way->rest);
}

static void go_up(struct way *way)
{
    if (way->done.n > 0) {
        free(way->done.items[--way->done.n]);
        way->done.items[way->done.n] = NULL;
    }
}

/* The link that stands at the end of what is behind: its target is ahead now. */
static bool follow(struct way *way, const struct tree_found *found)
{
    char target[PATH_MAX];
    const char *name = way->done.items[way->done.n - 1];
    ssize_t len = readlinkat(found->parent_fd, name, target, sizeof(target) - 1);
    char *rest = NULL;

    if (len < 0)
        return false;
    target[len] = '\0';
    if (++way->n_links > LINKS_MAX || (size_t)len + strlen(way->rest) >= PATH_MAX) {
        errno = ELOOP;
        return false;
    }
    go_up(way);
    while (target[0] == '/' && way->done.n > 0)
        go_up(way);
    rest = nvb_xasprintf("%s%s", target, way->rest);
    free(way->rest);
    way->rest = rest;
    return true;
}

static bool is_end(const char *rest)
{
    return rest[strspn(rest, "/")] == '\0';
}

/* One part further. */
static bool step(const struct tree_stack *stack, struct way *way)
{
    nvb_autofree char *rest = nvb_steal(&way->rest);
    const char *begin = rest + strspn(rest, "/");
    size_t len = strcspn(begin, "/");
    nvb_autofree char *name = nvb_xstrndup(begin, len);
    nvb_autofree char *path = NULL;
    auto_tree_found found = { .parent_fd = -1 };

    way->rest = nvb_xstrdup(begin + len);
    if (!*name || strcmp(name, ".") == 0)
        return true;
    if (strcmp(name, "..") == 0) {
        go_up(way);
        return true;
    }
    nvb_strv_add(&way->done, name);
    path = nvb_strv_join(&way->done, "/");
    if (!tree_stack_find_path(stack, path, &found))
        return false;
    if (found.directories.n == 0 && S_ISLNK(found.st.st_mode) && (*way->rest || way->follows_last))
        return follow(way, &found);
    errno = ENOTDIR;
    return found.directories.n > 0 || !*way->rest;
}

char *tree_stack_dup_path(const struct tree_stack *stack, const char *path, bool follows_last)
{
    __attribute__((cleanup(way_clear))) struct way way = { .rest = nvb_xstrdup(path),
                                                           .follows_last = follows_last };

    while (!is_end(way.rest)) {
        if (!step(stack, &way))
            return NULL;
    }
    return way.done.n > 0 ? nvb_strv_join(&way.done, "/") : nvb_xstrdup("");
}

/* Every name in any of them, once. */
static bool list(const struct tree_stack *stack, struct nvb_strv *out, struct nvb_err *err)
{
    nvb_auto_strv all = { 0 };

    for (size_t i = 0; i < stack->n; i++) {
        if (!nvb_list_in_root(stack->fds[i], ".", &all, err))
            return false;
    }
    nvb_strv_sort(&all);
    for (size_t i = 0; i < all.n; i++) {
        if (i == 0 || strcmp(all.items[i], all.items[i - 1]) != 0)
            nvb_strv_add(out, all.items[i]);
    }
    return true;
}

static bool pack(const struct tree_stack *stack,
                 struct tree_packer *packer,
                 const char *path,
                 unsigned depth,
                 struct nvb_err *err);

static bool pack_name(const struct tree_stack *stack,
                      struct tree_packer *packer,
                      const char *name,
                      const char *path,
                      unsigned depth,
                      struct nvb_err *err)
{
    auto_tree_found found = { .parent_fd = -1 };

    if (!tree_stack_find(stack, name, &found))
        return errno == ENOENT || nvb_fail_errno(err, NVB_D_IMAGE, "cannot read '%s'", path);
    return found.directories.n > 0
               ? pack(&found.directories, packer, path, depth + 1, err)
               : tree_pack_one(packer, found.parent_fd, name, path, &found.st, err);
}

static bool pack(const struct tree_stack *stack,
                 struct tree_packer *packer,
                 const char *path,
                 unsigned depth,
                 struct nvb_err *err)
{
    nvb_auto_strv names = { 0 };

    if (depth > DEPTH_MAX)
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_UNSUPPORTED, "'%s' is deeper than %d directories",
                        path, DEPTH_MAX);
    if (!list(stack, &names, err) || !tree_pack_directory(packer, stack->fds[0], path, err))
        return false;
    for (size_t i = 0; i < names.n; i++) {
        nvb_autofree char *child = nvb_xasprintf("%s%s%s", path, *path ? "/" : "", names.items[i]);

        if (!pack_name(stack, packer, names.items[i], child, depth, err))
            return false;
    }
    return true;
}

bool tree_stack_pack(const struct tree_stack *stack,
                     struct tree_packer *packer,
                     const char *path,
                     struct nvb_err *err)
{
    return pack(stack, packer, path, 0, err);
}
