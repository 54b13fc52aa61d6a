/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/id_map.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum {
    TOOL_TEXT_MAX = 512,
};

bool nvb_id_map_find(const struct nvb_id_extent *extents,
                     size_t n,
                     uint32_t inside,
                     uint32_t *out_outside)
{
    for (size_t i = 0; i < n; i++) {
        if (inside >= extents[i].inside && inside - extents[i].inside < extents[i].count) {
            *out_outside = extents[i].outside + (inside - extents[i].inside);
            return true;
        }
    }
    return false;
}

static char *dup_map_text(const struct nvb_id_extent *extents, size_t n)
{
    nvb_auto_buf text = { 0 };

    for (size_t i = 0; i < n; i++)
        nvb_buf_addf(&text, "%u %u %u\n", extents[i].inside, extents[i].outside, extents[i].count);
    return nvb_steal(&text.data);
}

static bool write_proc(pid_t pid, const char *file, const char *text, struct nvb_err *err)
{
    nvb_autofree char *path = nvb_xasprintf("/proc/%d/%s", (int)pid, file);
    nvb_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
    int saved = 0;

    if (fd >= 0 && nvb_write_all(fd, text, strlen(text)))
        return true;
    saved = errno;
    nvb_fail_errno(err, NVB_D_HOST, "cannot write the container's %s", file);
    if (saved == ENOENT && access("/proc/self", F_OK) < 0)
        return nvb_hint(err, "mount -t proc proc /proc");
    if (saved == EPERM && geteuid() == 0) {
        return nvb_hint(err, "root lacks CAP_SETUID or CAP_SETGID here: give both to the "
                             "outer container, as with --cap-add SETUID --cap-add SETGID");
    }
    return false;
}

/* An ordinary user may map a group only after giving up setgroups(2). */
static bool write_maps(const struct nvb_id_map *map, pid_t pid, struct nvb_err *err)
{
    nvb_autofree char *uids = dup_map_text(map->uids, map->n_uids);
    nvb_autofree char *gids = dup_map_text(map->gids, map->n_gids);
    bool is_one = map->n_gids == 1 && map->gids[0].count == 1;

    return write_proc(pid, "uid_map", uids, err) &&
           (!is_one || write_proc(pid, "setgroups", "deny", err)) &&
           write_proc(pid, "gid_map", gids, err);
}

/* newuidmap PID INSIDE OUTSIDE COUNT... */
static bool start_tool(const char *name,
                       pid_t pid,
                       const struct nvb_id_extent *extents,
                       size_t n,
                       pid_t *out_pid,
                       int *out_output,
                       struct nvb_err *err)
{
    posix_spawn_file_actions_t actions;
    nvb_auto_strv words = { 0 };
    int ends[2] = { -1, -1 };
    int failed = 0;

    nvb_strv_add(&words, name);
    nvb_strv_addf(&words, "%d", (int)pid);
    for (size_t i = 0; i < n; i++) {
        nvb_strv_addf(&words, "%u", extents[i].inside);
        nvb_strv_addf(&words, "%u", extents[i].outside);
        nvb_strv_addf(&words, "%u", extents[i].count);
    }
    if (pipe2(ends, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_HOST, "cannot make a pipe");
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    failed = posix_spawnp(out_pid, name, &actions, NULL, words.items, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    *out_output = ends[0];
    if (!failed)
        return true;
    *out_pid = 0;
    errno = failed;
    nvb_fail_errno(err, NVB_D_HOST, "cannot start '%s'", name);
    return nvb_hint(err, "install uidmap (Debian, Ubuntu) or shadow (Arch)");
}

/* What it complained about goes into the error. */
static bool end_tool(const char *name, pid_t *pid, int *output, struct nvb_err *err)
{
    nvb_autoclose int fd = nvb_steal_fd(output);
    char text[TOOL_TEXT_MAX];
    ssize_t got = 0;
    int status = 0;

    if (*pid <= 0)
        return true;
    got = read(fd, text, sizeof(text) - 1);
    text[got > 0 ? got : 0] = '\0';
    while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
        ;
    *pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    text[strcspn(text, "\n")] = '\0';
    nvb_fail(err, NVB_D_HOST, NVB_E_DENIED, "%s",
             *text ? text : "the subordinate ids could not be mapped");
    nvb_while(err, "%s refused the subordinate ids", name);
    return nvb_hint(err,
                    "look at /etc/subuid and /etc/subgid, and that %s is setuid root or has "
                    "the capability",
                    name);
}

/* Both at the same time: each costs a millisecond. */
bool nvb_id_map_begin(const struct nvb_id_map *map,
                      pid_t pid,
                      struct nvb_id_map_work *work,
                      struct nvb_err *err)
{
    if (!map->is_helped)
        return write_maps(map, pid, err);
    return start_tool("newuidmap", pid, map->uids, map->n_uids, &work->uid_pid, &work->uid_output,
                      err) &&
           start_tool("newgidmap", pid, map->gids, map->n_gids, &work->gid_pid, &work->gid_output,
                      err);
}

/* One error is enough, and it may have been told at the beginning. */
bool nvb_id_map_end(struct nvb_id_map_work *work, struct nvb_err *err)
{
    nvb_auto_err second = { 0 };
    bool is_told = err->n_lines > 0;
    bool is_uids =
        end_tool("newuidmap", &work->uid_pid, &work->uid_output, is_told ? &second : err);

    return end_tool("newgidmap", &work->gid_pid, &work->gid_output,
                    is_told || !is_uids ? &second : err) &&
           is_uids && !is_told;
}
