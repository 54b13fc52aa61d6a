/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "image/store_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

#define IDS_FILE "ids.json"

enum {
    FILE_MAX = 64 << 10,
    ACCOUNTS_MAX = 16 << 20,
    TOOL_TEXT_MAX = 512,
};

static const char *const kind_names[] = {
    [NVB_IDS_SINGLE] = "single",
    [NVB_IDS_FULL] = "full",
    [NVB_IDS_RANGE] = "range",
};

static bool has_program(const char *name)
{
    const char *path = getenv("PATH");
    const char *p = path ? path : "/usr/bin:/bin";

    while (*p) {
        size_t len = strcspn(p, ":");
        nvb_autofree char *file = nvb_xasprintf("%.*s/%s", (int)len, p, name);

        if (*p == '/' && access(file, X_OK) == 0)
            return true;
        p += len + (p[len] == ':');
    }
    return false;
}

/* The user's subordinate ids behind the own one; 0 when there are none. */
static size_t read_subordinate(const char *path, uint32_t own, struct nvb_id_extent *out)
{
    const struct passwd *entry = getpwuid(geteuid()); // NOLINT(concurrency-mt-unsafe): at the start
    nvb_autofree char *text = NULL;
    nvb_auto_err absent = { 0 };
    size_t n = 0;

    out[0] = (struct nvb_id_extent){ .inside = 0, .outside = own, .count = 1 };
    if (!nvb_read_file(AT_FDCWD, path, ACCOUNTS_MAX, &text, NULL, &absent))
        return 0;
    n = nvb_id_range_subordinate(text, entry ? entry->pw_name : NULL, geteuid(), out + 1,
                                 NVB_ID_EXTENTS_MAX - 1);
    return n > 0 ? n + 1 : 0;
}

static bool choose_full(struct nvb_store_ids *out)
{
    if (geteuid() == 0 || !has_program("newuidmap") || !has_program("newgidmap"))
        return false;
    out->n_uids = read_subordinate("/etc/subuid", geteuid(), out->uids);
    out->n_gids = read_subordinate("/etc/subgid", getegid(), out->gids);
    return out->n_uids > 0 && out->n_gids > 0;
}

static void set_all(struct nvb_store_ids *out,
                    enum nvb_store_ids_kind kind,
                    struct nvb_id_extent uid,
                    struct nvb_id_extent gid)
{
    *out = (struct nvb_store_ids){
        .kind = kind, .uids = { uid }, .n_uids = 1, .gids = { gid }, .n_gids = 1
    };
}

bool nvb_store_ids_choose(struct nvb_store_ids *out, struct nvb_err *err)
{
    bool is_range = false;
    unsigned base = 0;

    if (!nvb_id_range_has(&is_range, err) || (is_range && !nvb_id_range_find(&base, err)))
        return false;
    *out = (struct nvb_store_ids){ 0 };
    if (is_range) {
        struct nvb_id_extent all = { .inside = 0, .outside = base, .count = NVB_ID_RANGE };

        set_all(out, NVB_IDS_RANGE, all, all);
    } else if (choose_full(out)) {
        out->kind = NVB_IDS_FULL;
    } else {
        set_all(out, NVB_IDS_SINGLE, (struct nvb_id_extent){ 0, geteuid(), 1 },
                (struct nvb_id_extent){ 0, getegid(), 1 });
    }
    return true;
}

static struct nvb_json *extents_to_json(const struct nvb_id_extent *extents, size_t n)
{
    struct nvb_json *list = nvb_json_new_array();

    for (size_t i = 0; i < n; i++) {
        struct nvb_json *row = nvb_json_new_array();

        nvb_json_append(row, nvb_json_new_u64(extents[i].inside));
        nvb_json_append(row, nvb_json_new_u64(extents[i].outside));
        nvb_json_append(row, nvb_json_new_u64(extents[i].count));
        nvb_json_append(list, row);
    }
    return list;
}

bool nvb_store_ids_write(int store_fd, const struct nvb_store_ids *ids, struct nvb_err *err)
{
    nvb_autoptr(nvb_json) json = nvb_json_new_object();
    nvb_autofree char *text = NULL;

    nvb_json_set_str(json, "kind", kind_names[ids->kind]);
    nvb_json_set(json, "uids", extents_to_json(ids->uids, ids->n_uids));
    nvb_json_set(json, "gids", extents_to_json(ids->gids, ids->n_gids));
    text = nvb_json_dup_text(json, false);
    return nvb_write_file(store_fd, IDS_FILE, text, strlen(text), 0644, err);
}

static bool read_number(const struct nvb_json *row, size_t i, uint32_t *out)
{
    uint64_t number = 0;

    if (!nvb_json_read_u64(nvb_json_at(row, i), &number) || number > UINT32_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool extents_from_json(const struct nvb_json *list, struct nvb_id_extent *out, size_t *out_n)
{
    size_t n = nvb_json_length(list);

    if (n == 0 || n > NVB_ID_EXTENTS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct nvb_json *row = nvb_json_at(list, i);

        if (nvb_json_length(row) != 3 || !read_number(row, 0, &out[i].inside) ||
            !read_number(row, 1, &out[i].outside) || !read_number(row, 2, &out[i].count))
            return false;
    }
    *out_n = n;
    return out[0].inside == 0;
}

static bool from_json(const struct nvb_json *json, struct nvb_store_ids *out)
{
    const char *kind = nvb_json_get_str(json, "kind");

    for (size_t i = NVB_IDS_SINGLE; kind && i <= NVB_IDS_RANGE; i++) {
        if (strcmp(kind, kind_names[i]) == 0)
            out->kind = (enum nvb_store_ids_kind)i;
    }
    return out->kind != 0 &&
           extents_from_json(nvb_json_get(json, "uids"), out->uids, &out->n_uids) &&
           extents_from_json(nvb_json_get(json, "gids"), out->gids, &out->n_gids);
}

bool nvb_store_ids_read(int store_fd, struct nvb_store_ids *out, struct nvb_err *err)
{
    nvb_autofree char *text = NULL;
    nvb_autoptr(nvb_json) json = NULL;
    struct nvb_store_ids ids = { 0 };
    size_t len = 0;

    if (!nvb_read_file(store_fd, IDS_FILE, FILE_MAX, &text, &len, err) ||
        !nvb_json_parse(text, len, IDS_FILE, &json, err))
        return false;
    if (!from_json(json, &ids))
        return nvb_fail(err, NVB_D_IMAGE, NVB_E_INVALID,
                        "'" IDS_FILE "' does not say whose ids the images' files have");
    *out = ids;
    return true;
}

static bool covers(const struct nvb_id_extent *have,
                   size_t n_have,
                   const struct nvb_id_extent *want,
                   size_t n_want)
{
    for (size_t i = 0; i < n_want; i++) {
        bool is_there = false;

        for (size_t j = 0; j < n_have && !is_there; j++)
            is_there =
                have[j].outside <= want[i].outside && (uint64_t)have[j].outside + have[j].count >=
                                                          (uint64_t)want[i].outside + want[i].count;
        if (!is_there)
            return false;
    }
    return true;
}

bool nvb_store_ids_check(const struct nvb_store_ids *ids, struct nvb_err *err)
{
    struct nvb_id_extent uids[NVB_ID_EXTENTS_MAX];
    struct nvb_id_extent gids[NVB_ID_EXTENTS_MAX];
    size_t n_uids = 0;
    size_t n_gids = 0;

    if (ids->kind == NVB_IDS_RANGE && geteuid() != 0) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "the store belongs to root");
        return nvb_hint(err, "run nvbind as root, or without NVBIND_STORE to use your own");
    }
    if (ids->kind != NVB_IDS_RANGE && ids->uids[0].outside != geteuid()) {
        nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "the store belongs to user %u",
                 ids->uids[0].outside);
        return nvb_hint(err, "run nvbind as that user, or without NVBIND_STORE to use your own");
    }
    if (ids->kind != NVB_IDS_FULL)
        return true;
    n_uids = read_subordinate("/etc/subuid", ids->uids[0].outside, uids);
    n_gids = read_subordinate("/etc/subgid", ids->gids[0].outside, gids);
    if (covers(uids, n_uids, ids->uids, ids->n_uids) &&
        covers(gids, n_gids, ids->gids, ids->n_gids))
        return true;
    nvb_fail(err, NVB_D_IMAGE, NVB_E_CONFLICT,
             "the files of the store have subordinate ids that are not yours any longer");
    return nvb_hint(
        err, "give back %u:%u to /etc/subuid and %u:%u to /etc/subgid, or remove the store",
        ids->uids[1].outside, ids->uids[1].count, ids->gids[1].outside, ids->gids[1].count);
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

    if (fd >= 0 && nvb_write_all(fd, text, strlen(text)))
        return true;
    return nvb_fail_errno(err, NVB_D_IMAGE, "cannot write '%s'", path);
}

static bool write_maps(const struct nvb_store_ids *ids, pid_t pid, struct nvb_err *err)
{
    nvb_autofree char *uids = dup_map_text(ids->uids, ids->n_uids);
    nvb_autofree char *gids = dup_map_text(ids->gids, ids->n_gids);

    /* An ordinary user may map a group only after giving up setgroups(2). */
    return write_proc(pid, "uid_map", uids, err) &&
           (ids->kind == NVB_IDS_RANGE || write_proc(pid, "setgroups", "deny", err)) &&
           write_proc(pid, "gid_map", gids, err);
}

/* newuidmap PID INSIDE OUTSIDE COUNT... */
struct tool {
    const char *name;
    pid_t pid;
    int output; /* of its complaints */
};

static bool start_tool(struct tool *tool,
                       pid_t pid,
                       const struct nvb_id_extent *extents,
                       size_t n,
                       struct nvb_err *err)
{
    posix_spawn_file_actions_t actions;
    nvb_auto_strv words = { 0 };
    int ends[2] = { -1, -1 };
    int failed = 0;

    nvb_strv_add(&words, tool->name);
    nvb_strv_addf(&words, "%d", (int)pid);
    for (size_t i = 0; i < n; i++) {
        nvb_strv_addf(&words, "%u", extents[i].inside);
        nvb_strv_addf(&words, "%u", extents[i].outside);
        nvb_strv_addf(&words, "%u", extents[i].count);
    }
    if (pipe2(ends, O_CLOEXEC) < 0)
        return nvb_fail_errno(err, NVB_D_IMAGE, "cannot make a pipe");
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    failed = posix_spawnp(&tool->pid, tool->name, &actions, NULL, words.items, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    tool->output = ends[0];
    if (failed) {
        errno = failed;
        nvb_fail_errno(err, NVB_D_IMAGE, "cannot start '%s'", tool->name);
        return nvb_hint(err, "install uidmap (Debian, Ubuntu) or shadow (Arch)");
    }
    return true;
}

static bool end_tool(struct tool *tool, struct nvb_err *err)
{
    nvb_autoclose int output = nvb_steal_fd(&tool->output);
    char text[TOOL_TEXT_MAX];
    ssize_t got = 0;
    int status = 0;

    if (tool->pid <= 0)
        return false;
    got = read(output, text, sizeof(text) - 1);
    text[got > 0 ? got : 0] = '\0';
    while (waitpid(tool->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    text[strcspn(text, "\n")] = '\0';
    nvb_fail(err, NVB_D_IMAGE, NVB_E_DENIED, "%s",
             *text ? text : "the subordinate ids could not be mapped");
    nvb_while(err, "%s refused the subordinate ids", tool->name);
    return nvb_hint(err,
                    "look at /etc/subuid and /etc/subgid, and that %s is setuid root or has "
                    "the capability",
                    tool->name);
}

/* Both at the same time: each costs a millisecond. */
static bool run_tools(const struct nvb_store_ids *ids, pid_t pid, struct nvb_err *err)
{
    struct tool uids = { .name = "newuidmap", .output = -1 };
    struct tool gids = { .name = "newgidmap", .output = -1 };
    nvb_auto_err second = { 0 };
    bool ok = start_tool(&uids, pid, ids->uids, ids->n_uids, err) &&
              start_tool(&gids, pid, ids->gids, ids->n_gids, err);
    bool is_uids = uids.pid > 0 && end_tool(&uids, ok ? err : &second);

    /* One error is enough. */
    return (gids.pid > 0 && end_tool(&gids, ok && is_uids ? err : &second)) && is_uids && ok;
}

bool nvb_store_ids_map(const struct nvb_store_ids *ids, pid_t pid, struct nvb_err *err)
{
    return ids->kind == NVB_IDS_FULL ? run_tools(ids, pid, err) : write_maps(ids, pid, err);
}
